"""What a kWh costs in each slot, published or not."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.smart_evse.engine.forecast.habits import Profile, WallClock
from custom_components.smart_evse.engine.forecast.prices import (
    Band,
    Contract,
    Price,
    known_until,
    learn_prices,
    price_steps,
)
from custom_components.smart_evse.engine.forecast.series import Series, Span, steps_of

CLOCK = WallClock(ZoneInfo("Europe/Amsterdam"))
MONDAY = datetime(2026, 11, 16, 0, 0, tzinfo=CLOCK.zone)


def hourly(start: datetime, prices: list[float]) -> Series:
    begin = start.astimezone(UTC)
    hour = timedelta(hours=1)
    return Series.of(Span(begin + hour * at, begin + hour * (at + 1), price) for at, price in enumerate(prices))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 16 + day, hour, minute, tzinfo=CLOCK.zone)


def test_taxes_and_surcharges_are_data() -> None:
    contract = Contract(factor=1.1, add=0.02, vat=0.21, bands=(Band(add=0.05, start=time(7), end=time(23)),))
    assert contract.price(0.10, local(0, 3)) == pytest.approx(0.13 * 1.21)
    assert contract.price(0.10, local(0, 12)) == pytest.approx(0.18 * 1.21)
    assert contract.price(-0.10, local(0, 3)) == pytest.approx(-0.09 * 1.21)
    assert contract.price(None, local(0, 3)) is None


def test_a_fixed_tariff_needs_no_market() -> None:
    low = Band(add=-0.08, start=time(23), end=time(7))
    contract = Contract(market=False, add=0.30, bands=(low,))
    prices = price_steps(contract, Series(), Profile(), steps_of(local(0, 22), 60, local(1, 9)), CLOCK)
    assert [price.value for price in prices if price] == pytest.approx([0.30] + [0.22] * 8 + [0.30] * 2)
    assert not any(price.estimated for price in prices if price)
    assert known_until(contract, Series()) is None


@pytest.mark.parametrize(("day", "hour", "holds"), [(4, 22, True), (5, 3, True), (6, 3, False), (4, 3, False)])
def test_a_night_belongs_to_the_day_it_begins_on(day: int, hour: int, *, holds: bool) -> None:
    friday_night = Band(add=0.0, weekdays=frozenset({4}), start=time(22), end=time(6))
    assert friday_night.holds(local(day, hour)) is holds


def test_a_slot_across_prices_has_their_mean_and_a_quarter_has_its_hours() -> None:
    quarters = Series.of(
        Span(MONDAY + timedelta(minutes=15 * at), MONDAY + timedelta(minutes=15 * (at + 1)), float(at))
        for at in range(8)
    )
    hours = price_steps(Contract(), quarters, Profile(), steps_of(MONDAY, 60, local(0, 2)), CLOCK)
    assert hours == (Price(1.5), Price(5.5))
    fine = price_steps(Contract(), hourly(MONDAY, [1.0, 2.0]), Profile(), steps_of(MONDAY, 15, local(0, 2)), CLOCK)
    assert fine == (Price(1.0),) * 4 + (Price(2.0),) * 4


def test_beyond_what_is_published_days_of_the_same_kind_repeat() -> None:
    def day(weekday: int) -> list[float]:
        return [0.4 if weekday < 5 and 17 <= hour < 20 else 0.05 if 12 <= hour < 15 else 0.2 for hour in range(24)]

    start = MONDAY - timedelta(days=21)
    market = hourly(start, [price for at in range(22) for price in day((start + timedelta(days=at)).weekday())])
    usual = learn_prices(market, local(0, 12), CLOCK)
    prices = price_steps(Contract(), market, usual, steps_of(local(0, 23), 60, local(2, 0)), CLOCK)
    assert prices[0] == Price(0.2)
    assert all(price is not None and price.estimated for price in prices[1:])
    tuesday = [price.value for price in prices[1:] if price]
    assert min(tuesday[17:20]) > max(tuesday[:12] + tuesday[20:]) + 0.1
    assert max(tuesday[12:15]) < 0.06
    saturday = price_steps(Contract(), market, usual, steps_of(local(5, 0), 60, local(6, 0)), CLOCK)
    assert saturday[18] is not None
    assert 0.2 < saturday[18].value < 0.3


def test_prices_keep_their_wall_time_when_the_clocks_change() -> None:
    start = datetime(2026, 10, 5, 0, 0, tzinfo=CLOCK.zone)
    market = hourly(start, [0.1 if hour == 3 else 0.3 for _ in range(19) for hour in range(24)])
    usual = learn_prices(market, start + timedelta(days=19), CLOCK)
    night = datetime(2026, 10, 26, 0, 0, tzinfo=CLOCK.zone)
    prices = price_steps(Contract(), market, usual, steps_of(night, 60, night + timedelta(hours=6)), CLOCK)
    assert [round(price.value, 2) for price in prices if price] == [0.3, 0.3, 0.3, 0.1, 0.3, 0.3]


def test_without_a_history_nothing_is_guessed() -> None:
    assert price_steps(Contract(), Series(), Profile(), steps_of(MONDAY, 60, local(0, 2)), CLOCK) == (None, None)
