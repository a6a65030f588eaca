"""Tariffs through OCPI's JSON and back, and what it has no words for."""

from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
import json

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.tariffs.model import (
    Basis,
    Bound,
    Component,
    Dimension,
    Element,
    Follows,
    Restrictions,
    Source,
    Subscription,
    Tariff,
)
from custom_components.smart_evse.engine.tariffs.ocpi import read_tariff, tariff_from
from custom_components.smart_evse.engine.tariffs.ocpi_out import json_text, tariff_object
from custom_components.smart_evse.engine.tariffs.ocpi_words import BadTariff, NotInOcpi, Operator, Version
from tests.engine.examples import examples

from .worlds import AMOUNTS, PLAIN_ELEMENTS

US = Operator(country="NL", party="SEV")
UPDATED = datetime(2026, 3, 2, 9, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
BOUNDS = st.just(Bound()) | st.builds(Bound, before_vat=AMOUNTS, with_vat=st.none() | AMOUNTS)

PLAIN_TARIFFS = st.builds(
    Tariff,
    id=st.text("abcXYZ0189-", min_size=1, max_size=36),
    name=st.text(min_size=1, max_size=40),
    currency=st.sampled_from(["EUR", "SEK"]),
    elements=PLAIN_ELEMENTS,
    least=BOUNDS,
    most=BOUNDS,
    vat_included=st.booleans(),
    valid_from=st.none() | INSTANTS,
    valid_until=st.none() | INSTANTS,
)

ENERGY = Component(dimension=Dimension.ENERGY, price=Decimal("0.30"), vat=Decimal(21))
PLAIN = Tariff(id="T", name="T", currency="EUR", elements=(Element(components=(ENERGY,)),), vat_included=False)


@settings(max_examples=examples(200), deadline=None)
@given(PLAIN_TARIFFS, st.sampled_from(Version))
def test_tariff_goes_through_ocpi_and_back(tariff: Tariff, version: Version) -> None:
    if version is Version.V2_2_1:
        tariff = replace(tariff, vat_included=False)
    read = read_tariff(json_text(tariff_object(tariff, version, US, UPDATED)))
    assert read.tariff == tariff
    assert (read.reserved, read.expired, read.left_out) == (None, None, ())


def only(**restrictions: object) -> Tariff:
    return replace(PLAIN, elements=(Element(components=(ENERGY,), restrictions=Restrictions(**restrictions)),))


@pytest.mark.parametrize(
    ("tariff", "what"),
    [
        (replace(PLAIN, subscription=Subscription(fee=Decimal(9))), "subscription"),
        (only(sources=frozenset({Source.SUN})), "sources"),
        (only(start_time=time(6, 0, 30)), "start_time"),
        (replace(PLAIN, least=Bound(with_vat=Decimal(1))), "least"),
        (replace(PLAIN, most=Bound(with_vat=Decimal(1))), "most"),
        (
            replace(
                PLAIN,
                elements=(Element(components=(replace(ENERGY, follows=Follows(basis=Basis.SITE_PRICE)),)),),
            ),
            "follows",
        ),
        (replace(PLAIN, elements=()), "elements"),
    ],
)
def test_what_ocpi_cannot_say_is_named(tariff: Tariff, what: str) -> None:
    for version in Version:
        with pytest.raises(NotInOcpi, match=what) as raised:
            tariff_object(tariff, version, US, UPDATED)
        assert raised.value.what == what


def test_prices_of_2_2_1_never_hold_vat() -> None:
    tariff = replace(PLAIN, vat_included=True)
    with pytest.raises(NotInOcpi, match="vat_included"):
        tariff_object(tariff, Version.V2_2_1, US, UPDATED)
    assert tariff_object(tariff, Version.V2_3_0, US, UPDATED)["tax_included"] == "YES"
    assert "tax_included" not in tariff_object(PLAIN, Version.V2_2_1, US, UPDATED)


def told(**more: object) -> dict[str, object]:
    return {
        "id": "12",
        "currency": "eur",
        "elements": [{"price_components": [{"type": "ENERGY", "price": 0.1, "vat": 19.0, "step_size": 1}]}],
    } | more


@pytest.mark.parametrize(
    "bound",
    [
        {"excl_vat": 0.5, "incl_vat": 0.6},
        {"before_taxes": 0.5, "after_taxes": 0.6},
        {"before_taxes": 0.5, "taxes": [{"name": "VAT", "amount": 0.07}, {"name": "local", "amount": 0.03}]},
    ],
)
def test_every_shape_of_a_least_price_is_read(bound: object) -> None:
    assert tariff_from(told(min_price=bound)).tariff.least == Bound(before_vat=Decimal("0.5"), with_vat=Decimal("0.6"))


def test_numbers_are_taken_as_they_are_written() -> None:
    (element,) = tariff_from(told()).tariff.elements
    assert element.components[0].price == Decimal("0.1")
    (element,) = read_tariff(json.dumps(told())).tariff.elements
    assert element.components[0].price == Decimal("0.1")


def test_names_and_what_is_left_out() -> None:
    texts = [{"language": "nl", "text": "Nacht"}, {"language": "en", "text": "Night"}]
    read = tariff_from(
        told(type="REGULAR", tariff_alt_text=texts, tariff_alt_url="https://example.com", energy_mix={}, party_id="X")
    )
    assert read.tariff.name == "Night"
    assert read.tariff.currency == "EUR"
    assert read.left_out == ("type", "tariff_alt_url", "energy_mix")


def test_prices_of_a_reservation_stay_apart() -> None:
    reserves = {
        "price_components": [{"type": "TIME", "price": 5, "step_size": 60}],
        "restrictions": {"reservation": "RESERVATION"},
    }
    plain = told()
    elements = [reserves, *plain["elements"]]
    read = tariff_from(plain | {"elements": elements, "min_price": {"before_taxes": 3}})
    assert [len(each.elements) for each in (read.tariff, read.reserved, read.expired) if each] == [1, 1, 1]
    assert read.reserved is not None
    assert read.reserved.least == Bound()
    assert read.left_out == ("reservation",)


def test_no_taxes_are_no_taxes() -> None:
    read = tariff_from(told(tax_included="N/A"))
    assert read.tariff.elements[0].components[0].vat is None


def element(**component: object) -> dict[str, object]:
    return {"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1} | component]}


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ([], "tariff"),
        (told(id=None), "id"),
        (told(currency=3), "currency"),
        (told(elements=[]), "elements"),
        (told(elements={}), "elements"),
        (told(elements=[3]), "elements[0]"),
        (told(elements=[{"price_components": []}]), "elements[0].price_components"),
        (told(elements=[element(type="WATER")]), "elements[0].price_components[0].type"),
        (told(elements=[element(price="much")]), "elements[0].price_components[0].price"),
        (told(elements=[element(price=None)]), "elements[0].price_components[0].price"),
        (told(elements=[element(price=True)]), "elements[0].price_components[0].price"),
        (told(elements=[element(price="NaN")]), "elements[0].price_components[0].price"),
        (told(elements=[element(step_size=0.5)]), "elements[0].price_components[0].step_size"),
        (told(elements=[element() | {"restrictions": {"start_time": "25:00"}}]), "elements[0].restrictions.start_time"),
        (told(elements=[element() | {"restrictions": {"end_date": "soon"}}]), "elements[0].restrictions.end_date"),
        (
            told(elements=[element() | {"restrictions": {"day_of_week": ["NO"]}}]),
            "elements[0].restrictions.day_of_week",
        ),
        (told(elements=[element() | {"restrictions": {"reservation": "NO"}}]), "elements[0].restrictions.reservation"),
        (told(start_date_time="soon"), "start_date_time"),
        (told(tax_included="MAYBE"), "tax_included"),
        (told(min_price=3), "min_price"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(content: object, where: str) -> None:
    with pytest.raises(BadTariff) as raised:
        tariff_from(content)
    assert raised.value.where == where


def test_what_is_no_json_is_no_tariff() -> None:
    with pytest.raises(BadTariff, match="JSON"):
        read_tariff("{")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(list(told())), each, max_size=3),
    max_leaves=10,
)


@settings(max_examples=examples(200), deadline=None)
@given(JSON | st.builds(lambda key, value: told(**{key: value}), st.sampled_from(["elements", "min_price"]), JSON))
def test_anything_is_a_tariff_or_told_not_to_be(content: object) -> None:
    try:
        found = tariff_from(content)
    except BadTariff:
        return
    assert found.tariff.elements or found.reserved
