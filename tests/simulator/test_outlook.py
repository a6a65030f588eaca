"""What comes from outside: the market's prices and the weather service's forecast."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import mean
from zoneinfo import ZoneInfo

import pytest

from simulator.house import House, Plan
from simulator.market import QUARTER, day_ahead
from simulator.sun import SKIES, ModelledSun
from simulator.weather import forecast

ZONE = ZoneInfo("Europe/Amsterdam")
DAY = date(2026, 5, 14)
MIDNIGHT = datetime.fromisoformat("2007-05-14 00:00")


def test_noon_is_cheap_and_the_evening_is_dear() -> None:
    prices = {at.astimezone(ZONE).hour: price for at, price in day_ahead(DAY, ZONE)}
    assert prices[13] < prices[4] < prices[7] < prices[20]


def test_a_day_has_its_quarters_also_when_the_clocks_change() -> None:
    for day, quarters in ((DAY, 96), (date(2026, 3, 29), 92), (date(2026, 10, 25), 100)):
        starts = [at for at, _ in day_ahead(day, ZONE)]
        assert len(starts) == quarters
        assert {later - earlier for earlier, later in pairwise(starts)} == {QUARTER}
        assert starts[0] == datetime.combine(day, datetime.min.time(), ZONE).astimezone(UTC)


def test_asked_again_it_is_the_same_and_another_day_is_another() -> None:
    assert list(day_ahead(DAY, ZONE)) == list(day_ahead(DAY, ZONE))
    today, tomorrow = ([price for _, price in day_ahead(day, ZONE)] for day in (DAY, DAY + timedelta(days=1)))
    assert today != tomorrow


def house_under(sky: str, seed: int = 1) -> House:
    return House(Plan(start=MIDNIGHT, seed=seed), sun=ModelledSun(SKIES[sky], seed=seed))


@pytest.mark.parametrize("sky", ["clear", "sunny", "dull"])
def test_a_forecast_is_about_right_and_never_quite(sky: str) -> None:
    errors = []
    for seed in range(1, 6):
        house = house_under(sky, seed)
        told = dict(forecast(house, MIDNIGHT, 24))
        assert len(told) == 48
        assert told[MIDNIGHT] == 0
        truth = sum(house.solar_at(MIDNIGHT + timedelta(minutes=minute)) for minute in range(24 * 60)) / 60
        errors.append(sum(told.values()) / 2 / truth - 1)
    assert 0.01 < mean(abs(error) for error in errors) < 0.35


def test_an_issue_is_renewed_after_six_hours() -> None:
    house = house_under("clear")
    noon = MIDNIGHT + timedelta(hours=12)
    before = dict(forecast(house, noon, 1))
    house.step(60)
    assert dict(forecast(house, noon, 1)) == before
    later = House(Plan(start=noon), sun=ModelledSun(SKIES["clear"]))
    assert dict(forecast(later, noon, 1)) != before
