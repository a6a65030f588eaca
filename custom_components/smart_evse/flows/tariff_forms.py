"""The forms about a tariff: one for each that people have in mind, and one for the terms that all of them have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import DateTimeSelector, FileSelector, FileSelectorConfig
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import CONF_CHARGERS, CONF_DRIVERS, CONF_VEHICLES
from ..engine.tariffs import presets
from ..engine.tariffs.model import Bound, Subscription, Tariff
from ..engine.tariffs.presets import Heading
from ..rules import ATTR_VALID_FROM, ATTR_VALID_UNTIL
from .fields import (
    ANSWER,
    BOUNDS,
    LINES,
    MORE,
    SUBSCRIPTION,
    TEXT,
    TIME,
    WHOM,
    YES_OR_NO,
    Answers,
    choice,
    fold,
    money,
    named,
    number,
    price,
)
from .probe import Unfit

VAT: Final = "vat"
VAT_INCLUDED: Final = "vat_included"
LEAST: Final = "least"
MOST: Final = "most"
FEE: Final = "fee"
INCLUDED: Final = "included"
OCPI: Final = "ocpi"
JSON_TEXT: Final = "json_text"
JSON_FILE: Final = "json_file"
RIGHT: Final = "right"
AGAIN: Final = "again"

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
_START: Final = "start_fee"
_IDLE: Final = "idle_price"
_IDLE_AFTER: Final = "idle_after"

type Fields = dict[vol.Marker, object]
type Names = Mapping[str, str]

CHECK_FORM: Final = vol.Schema({vol.Required(ANSWER, default=RIGHT): choice("prices", (RIGHT, AGAIN))})


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
    least, most = _given(said, LEAST), _given(said, MOST)
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
                heading, exact(said[_GRID]), exact(said[_SUN]), _given(said, _BATTERY)
            ),
        ),
        "sun_at_feed_in": Kind(
            fields=_feed_in_fields,
            make=lambda heading, said: presets.sun_at_feed_in(heading, exact(said[_MORE_PRICE])),
        ),
        "start_energy_idle": Kind(fields=_idle_fields, make=_idle),
        "free": Kind(fields=lambda _currency, _usual: {}, make=lambda heading, _: presets.free(heading)),
        OCPI: Kind(fields=_ocpi_fields, make=_never, tells_terms=True),
    }
)
"""Every tariff that has a form, in the order in which it is offered."""


def kind_form(kind: str, currency: str, usual: float) -> vol.Schema:
    return vol.Schema({vol.Required(CONF_NAME): TEXT, **KINDS[kind].fields(currency, usual)})


def terms_form(currency: str, whom: Mapping[str, Names], *, told: bool, changes: bool) -> vol.Schema:
    """Return the form about what all tariffs have; what was `told` with the prices is not asked again.

    One that `changes` has to begin some time, and for whom it is stays.
    """
    fields: Fields = {}
    if not told:
        fields[vol.Optional(VAT)] = number(0, 100, "any", "%")
        fields[vol.Required(VAT_INCLUDED, default=True)] = YES_OR_NO
    fields[(vol.Required if changes else vol.Optional)(ATTR_VALID_FROM)] = DateTimeSelector()
    fields[vol.Optional(ATTR_VALID_UNTIL)] = DateTimeSelector()
    if not changes and (asked := whom_fields(whom)):
        fields |= fold(WHOM, asked)
    if not told:
        fields |= fold(BOUNDS, {vol.Optional(LEAST): money(currency), vol.Optional(MOST): money(currency)})
    fee = {vol.Optional(FEE): money(currency), vol.Optional(INCLUDED): number(0, 100_000, 1, "kWh")}
    return vol.Schema(fields | fold(SUBSCRIPTION, fee))


def whom_fields(whom: Mapping[str, Names]) -> Fields:
    """Ask for whom a tariff is, by what there is at the site."""
    return {vol.Optional(field): named(names, several=True) for field, names in whom.items() if names}


def whom_said(said: Answers) -> dict[str, list[str]]:
    """Return for whom a tariff is; what was left empty is everybody's."""
    return {field: list(said.get(field, ())) for field in (CONF_DRIVERS, CONF_VEHICLES, CONF_CHARGERS)}


def heading_of(name: str, currency: str, terms: Answers) -> Heading:
    """Return what the terms say; raises `Unfit` where they contradict themselves."""
    begin, end = instant(terms.get(ATTR_VALID_FROM)), instant(terms.get(ATTR_VALID_UNTIL))
    if begin is not None and end is not None and end <= begin:
        raise Unfit("ends_before_it_begins", ATTR_VALID_UNTIL)
    return Heading(
        id="",
        name=name,
        currency=currency,
        vat=_given(terms, VAT),
        vat_included=terms.get(VAT_INCLUDED, True),
        valid_from=begin,
        valid_until=end,
        subscription=_subscription(terms),
    )


def bounded(tariff: Tariff, terms: Answers) -> Tariff:
    """Return a tariff with its least and most price of a session, which hold VAT where its prices do."""
    least, most = _given(terms, LEAST), _given(terms, MOST)
    if least is not None and most is not None and most < least:
        raise Unfit("least_above_most")
    return replace(tariff, least=_bound(tariff, least), most=_bound(tariff, most))


def read_again(read: Tariff, heading: Heading) -> Tariff:
    """Return a tariff that was read with what was asked about it beside. Its fee has the VAT of its first price."""
    fee, first = heading.subscription, read.elements[0].components[0] if read.elements else None
    return replace(
        read,
        id="",
        name=heading.name,
        subscription=None if fee is None else replace(fee, vat=None if first is None else first.vat),
        valid_from=heading.valid_from or read.valid_from,
        valid_until=heading.valid_until or read.valid_until,
    )


def exact(typed: float) -> Decimal:
    """Return a number as somebody typed it: a number field always hands over a float."""
    return Decimal(str(typed)).normalize() + 0


def instant(typed: str | None) -> datetime | None:
    """Return a time of the clock of the site in UTC."""
    at = None if typed is None else dt_util.parse_datetime(typed)
    return None if at is None else dt_util.as_utc(at)


def typed(at: datetime | None) -> str | None:
    """Return a time as a form has it."""
    return None if at is None else dt_util.as_local(at).strftime("%Y-%m-%d %H:%M:%S")


def _given(said: Mapping[str, Any], field: str) -> Decimal | None:
    return None if said.get(field) is None else exact(said[field])


def _subscription(terms: Answers) -> Subscription | None:
    fee, included = _given(terms, FEE), terms.get(INCLUDED, 0)
    if fee is None and not included:
        return None
    return Subscription(fee=fee or Decimal(0), included=round(included * 1000), vat=_given(terms, VAT))


def _bound(tariff: Tariff, amount: Decimal | None) -> Bound:
    return Bound(with_vat=amount) if tariff.vat_included else Bound(before_vat=amount)
