"""The forms about a capacity tariff: one that we know, or one of the owner's own."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from ..const import CONF_CAPACITY_PRICE, CONF_CAPACITY_TARIFF
from ..engine.capacity_presets import PRESETS
from ..engine.capacity_tariff import CapacityTariff
from .fields import YES_OR_NO, Answers, choice, more, number, watts
from .settings import Options

NONE = "none"
OWN = "own"
CAPACITY_KEYS = frozenset({CONF_CAPACITY_TARIFF, CONF_CAPACITY_PRICE})

NEW_PEAK = "may_set_new_peak"
ACCEPTED_PEAK = "accepted_peak"

_MINUTES = "minutes"
_TOP = "top"
_DISTINCT = "distinct_days"
_FLOOR = "floor"
_MONTHS = "months"
_HOURS = "hours"
_WEEKDAYS = "weekdays"
FIRST_HOUR = "first_hour"
LAST_HOUR = "last_hour"
WORKDAYS_ONLY = "workdays_only"

_USUAL = CapacityTariff()
_EVERY_MONTH = [str(month) for month in range(1, 13)]


def capacity_form(currency: str, *, is_running: bool) -> vol.Schema:
    """Ask for the tariff and its price; how far the month's peak may go is a matter of the running site."""
    fields: dict[vol.Marker, object] = {
        vol.Required(CONF_CAPACITY_TARIFF, default=NONE): choice("capacity_tariff", [NONE, *PRESETS, OWN]),
        vol.Optional(CONF_CAPACITY_PRICE): number(0, 100_000, 0.01, f"{currency}/kW"),
    }
    if is_running:
        fields[vol.Required(NEW_PEAK, default=False)] = YES_OR_NO
        fields |= more({vol.Optional(ACCEPTED_PEAK): watts(100_000)})
    return vol.Schema(fields)


OWN_FORM = vol.Schema(
    {
        vol.Required(_MINUTES, default="15"): choice("slot_minutes", ["15", "30", "60"]),
        vol.Required(_TOP, default=1): number(1, 12),
        vol.Required(_DISTINCT, default=False): YES_OR_NO,
        vol.Optional(_FLOOR): watts(100_000),
    }
    | more(
        {
            vol.Required(FIRST_HOUR, default=0): number(0, 23),
            vol.Required(LAST_HOUR, default=24): number(1, 24),
            vol.Required(WORKDAYS_ONLY, default=False): YES_OR_NO,
            vol.Optional(_MONTHS): choice("month", _EVERY_MONTH, several=True),
        }
    )
)


def chosen_tariff(options: Options) -> str:
    """Return which tariff the options hold, as the form names it."""
    tariff = options.get(CONF_CAPACITY_TARIFF)
    return OWN if isinstance(tariff, Mapping) else str(tariff or NONE)


def own_tariff(answers: Answers) -> dict[str, Any]:
    """Make of the answers the fields of a `CapacityTariff`; the hours may pass midnight."""
    first, last = int(answers[FIRST_HOUR]), int(answers[LAST_HOUR])
    hours = range(first, last) if first < last else [*range(first, 24), *range(last)]
    return {
        _MINUTES: int(answers[_MINUTES]),
        _TOP: int(answers[_TOP]),
        _DISTINCT: answers[_DISTINCT],
        _FLOOR: float(answers.get(_FLOOR) or 0.0),
        _HOURS: list(hours),
        _WEEKDAYS: list(range(5 if answers[WORKDAYS_ONLY] else 7)),
        _MONTHS: [int(month) for month in answers.get(_MONTHS) or _EVERY_MONTH],
    }


def own_fields(options: Options) -> Answers:
    """Turn a tariff of the owner's own back into the fields of its form."""
    tariff = options.get(CONF_CAPACITY_TARIFF)
    if not isinstance(tariff, Mapping):
        return {}
    hours = sorted(tariff.get(_HOURS, _USUAL.hours))
    # The first hour is the one that no hour comes before, the last the one that none comes after.
    first = next((hour for hour in hours if (hour - 1) % 24 not in hours), 0)
    last = next((hour + 1 for hour in hours if (hour + 1) % 24 not in hours), 24)
    months = sorted(tariff.get(_MONTHS, _USUAL.months))
    return {
        **tariff,
        _MINUTES: str(tariff.get(_MINUTES, _USUAL.minutes)),
        FIRST_HOUR: first,
        LAST_HOUR: last,
        WORKDAYS_ONLY: len(tariff.get(_WEEKDAYS, _USUAL.weekdays)) == 5,
        _MONTHS: [str(month) for month in months] if len(months) < 12 else [],
    }
