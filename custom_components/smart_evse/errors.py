"""The one place where a device's error becomes a Home Assistant error."""

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .links.errors import (
    BadCredentials,
    Busy,
    DeviceError,
    Refused,
    Silent,
    Unreachable,
    Unusable,
    WrongDevice,
    WrongUnit,
)

# The first kind that fits decides, so the special ones stand before the general ones.
_KEYS: tuple[tuple[type[DeviceError], str], ...] = (
    (WrongUnit, "wrong_unit"),
    (WrongDevice, "wrong_device"),
    (Silent, "silent"),
    (Unreachable, "unreachable"),
    (Busy, "busy"),
    (BadCredentials, "bad_credentials"),
    (Refused, "refused"),
    (Unusable, "unusable"),
)


def error_key(err: DeviceError) -> str:
    """Return the translation key of a device's error."""
    return next((key for kind, key in _KEYS if isinstance(err, kind)), "unknown")


def home_assistant_error(err: DeviceError, device: str) -> HomeAssistantError:
    """Return a device's error in Home Assistant's words; `device` is what its owner calls it."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=error_key(err),
        translation_placeholders={"charger": device, "detail": str(err)},
    )


def mistake(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the translated error for something that a person should ask differently."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)
