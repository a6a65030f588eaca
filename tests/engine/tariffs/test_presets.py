"""Tariffs out of a few numbers, and what they make of energy from now on."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from custom_components.smart_evse.engine.sessions.pricing import PriceSpan
from custom_components.smart_evse.engine.tariffs import presets
from custom_components.smart_evse.engine.tariffs.evaluate import price
from custom_components.smart_evse.engine.tariffs.model import Dimension, Step, Stretch, Tariff
from custom_components.smart_evse.engine.tariffs.presets import Heading
from custom_components.smart_evse.engine.tariffs.preview import Wish, preview

BERLIN = ZoneInfo("Europe/Berlin")
HEADING = Heading(id="T", name="Some tariff", currency="EUR", vat=Decimal(19))
MONDAY = datetime(2026, 3, 2, 20, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 11, tzinfo=UTC)


def number(told: str) -> Decimal:
    return Decimal(told)


STEPS = (Step(Decimal("0.8"), Decimal("0.10")),)


@pytest.mark.parametrize(
    ("tariff", "start", "expected"),
    [
        (presets.flat_price(HEADING, number("0.40")), MONDAY, "1.60"),
        (presets.dynamic_price(HEADING, number("0.05")), MONDAY, "1.40"),
        (presets.dynamic_price(HEADING, number("0.05"), factor=number("1.1"), most=number("0.30")), MONDAY, "1.20"),
        (presets.dynamic_price(HEADING, number("-0.35"), least=number("0")), MONDAY, "0"),
        (presets.night_and_day(HEADING, number("0.40"), number("0.20"), time(22), time(6)), MONDAY, "1.20"),
        (presets.night_and_day(HEADING, number("0.40"), number("0.20"), time(22), time(6)), SATURDAY, "1.60"),
        (
            presets.night_and_day(HEADING, number("0.40"), number("0.20"), time(22), time(6), weekend=True),
            SATURDAY,
            "0.80",
        ),
        (presets.sun_and_grid(HEADING, number("0.40"), number("0.10")), MONDAY, "1.30"),
        (presets.sun_and_grid(HEADING, number("0.40"), number("0.10"), number("0.20")), MONDAY, "1.10"),
        (presets.sun_at_feed_in(HEADING, number("0.01")), MONDAY, "1.02"),
        (presets.by_demand(HEADING, number("0.40"), STEPS), MONDAY, "2.00"),
        (presets.free(HEADING), MONDAY, "0"),
        (presets.start_energy_idle(HEADING, number("1"), number("0.40"), number("3")), MONDAY, "4.10"),
        (
            presets.start_energy_idle(HEADING, number("1"), number("0.40"), number("3"), idle_step=3600),
            MONDAY,
            "5.60",
        ),
        (
            presets.start_energy_idle(HEADING, number("1"), number("0.40"), number("3"), idle_from=9000),
            MONDAY,
            "2.60",
        ),
    ],
)
def test_preset(tariff: Tariff, start: datetime, expected: str) -> None:
    """4 kWh in two hours (1 from the sun, 1 from the battery), then half an hour idle."""
    end = start + timedelta(hours=2)
    session = [
        Stretch(
            start=start,
            end=end,
            energy=4000,
            from_sun=1000,
            from_battery=1000,
            from_grid=2000,
            site_price=Decimal("0.30"),
            feed_in=Decimal("0.08"),
            demand=Decimal("0.9"),
        ),
        Stretch(start=end, end=end + timedelta(minutes=30), charging=False),
    ]
    found = price(tariff, session, BERLIN)
    assert found.gross == Decimal(expected)
    assert abs(found.net * Decimal("1.19") - found.gross) < Decimal("1e-9")


def span(hours: int, bought: str) -> PriceSpan:
    start = MONDAY + timedelta(hours=hours)
    return PriceSpan(start=start, end=start + timedelta(hours=1), bought=Decimal(bought), sold=Decimal("0.05"))


def test_preview_follows_the_prices_ahead() -> None:
    dynamic = presets.dynamic_price(HEADING, Decimal("0.10"))
    wish = Wish(energy=20_000, power=10_000)
    found = preview(dynamic, wish, MONDAY + timedelta(minutes=30), BERLIN, [span(0, "0.20"), span(1, "0.40")])
    assert [(line.quantity, line.price) for line in found.lines] == [
        (5, Decimal("0.30")),
        (10, Decimal("0.50")),
    ]
    assert found.unpriced == 5000
    full = preview(
        dynamic, wish, MONDAY + timedelta(minutes=30), BERLIN, [span(0, "0.20"), span(1, "0.40"), span(2, "0.10")]
    )
    assert full.gross == Decimal("1.50") + Decimal("5.00") + Decimal("1.00")


def test_preview_by_component() -> None:
    tariff = presets.start_energy_idle(HEADING, Decimal(1), Decimal("0.40"), Decimal(3))
    found = preview(tariff, Wish(energy=20_000, power=11_000), MONDAY, BERLIN)
    assert {line.dimension: line.gross for line in found.lines} == {Dimension.FLAT: 1, Dimension.ENERGY: 8}
    assert preview(tariff, Wish(energy=20_000, power=0), MONDAY, BERLIN).lines == ()


def test_preview_with_sun() -> None:
    tariff = presets.sun_and_grid(HEADING, Decimal("0.40"), Decimal("0.10"))
    found = preview(tariff, Wish(energy=10_000, power=7000, from_sun=Decimal("0.25")), MONDAY, BERLIN, [span(0, "1")])
    assert found.gross == Decimal("2.5") * Decimal("0.10") + Decimal("7.5") * Decimal("0.40")


def stretch() -> Stretch:
    return Stretch(start=MONDAY, end=MONDAY + timedelta(minutes=15), energy=4000)
