"""Telling a tariff as OCPI 2.2.1 and 2.3.0 do."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
import json

from .model import Bound, Component, Element, Restrictions, Tariff
from .ocpi_words import BOUNDS, DIMENSIONS, NUMBERS, WEEKDAYS, Json, NotInOcpi, Operator, Version


def tariff_object(
    tariff: Tariff, version: Version, operator: Operator, last_updated: datetime, language: str = "en"
) -> dict[str, Json]:
    """Return a tariff as OCPI's object; raises `NotInOcpi`, which names what OCPI has no words for."""
    _check(tariff, version)
    return _told(
        {
            "country_code": operator.country,
            "party_id": operator.party,
            "id": tariff.id,
            "currency": tariff.currency,
            "tariff_alt_text": [{"language": language, "text": tariff.name}] if tariff.name != tariff.id else None,
            "min_price": _bound(tariff.least, version, "least"),
            "max_price": _bound(tariff.most, version, "most"),
            "elements": [_element(element) for element in tariff.elements],
            "tax_included": ("YES" if tariff.vat_included else "NO") if version is Version.V2_3_0 else None,
            "start_date_time": None if tariff.valid_from is None else stamp(tariff.valid_from),
            "end_date_time": None if tariff.valid_until is None else stamp(tariff.valid_until),
            "last_updated": stamp(last_updated),
        }
    )


def stamp(at: datetime) -> str:
    """Return a time as OCPI writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def json_text(value: Json) -> str:
    """Return JSON in which every number stands as it is, digit by digit."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {json_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(json_text(each) for each in value) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _check(tariff: Tariff, version: Version) -> None:
    if tariff.subscription is not None:
        raise NotInOcpi("subscription")
    if not tariff.elements:
        raise NotInOcpi("elements")
    components = [component for element in tariff.elements for component in element.components]
    if any(component.follows is not None for component in components):
        raise NotInOcpi("follows")
    if any(element.restrictions.sources for element in tariff.elements):
        raise NotInOcpi("sources")
    # Its prices never hold VAT, and what they are without it is seldom a number that can be written down.
    if version is Version.V2_2_1 and tariff.vat_included and any(component.vat for component in components):
        raise NotInOcpi("vat_included")


def _told(fields: Mapping[str, Json]) -> dict[str, Json]:
    return {field: value for field, value in fields.items() if value is not None}


def _element(element: Element) -> dict[str, Json]:
    restrictions = dict(_restrictions(element.restrictions))
    return _told(
        {
            "price_components": [_component(component) for component in element.components],
            "restrictions": restrictions or None,
        }
    )


def _component(component: Component) -> dict[str, Json]:
    return _told(
        {
            "type": DIMENSIONS[component.dimension],
            "price": component.price,
            "vat": component.vat,
            "step_size": component.step,
        }
    )


def _restrictions(restrictions: Restrictions) -> Iterator[tuple[str, Json]]:
    for field in ("start_time", "end_time"):
        clock: time | None = getattr(restrictions, field)
        if clock is not None:
            if clock.second or clock.microsecond:
                raise NotInOcpi(field)
            yield field, clock.strftime("%H:%M")
    for field, day in (("start_date", restrictions.start_date), ("end_date", restrictions.end_date)):
        if day is not None:
            yield field, day.isoformat()
    for ours, theirs in NUMBERS.items():
        number: Decimal | None = getattr(restrictions, ours)
        if number is not None:
            yield theirs, number
    for field, seconds in (("min_duration", restrictions.min_duration), ("max_duration", restrictions.max_duration)):
        if seconds is not None:
            yield field, seconds
    if restrictions.weekdays:
        yield "day_of_week", [WEEKDAYS[day] for day in sorted(restrictions.weekdays)]


def _bound(bound: Bound, version: Version, what: str) -> Json:
    """Return a least or most price; OCPI knows none that is stated with VAT alone."""
    if bound == Bound():
        return None
    if bound.before_vat is None:
        raise NotInOcpi(what)
    before, after = BOUNDS[version]
    return _told({before: bound.before_vat, after: bound.with_vat})
