"""The departure plan that sees prices only."""

import numpy as np
import pytest

from benchmarks.laws.cheapest import CheapestSlots, is_planned, seconds_needed
from benchmarks.plant.view import Trip
from benchmarks.worlds.model import Tariff

HOUR = 3600


def tariff(*prices: float) -> Tariff:
    values = np.array(prices)
    return Tariff(import_price=values, export_price=values, step=HOUR)


def planned(prices: Tariff | None, depart: int, needed: float) -> list[int]:
    """Return the hours in which it charges, played through."""
    slots, hours = CheapestSlots(), set()
    for now in range(0, depart * HOUR, 60):
        if slots.wants(now, depart * HOUR, needed, prices):
            hours.add(now // HOUR)
            needed -= 60
    return sorted(hours)


def test_it_takes_the_cheapest_hours() -> None:
    assert planned(tariff(5, 1, 4, 2, 3), 5, 2 * HOUR) == [1, 3]


def test_of_equal_hours_it_takes_the_latest() -> None:
    assert planned(tariff(1, 1, 1, 1, 1), 5, 2 * HOUR - 300) == [3, 4]


def test_without_prices_it_waits_for_the_last_possible_time() -> None:
    assert planned(None, 5, HOUR - 600) == [4]


def test_it_waits_for_prices_that_are_not_known_yet() -> None:
    assert not is_planned(0, 10 * HOUR, HOUR, tariff(1, 2))


def test_time_that_does_not_suffice_is_used_at_once() -> None:
    assert is_planned(0, HOUR, 2 * HOUR, tariff(9, 9))


def test_the_time_needed_knows_of_taper_and_losses() -> None:
    trip = Trip(arrive=0, depart=1, wanted=6_000.0, capacity=60_000.0, soc=0.4, max_current=16.0, phases=3)
    assert seconds_needed(trip, None, 10_000.0) == pytest.approx(6_000 / 8_500 * HOUR)
    assert seconds_needed(trip, 50.0, 10_000.0) == pytest.approx(0.0, abs=1.0)
    late = Trip(arrive=0, depart=1, wanted=6_000.0, capacity=60_000.0, soc=0.85, max_current=16.0, phases=3)
    assert seconds_needed(late, None, 10_000.0) > 1.5 * seconds_needed(trip, None, 10_000.0)
