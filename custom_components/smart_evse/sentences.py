"""A reason in the owner's language.

The sentences live under `common` in the translations: that section takes placeholders, is loaded
in Home Assistant's own language with English behind it, and is nobody's error message.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
import math

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .documents.separators import separators
from .engine.model import Reason, ReasonKey
from .engine.plan import PlanReason
from .engine.sessions.analysis import SPEEDS

_SPEED = "speed_"
"""How the statistics of energy by speed begin."""

_WHOLE = frozenset({"age", "count", "energy", "needed", "reserve", "seconds", "soc", "watts"})
"""Figures nobody reads a decimal of."""


@callback
def sentence(hass: HomeAssistant, reason: Reason) -> str:
    """Say in one sentence why a connector does what it does."""
    figures = dict(reason.placeholders)
    if reason.key is ReasonKey.PLAN_WAITING and _is_over(figures.get("time", "")):
        return _render(hass, "plan_waiting_now", {})
    return _render(hass, f"reason_{reason.key}", figures)


@callback
def complaint(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Say what an error says in the owner's language: it is written into a repair, and not only shown to who asked."""
    texts = async_get_cached_translations(hass, hass.config.language, "exceptions", DOMAIN)
    text = texts.get(f"component.{DOMAIN}.exceptions.{err.translation_key}.message")
    if text is None or err.translation_domain != DOMAIN:
        return str(err)
    with suppress(KeyError):
        return text.format(**(err.translation_placeholders or {}))
    return str(err)


@callback
def advice(hass: HomeAssistant, key: ReasonKey) -> str:
    """Say what would have to change for a car to charge that this reason keeps from it."""
    return _render(hass, f"help_{key}", {})


@callback
def plan_words(hass: HomeAssistant, reason: PlanReason) -> str:
    """Say in words what a car does in a slot of the plan."""
    texts = async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
    return texts.get(f"component.{DOMAIN}.entity.sensor.plan.state.{reason}", reason.value)


@callback
def question(hass: HomeAssistant, charger: str) -> str:
    """Ask who is charging."""
    return _render(hass, "who_is_charging", {"charger": charger})


@callback
def statistic_name(hass: HomeAssistant, kind: str, charger: str) -> str:
    """Name a statistic of a charger."""
    return _render(hass, f"statistic_{kind}", {"charger": charger})


def use_statistic_name(hass: HomeAssistant, kind: str, site: str) -> str:
    """Name a statistic of how the chargers of a site are used."""
    if not kind.startswith(_SPEED):
        return _render(hass, f"statistic_use_{kind}", {"site": site})
    place = int(kind.removeprefix(_SPEED))
    if place == len(SPEEDS):
        return _render(hass, "statistic_use_fastest", {"site": site, "kilowatts": f"{SPEEDS[-1] / 1000:g}"})
    return _render(hass, "statistic_use_up_to", {"site": site, "kilowatts": f"{SPEEDS[place] / 1000:g}"})


def _render(hass: HomeAssistant, key: str, figures: Mapping[str, str]) -> str:
    text = _text(hass, key)
    with suppress(KeyError):
        # A figure that is missing leaves its name in the sentence, which is better than no sentence.
        return text.format(**{name: _shown(hass, name, value) for name, value in figures.items()})
    return text


def _text(hass: HomeAssistant, key: str) -> str:
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    return texts.get(f"component.{DOMAIN}.common.{key}", key)


def _shown(hass: HomeAssistant, name: str, value: str) -> str:
    with suppress(ValueError, OverflowError):
        if name in _WHOLE:
            return str(round(float(value)))
        if (show := _SHOWN.get(name)) is not None:
            return show(hass, value)
    return value


def _time(hass: HomeAssistant, value: str) -> str:
    """Return the time on the clock at the site, with the weekday where it is not today's."""
    local = dt_util.as_local(datetime.fromisoformat(value))
    clock = f"{local:%H:%M}"
    if local.date() == dt_util.now().date():
        return clock
    return _text(hass, "time_on_weekday").format(weekday=_text(hass, f"weekday_{local.weekday()}"), time=clock)


def _is_over(value: str) -> bool:
    """Say whether a time has come: a plan may reckon with a sun that is not there yet."""
    with suppress(ValueError):
        return datetime.fromisoformat(value) <= dt_util.utcnow()
    return False


def _price(hass: HomeAssistant, value: str) -> str:
    """Return what a kWh costs: tenths of a cent where it is little, whole units where it is much."""
    price = float(value)
    decimals = next((count for count, least in ((0, 100), (2, 1)) if abs(price) >= least), 3)
    text = f"{price:.{decimals}f}"
    return f"{_decimals(hass, text.removesuffix('0') if decimals == 3 else text)} {hass.config.currency}"


def _decimals(hass: HomeAssistant, value: str) -> str:
    """Return a plain number as it is written in the language of the sentence."""
    return value.replace(".", separators(hass.config.language, None).decimal)


def _amps(hass: HomeAssistant, value: str) -> str:
    return _decimals(hass, value) if math.isfinite(float(value)) else value


_SHOWN: Mapping[str, Callable[[HomeAssistant, str], str]] = {
    "time": _time,
    "price": _price,
    "amps": _amps,
    "headroom": _amps,
    "minimum": _amps,
}
