"""A reason in the owner's language.

The sentences live under `common` in the translations: that section takes placeholders, is loaded
in Home Assistant's own language with English behind it, and is nobody's error message.
"""

from collections.abc import Mapping
from contextlib import suppress

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .engine.model import Reason, ReasonKey

_WHOLE = frozenset({"age", "energy", "needed", "reserve", "seconds", "soc", "watts"})
"""Figures nobody reads a decimal of."""


@callback
def sentence(hass: HomeAssistant, reason: Reason) -> str:
    """Say in one sentence why a connector does what it does."""
    return _render(hass, f"reason_{reason.key}", dict(reason.placeholders))


@callback
def advice(hass: HomeAssistant, key: ReasonKey) -> str:
    """Say what would have to change for a car to charge that this reason keeps from it."""
    return _render(hass, f"help_{key}", {})


def _render(hass: HomeAssistant, key: str, figures: Mapping[str, str]) -> str:
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    text = texts.get(f"component.{DOMAIN}.common.{key}", key)
    with suppress(KeyError):
        # A figure that is missing leaves its name in the sentence, which is better than no sentence.
        return text.format(**{name: _plain(name, value) for name, value in figures.items()})
    return text


def _plain(name: str, value: str) -> str:
    if name in _WHOLE:
        with suppress(ValueError, OverflowError):
            return str(round(float(value)))
    return value
