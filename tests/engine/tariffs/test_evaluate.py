"""What OCPI has no words for, and what a tariff must never do."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.tariffs.edges import edges
from custom_components.smart_evse.engine.tariffs.evaluate import price
from custom_components.smart_evse.engine.tariffs.model import (
    Basis,
    Bound,
    Component,
    Dimension,
    Element,
    Follows,
    Priced,
    Restrictions,
    Source,
    Step,
    Stretch,
    Tariff,
)
from tests.engine.examples import examples

from .worlds import TARIFFS, ZONES, sessions

BERLIN = ZoneInfo("Europe/Berlin")
TEN = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday, ten in the morning in Berlin."""


def per_kwh(amount: str, restrictions: Restrictions | None = None, follows: Follows | None = None) -> Element:
    component = Component(dimension=Dimension.ENERGY, price=Decimal(amount), follows=follows)
    return Element(components=(component,), restrictions=restrictions or Restrictions())


def tariff(*elements: Element, **more: object) -> Tariff:
    return Tariff(id="T", name="T", currency="EUR", elements=elements, **more)


def hours(count: float, start: datetime = TEN, **more: object) -> Stretch:
    return Stretch(start=start, end=start + timedelta(hours=count), **more)


def gross(priced: Priced) -> Decimal:
    assert not priced.unpriced
    return priced.gross


@pytest.mark.parametrize(
    ("site_price", "follows", "expected"),
    [
        ("0.20", Follows(basis=Basis.SITE_PRICE), "0.25"),
        ("-0.20", Follows(basis=Basis.SITE_PRICE), "-0.15"),
        ("-0.20", Follows(basis=Basis.SITE_PRICE, least=Decimal(0)), "0"),
        ("0.90", Follows(basis=Basis.SITE_PRICE, most=Decimal("0.60")), "0.60"),
        ("0.20", Follows(basis=Basis.SITE_PRICE, factor=Decimal("1.1")), "0.27"),
    ],
)
def test_price_that_follows_the_site(site_price: str, follows: Follows, expected: str) -> None:
    session = [hours(1, energy=1000, site_price=Decimal(site_price))]
    assert gross(price(tariff(per_kwh("0.05", follows=follows)), session, BERLIN)) == Decimal(expected)


def test_energy_without_a_known_price_is_told_and_costs_nothing_yet() -> None:
    follows = per_kwh("0.05", follows=Follows(basis=Basis.SITE_PRICE))
    session = [
        hours(1, energy=2000, site_price=Decimal("0.20")),
        hours(1, TEN + timedelta(hours=1), energy=3000),
    ]
    found = price(tariff(follows, least=Bound(with_vat=Decimal(9))), session, BERLIN)
    assert found.unpriced == 3000
    assert found.gross == Decimal("0.50"), "nor is it raised to the least price while the amount is not final"
    assert [line.quantity for line in found.without_price] == [3]
    assert found.bound_waits, "what it is raised by is shared by all of the session"
    assert not price(tariff(follows), session, BERLIN).bound_waits
    assert not price(tariff(follows, least=Bound(with_vat=Decimal(9))), session[:1], BERLIN).bound_waits


@pytest.mark.parametrize(("demand", "expected"), [("0.1", "0.30"), ("0.5", "0.35"), ("0.79", "0.35"), ("0.8", "0.50")])
def test_price_that_rises_with_demand(demand: str, expected: str) -> None:
    steps = (Step(Decimal("0.8"), Decimal("0.20")), Step(Decimal("0.5"), Decimal("0.05")))
    rising = per_kwh("0.30", follows=Follows(basis=Basis.DEMAND, steps=steps))
    session = [hours(1, energy=1000, demand=Decimal(demand))]
    assert gross(price(tariff(rising), session, BERLIN)) == Decimal(expected)
    assert price(tariff(rising), [hours(1, energy=1000)], BERLIN).unpriced == 1000


def test_sun_has_its_own_price_and_what_nobody_knows_is_bought() -> None:
    sunny = per_kwh("0.10", Restrictions(sources=frozenset({Source.SUN})))
    session = [hours(1, energy=6000, from_sun=2000, from_battery=1000, from_grid=2000)]
    found = price(tariff(sunny, per_kwh("0.40")), session, BERLIN)
    assert {(line.source, line.quantity) for line in found.lines} == {
        (Source.SUN, Decimal(2)),
        (Source.BATTERY, Decimal(1)),
        (Source.GRID, Decimal(3)),
    }
    assert gross(found) == Decimal("1.80")


def test_feed_in_is_a_basis() -> None:
    follows = per_kwh("0.02", follows=Follows(basis=Basis.FEED_IN))
    assert gross(price(tariff(follows), [hours(1, energy=1000, feed_in=Decimal("0.08"))], BERLIN)) == Decimal("0.10")


def test_waiting_is_neither_charged_time_nor_idle() -> None:
    prices = tuple(Component(dimension=each, price=Decimal(3)) for each in (Dimension.TIME, Dimension.IDLE))
    session = [
        hours(1, charging=False, waiting=True),
        hours(1, TEN + timedelta(hours=1), energy=1000),
        hours(2, TEN + timedelta(hours=2), charging=False),
    ]
    found = price(tariff(Element(components=prices)), session, BERLIN)
    assert [(line.dimension, line.quantity) for line in found.lines] == [(Dimension.TIME, 1), (Dimension.IDLE, 2)]


def test_fee_is_charged_once_and_when_it_begins_to_apply() -> None:
    late = Element(
        components=(Component(dimension=Dimension.FLAT, price=Decimal(2)),),
        restrictions=Restrictions(min_duration=5400),
    )
    early = Element(
        components=(Component(dimension=Dimension.FLAT, price=Decimal(1)),), restrictions=Restrictions(max_duration=60)
    )
    session = [hours(1, energy=1), hours(1, TEN + timedelta(hours=1), energy=1)]
    (line,) = price(tariff(late), session, BERLIN).lines
    assert (line.start, line.gross) == (TEN + timedelta(minutes=90), 2)
    assert gross(price(tariff(late, early), session, BERLIN)) == 1
    assert gross(price(tariff(late), session[:1], BERLIN)) == 0


def test_a_current_nobody_measured_holds_no_restriction() -> None:
    fast = per_kwh("0.90", Restrictions(min_current=Decimal(20)))
    slow = per_kwh("0.10", Restrictions(max_current=Decimal(20)))
    session = [hours(1, energy=1000)]
    assert gross(price(tariff(fast, slow, per_kwh("0.50")), session, BERLIN)) == Decimal("0.50")


def test_power_is_what_flowed_where_it_was_not_measured() -> None:
    fast = per_kwh("0.90", Restrictions(min_power=Decimal(11)))
    assert gross(price(tariff(fast, per_kwh("0.50")), [hours(2, energy=22_000)], BERLIN)) == Decimal("19.8")
    assert gross(price(tariff(fast, per_kwh("0.50")), [hours(2, energy=21_999)], BERLIN)) == Decimal("10.9995")


def test_seasons_and_weekdays_change_at_the_sites_midnight() -> None:
    summer = Restrictions(start_date=date(2026, 3, 3), end_date=date(2026, 3, 4))
    tuesday = Restrictions(weekdays=frozenset({1}))
    start = datetime(2026, 3, 2, 22, tzinfo=UTC)
    for restrictions in (summer, tuesday):
        found = price(tariff(per_kwh("1", restrictions)), [hours(26, start, energy=26_000)], BERLIN)
        assert [(line.start.hour, line.quantity) for line in found.lines] == [(23, 24)]


def test_bound_with_vat_moves_the_amount_without_it_along() -> None:
    energy = Component(dimension=Dimension.ENERGY, price=Decimal("0.50"), vat=Decimal(25))
    most = tariff(Element(components=(energy,)), most=Bound(with_vat=Decimal(5)))
    found = price(most, [hours(1, energy=20_000)], BERLIN)
    assert (found.net, found.gross) == (4, 5)
    assert found.bounded == (-4, -5)


def test_bounds_hold_for_a_session_without_energy() -> None:
    least = tariff(per_kwh("0.50"), least=Bound(before_vat=Decimal(1), with_vat=Decimal(2)))
    found = price(least, [hours(1, charging=False)], BERLIN)
    assert (found.net, found.gross) == (1, 2)


def test_no_session_costs_nothing() -> None:
    found = price(tariff(per_kwh("1"), least=Bound(with_vat=Decimal(2))), [], BERLIN)
    assert (found.net, found.gross, found.lines) == (0, 0, ())


@pytest.mark.parametrize("name", ["Europe/Berlin", "Africa/Cairo", "America/Santiago", "Australia/Lord_Howe"])
def test_there_is_an_edge_wherever_a_restriction_changes(name: str) -> None:
    """Quarter by quarter over a year: whatever a clock does, a restriction changes at an edge only."""
    zone = ZoneInfo(name)
    clock = Restrictions(start_time=time(0, 30), end_time=time(2, 30))
    start = datetime(2026, 1, 1, tzinfo=UTC)
    found = set(edges(tariff(per_kwh("1", clock)), start, start + timedelta(days=365), zone))
    held = None
    for quarter in range(1, 365 * 24 * 4):
        at = start + timedelta(minutes=15 * quarter)
        holds = time(0, 30) <= at.astimezone(zone).time() < time(2, 30)
        assert holds == held or at in found or held is None, at
        held = holds


@settings(max_examples=examples(150), deadline=None)
@given(TARIFFS, sessions(), ZONES)
def test_pricing_is_total_and_has_no_float(tariff: Tariff, session: tuple[Stretch, ...], zone: ZoneInfo) -> None:
    found = price(tariff, session, zone)
    assert price(tariff, session, zone) == found
    assert not floats(found)
    for line in found.lines:
        assert line.quantity > 0
        assert line.start <= line.end
        net = line.gross / (1 + Decimal(line.vat or 0) / 100)
        assert abs(net - line.net) < Decimal("1e-11")
    if not found.unpriced:
        check_bounds(tariff, found)


def check_bounds(tariff: Tariff, found: Priced) -> None:
    if tariff.most.with_vat is not None:
        assert found.gross <= tariff.most.with_vat
    elif tariff.least.with_vat is not None and tariff.most.before_vat is None:
        assert found.gross >= tariff.least.with_vat


@settings(max_examples=examples(150), deadline=None)
@given(TARIFFS, sessions(), ZONES, st.integers(1, 5))
def test_a_stretch_told_in_parts_costs_the_same(
    tariff: Tariff, session: tuple[Stretch, ...], zone: ZoneInfo, parts: int
) -> None:
    """As long as each part has its share of whole Wh, it does not matter how finely a session was recorded."""
    session = tuple(replace(each, **{field: getattr(each, field) * parts for field in ENERGIES}) for each in session)
    found = price(tariff, session, zone)
    fine = price(tariff, [part for each in session for part in told_in(each, parts)], zone)
    assert abs(found.gross - fine.gross) < Decimal("1e-9")
    assert abs(found.net - fine.net) < Decimal("1e-9")


ENERGIES = ("energy", "from_sun", "from_battery", "from_grid")


def told_in(stretch: Stretch, parts: int) -> Sequence[Stretch]:
    seconds = (stretch.end - stretch.start).total_seconds()
    if seconds % parts or not seconds:
        return [stretch]
    length = (stretch.end - stretch.start) / parts
    return [
        replace(
            stretch,
            start=stretch.start + place * length,
            end=stretch.start + (place + 1) * length,
            **{field: getattr(stretch, field) // parts for field in ENERGIES},
        )
        for place in range(parts)
    ]


def floats(value: object) -> list[object]:
    """Every float within, however deep."""
    if isinstance(value, float):
        return [value]
    if is_dataclass(value):
        return [found for field in fields(value) for found in floats(getattr(value, field.name))]
    if isinstance(value, tuple):
        return [found for each in value for found in floats(each)]
    return []
