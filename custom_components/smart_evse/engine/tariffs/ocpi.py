"""Reading a tariff as OCPI 2.2.1 and 2.3.0 tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
import json
from typing import Final

from .model import Bound, Component, Element, Restrictions, Tariff
from .ocpi_words import DIMENSIONS, NUMBERS, WEEKDAYS, BadTariff

_DIMENSIONS: Final = {word: dimension for dimension, word in DIMENSIONS.items()}
_LEFT_OUT: Final = ("type", "tariff_alt_url", "energy_mix", "preauthorize_amount")

type _Object = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTariff:
    """A tariff that was read.

    `reserved` is what a reservation costs that was used, `expired` one that was not; `None` where the tariff has no
    price for it. `left_out` names the fields that have no meaning here.
    """

    tariff: Tariff
    reserved: Tariff | None = None
    expired: Tariff | None = None
    left_out: tuple[str, ...] = ()


def read_tariff(text: str) -> ReadTariff:
    """Read the JSON of a tariff; raises `BadTariff`."""
    try:
        content = json.loads(text, parse_float=Decimal)
    except ValueError as err:
        raise BadTariff("JSON") from err
    return tariff_from(content)


def tariff_from(content: object) -> ReadTariff:
    """Read a tariff from JSON that was parsed; raises `BadTariff`. It holds VAT where it says so (2.3.0)."""
    told = _object(content, "tariff")
    taxes = told.get("tax_included", "NO")
    if taxes not in ("YES", "NO", "N/A"):
        raise BadTariff("tax_included")
    elements = [
        _element(_object(each, f"elements[{place}]"), f"elements[{place}]", taxed=taxes != "N/A")
        for place, each in enumerate(_list(told, "elements"))
    ]
    if not elements:
        raise BadTariff("elements")
    key = _text(told, "id")
    whole = Tariff(
        id=key,
        name=_name(told) or key,
        currency=_text(told, "currency").upper(),
        elements=tuple(element for element, reserves in elements if reserves is None),
        least=_bound(told, "min_price"),
        most=_bound(told, "max_price"),
        vat_included=taxes == "YES",
        valid_from=_instant(told, "start_date_time"),
        valid_until=_instant(told, "end_date_time"),
    )
    left_out = [field for field in _LEFT_OUT if told.get(field) is not None]
    if any(reserves is not None for _, reserves in elements):
        left_out.append("reservation")
    return ReadTariff(
        tariff=whole,
        reserved=_reservation(whole, elements, {"RESERVATION"}),
        expired=_reservation(whole, elements, {"RESERVATION", "RESERVATION_EXPIRES"}),
        left_out=tuple(left_out),
    )


def _reservation(whole: Tariff, elements: Sequence[tuple[Element, str | None]], kinds: set[str]) -> Tariff | None:
    """Return the prices of a reservation, without the bounds, which are the session's."""
    found = tuple(element for element, reserves in elements if reserves in kinds)
    return replace(whole, elements=found, least=Bound(), most=Bound()) if found else None


def _element(told: _Object, where: str, *, taxed: bool) -> tuple[Element, str | None]:
    """Return an element, and the kind of reservation that it is for, if any."""
    components = tuple(
        _component(_object(each, where), f"{where}.price_components[{place}]", taxed=taxed)
        for place, each in enumerate(_list(told, "price_components", where))
    )
    if not components:
        raise BadTariff(f"{where}.price_components")
    restrictions = _object(told.get("restrictions") or {}, f"{where}.restrictions")
    reserves = restrictions.get("reservation")
    if reserves not in (None, "RESERVATION", "RESERVATION_EXPIRES"):
        raise BadTariff(f"{where}.restrictions.reservation")
    element = Element(components=components, restrictions=_restrictions(restrictions, f"{where}.restrictions"))
    return element, None if reserves is None else str(reserves)


def _component(told: _Object, where: str, *, taxed: bool) -> Component:
    dimension = _DIMENSIONS.get(str(told.get("type")))
    price = _number(told, "price", where)
    if dimension is None or price is None:
        raise BadTariff(f"{where}.{'price' if dimension else 'type'}")
    step = _whole(told, "step_size", where)
    return Component(
        dimension=dimension,
        price=price,
        vat=_number(told, "vat", where) if taxed else None,
        step=1 if step is None else step,
    )


def _restrictions(told: _Object, where: str) -> Restrictions:
    weekdays = [str(day) for day in _list(told, "day_of_week", where)]
    if not set(weekdays) <= set(WEEKDAYS):
        raise BadTariff(f"{where}.day_of_week")
    return Restrictions(
        start_time=_clock(told, "start_time", where),
        end_time=_clock(told, "end_time", where),
        start_date=_day(told, "start_date", where),
        end_date=_day(told, "end_date", where),
        min_duration=_whole(told, "min_duration", where),
        max_duration=_whole(told, "max_duration", where),
        min_energy=_number(told, NUMBERS["min_energy"], where),
        max_energy=_number(told, NUMBERS["max_energy"], where),
        min_current=_number(told, NUMBERS["min_current"], where),
        max_current=_number(told, NUMBERS["max_current"], where),
        min_power=_number(told, NUMBERS["min_power"], where),
        max_power=_number(told, NUMBERS["max_power"], where),
        weekdays=frozenset(WEEKDAYS.index(day) for day in weekdays),
    )


def _bound(told: _Object, field: str) -> Bound:
    """Read a least or most price: with taxes told as one amount, or one by one."""
    if told.get(field) is None:
        return Bound()
    bound = _object(told[field], field)
    before = _first(bound, ("before_taxes", "excl_vat"), field)
    after = _first(bound, ("after_taxes", "incl_vat"), field)
    taxes = _list(bound, "taxes", field)
    if after is None and before is not None and taxes:
        amounts = [_number(_object(tax, f"{field}.taxes"), "amount", f"{field}.taxes") for tax in taxes]
        after = before + sum((amount for amount in amounts if amount is not None), Decimal(0))
    return Bound(before_vat=before, with_vat=after)


def _first(told: _Object, fields: Sequence[str], where: str) -> Decimal | None:
    return next((number for field in fields if (number := _number(told, field, where)) is not None), None)


def _name(told: _Object) -> str | None:
    """Return what a tariff is called: its text in English, else in the first language that is told."""
    texts = [_object(each, "tariff_alt_text") for each in _list(told, "tariff_alt_text")]
    first = sorted(texts, key=lambda each: each.get("language") != "en")[:1]
    return str(first[0].get("text") or "") if first else None


def _object(value: object, where: str) -> _Object:
    if not isinstance(value, Mapping):
        raise BadTariff(where)
    return value


def _list(told: _Object, field: str, where: str = "") -> Sequence[object]:
    value = told.get(field)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadTariff(f"{where}.{field}".lstrip("."))
    return value


def _text(told: _Object, field: str) -> str:
    value = told.get(field)
    if not isinstance(value, str) or not value:
        raise BadTariff(field)
    return value


def _number(told: _Object, field: str, where: str) -> Decimal | None:
    """Return a number; one that came as a float is taken as it is written."""
    value = told.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise BadTariff(f"{where}.{field}")
    try:
        number = Decimal(str(value))
    except InvalidOperation as err:
        raise BadTariff(f"{where}.{field}") from err
    if not number.is_finite():
        raise BadTariff(f"{where}.{field}")
    return number


def _whole(told: _Object, field: str, where: str) -> int | None:
    number = _number(told, field, where)
    if number is not None and (number < 0 or number != int(number)):
        raise BadTariff(f"{where}.{field}")
    return None if number is None else int(number)


def _clock(told: _Object, field: str, where: str) -> time | None:
    value = told.get(field)
    try:
        return None if value is None else time.fromisoformat(str(value))
    except ValueError as err:
        raise BadTariff(f"{where}.{field}") from err


def _day(told: _Object, field: str, where: str) -> date | None:
    value = told.get(field)
    try:
        return None if value is None else date.fromisoformat(str(value))
    except ValueError as err:
        raise BadTariff(f"{where}.{field}") from err


def _instant(told: _Object, field: str) -> datetime | None:
    """Return a time; without a zone it is UTC."""
    value = told.get(field)
    try:
        instant = None if value is None else datetime.fromisoformat(str(value))
    except ValueError as err:
        raise BadTariff(field) from err
    if instant is None:
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
