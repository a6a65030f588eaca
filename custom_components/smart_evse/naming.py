"""Finding by its name what people name."""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN
from .errors import mistake


def meant(told: str, names: Mapping[str, str], unknown: str) -> str:
    """Return the id of what was told, by id or name; the mistake `unknown` where that is none, or more than one."""
    if told in names:
        return told
    found = [key for key, name in names.items() if name.casefold() == told.strip().casefold()]
    if len(found) != 1:
        raise mistake(unknown, name=told)
    return found[0]


@callback
def of_device(hass: HomeAssistant, told: str) -> str:
    """Return what a device of ours stands for, where a device was told; else what was told."""
    device = dr.async_get(hass).async_get(told)
    return told if device is None else next((key for domain, key in device.identifiers if domain == DOMAIN), told)
