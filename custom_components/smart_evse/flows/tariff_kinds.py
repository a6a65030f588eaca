"""The tariffs that people have in mind: a form for each, and what its answers make."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from homeassistant.helpers.selector import FileSelector, FileSelectorConfig
import voluptuous as vol

from ..engine.tariffs import presets
from ..engine.tariffs.model import Step, Tariff
from ..engine.tariffs.presets import Heading
from .fields import LINES, MORE, TIME, YES_OR_NO, Answers, fold, money, number, percent, price
from .probe import Unfit

LEAST: Final = "least"
MOST: Final = "most"
OCPI: Final = "ocpi"
JSON_TEXT: Final = "json_text"
JSON_FILE: Final = "json_file"

_MORE_PRICE: Final = "surcharge"
_FACTOR: Final = "factor"
_PRICE: Final = "price"
_DAY: Final = "day_price"
_NIGHT: Final = "night_price"
_BEGINS: Final = "night_begins"
_ENDS: Final = "night_ends"
_WEEKEND: Final = "weekend"
_GRID: Final = "grid_price"
_SUN: Final = "sun_price"
_BATTERY: Final = "battery_price"
_BUSY: Final = "busy_from"
_BUSY_MORE: Final = "busy_surcharge"
_FULL: Final = "full_from"
_FULL_MORE: Final = "full_surcharge"
_START: Final = "start_fee"
_IDLE: Final = "idle_price"
_IDLE_AFTER: Final = "idle_after"

type Fields = dict[vol.Marker, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A tariff that people have in mind: the fields of its form, and what their answers make.

    The form is in a currency, and begins with what a kWh usually costs: a browser begins a number with the least.

    `tells_terms` says that VAT, validity and bounds come with it.
    """

    fields: Callable[[str, float], Fields]
    make: Callable[[Heading, Answers], Tariff]
    tells_terms: bool = False


def _flat_fields(currency: str, usual: float) -> Fields:
    return {vol.Required(_PRICE, default=usual): price(currency)}


def _dynamic_fields(currency: str, _usual: float) -> Fields:
    rare = {
        vol.Required(_FACTOR, default=1): number(0, 10, "any"),
        vol.Optional(LEAST): price(currency),
        vol.Optional(MOST): price(currency),
    }
    return {vol.Required(_MORE_PRICE, default=0): price(currency), **fold(MORE, rare)}


def _dynamic(heading: Heading, said: Answers) -> Tariff:
    least, most = in_form(said, LEAST), in_form(said, MOST)
    if least is not None and most is not None and most < least:
        raise Unfit("least_above_most")
    return presets.dynamic_price(heading, exact(said[_MORE_PRICE]), factor=exact(said[_FACTOR]), least=least, most=most)


def _night_fields(currency: str, usual: float) -> Fields:
    return {
        vol.Required(_DAY, default=usual): price(currency),
        vol.Required(_NIGHT, default=round(usual * 0.8, 2)): price(currency),
        vol.Required(_BEGINS, default="22:00:00"): TIME,
        vol.Required(_ENDS, default="06:00:00"): TIME,
        vol.Required(_WEEKEND, default=False): YES_OR_NO,
    }


def _night(heading: Heading, said: Answers) -> Tariff:
    begins, ends = time.fromisoformat(said[_BEGINS]), time.fromisoformat(said[_ENDS])
    if begins == ends:
        raise Unfit("no_night", _ENDS)
    day, night = exact(said[_DAY]), exact(said[_NIGHT])
    return presets.night_and_day(heading, day, night, begins, ends, weekend=said[_WEEKEND])


def _sun_fields(currency: str, usual: float) -> Fields:
    return {
        vol.Required(_GRID, default=usual): price(currency),
        vol.Required(_SUN, default=round(usual / 3, 2)): price(currency),
        **fold(MORE, {vol.Optional(_BATTERY): price(currency)}),
    }


def _feed_in_fields(currency: str, _usual: float) -> Fields:
    return {vol.Required(_MORE_PRICE, default=0): price(currency)}


def _idle_fields(currency: str, usual: float) -> Fields:
    return {
        vol.Required(_START, default=0): money(currency),
        vol.Required(_PRICE, default=usual): price(currency),
        vol.Required(_IDLE, default=0): number(0, 1000, "any", f"{currency}/h"),
        vol.Optional(_IDLE_AFTER): number(0, 2880, 5, "min"),
    }


def _idle(heading: Heading, said: Answers) -> Tariff:
    idle_from = round(said.get(_IDLE_AFTER, 0) * 60)
    start, energy, idle = exact(said[_START]), exact(said[_PRICE]), exact(said[_IDLE])
    return presets.start_energy_idle(heading, start, energy, idle, idle_from=idle_from)


def _demand_fields(currency: str, usual: float) -> Fields:
    return {
        vol.Required(_PRICE, default=usual): price(currency),
        vol.Required(_BUSY, default=60): percent(),
        vol.Required(_BUSY_MORE, default=round(usual / 3, 2)): price(currency),
        vol.Optional(_FULL): percent(),
        vol.Optional(_FULL_MORE): price(currency),
    }


def _demand(heading: Heading, said: Answers) -> Tariff:
    steps = [Step(share=exact(said[_BUSY]) / 100, more=exact(said[_BUSY_MORE]))]
    if _FULL in said and _FULL_MORE in said:
        if said[_FULL] <= said[_BUSY]:
            raise Unfit("shares_out_of_order", _FULL)
        steps.append(Step(share=exact(said[_FULL]) / 100, more=exact(said[_FULL_MORE])))
    return presets.by_demand(heading, exact(said[_PRICE]), tuple(steps))


def _ocpi_fields(_currency: str, _usual: float) -> Fields:
    return {
        vol.Optional(JSON_TEXT): LINES,
        vol.Optional(JSON_FILE): FileSelector(FileSelectorConfig(accept=".json,application/json")),
    }


def _never(_heading: Heading, _said: Answers) -> Tariff:
    raise NotImplementedError


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "flat_price": Kind(
            fields=_flat_fields, make=lambda heading, said: presets.flat_price(heading, exact(said[_PRICE]))
        ),
        "dynamic_price": Kind(fields=_dynamic_fields, make=_dynamic),
        "night_and_day": Kind(fields=_night_fields, make=_night),
        "sun_and_grid": Kind(
            fields=_sun_fields,
            make=lambda heading, said: presets.sun_and_grid(
                heading, exact(said[_GRID]), exact(said[_SUN]), in_form(said, _BATTERY)
            ),
        ),
        "sun_at_feed_in": Kind(
            fields=_feed_in_fields,
            make=lambda heading, said: presets.sun_at_feed_in(heading, exact(said[_MORE_PRICE])),
        ),
        "start_energy_idle": Kind(fields=_idle_fields, make=_idle),
        "free": Kind(fields=lambda _currency, _usual: {}, make=lambda heading, _: presets.free(heading)),
        "by_demand": Kind(fields=_demand_fields, make=_demand),
        OCPI: Kind(fields=_ocpi_fields, make=_never, tells_terms=True),
    }
)
"""Every tariff that has a form, in the order in which it is offered."""


def exact(typed: float) -> Decimal:
    """Return a number as somebody typed it: a number field always hands over a float."""
    return Decimal(str(typed)).normalize() + 0


def in_form(said: Mapping[str, Any], field: str) -> Decimal | None:
    """Return a number of a form, `None` where the field was left empty."""
    return None if said.get(field) is None else exact(said[field])
