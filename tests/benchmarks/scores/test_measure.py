"""What a run is worth, on runs that can be reckoned by hand."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
import pytest

from benchmarks.plant.rig import Counts, Rig, Served, Trace
from benchmarks.scores.measure import bill, measure
from benchmarks.scores.score import Score
from benchmarks.worlds.model import World
from tests.benchmarks.plant.made import world

HOUR = 3600


def trace(made: World, cars: NDArray[np.float32], given: float = 10_000.0) -> Trace:
    return Trace(
        cars=cars,
        battery=None,
        plugged=((0, made.seconds),),
        served=(Served(stay=made.stays[0], given=given),),
        counts=Counts(),
    )


def quiet() -> World:
    """Return a house that uses nothing."""
    made = world()
    return replace(made, load=np.zeros_like(made.load))


def drawing(made: World, amps: float, begin: int, end: int) -> NDArray[np.float32]:
    cars = np.zeros((3, made.seconds), dtype=np.float32)
    cars[:, begin:end] = amps
    return cars


def test_a_kilowatt_hour_costs_what_its_hour_costs() -> None:
    made = quiet()
    power = np.zeros(made.seconds)
    power[HOUR : 2 * HOUR] = 1_000.0
    power[2 * HOUR : 3 * HOUR] = -1_000.0
    price = made.tariff
    assert bill(made, power) == pytest.approx(price.import_price[1] - price.export_price[2])


def test_energy_that_is_missing_costs_twice_the_highest_price() -> None:
    made = quiet()
    cars = np.zeros((3, made.seconds), dtype=np.float32)
    full, short = (measure(made, Rig(), trace(made, cars, given)) for given in (10_000.0, 9_000.0))
    assert short.cost - full.cost == pytest.approx(2.0 * made.tariff.import_price.max())
    assert short.missing == 1.0
    assert short.missing_share == pytest.approx(0.1)


def test_the_sun_in_the_car_is_what_the_house_leaves() -> None:
    made = replace(quiet(), sun=np.full(world().seconds, 3_000.0, dtype=np.float32))
    score = measure(made, Rig(), trace(made, drawing(made, 10.0, 0, HOUR)))
    assert score.wall == pytest.approx(6.9)
    assert score.from_sun == pytest.approx(3.0)
    assert score.bought == pytest.approx(3.9)
    # 13 whole amperes over one phase fit 3 kW.
    assert score.fits == pytest.approx(13 * 230.0 * made.seconds / 3.6e6, rel=1e-3)


def test_hunting_is_buying_and_selling_in_the_same_minutes() -> None:
    made = replace(quiet(), sun=np.full(world().seconds, 5_000.0, dtype=np.float32))
    steady = measure(made, Rig(), trace(made, drawing(made, 5_000.0 / 690.0, 0, HOUR)))
    swinging = drawing(made, 4_000.0 / 690.0, 0, HOUR)
    swinging[:, 0:HOUR:2] = 6_000.0 / 690.0
    assert steady.hunting == pytest.approx(0.0, abs=1e-3)
    assert measure(made, Rig(), trace(made, swinging)).hunting == pytest.approx(0.5, rel=1e-3)


def test_an_overload_counts_by_its_length_and_its_height() -> None:
    made = quiet()
    cars = drawing(made, 30.0, 100, 110)
    cars[:, 500:520] = 26.0
    score = measure(made, Rig(fuse=25.0), trace(made, cars))
    assert score.over_s == 30
    assert score.over_as == pytest.approx(3 * (10 * 5 + 20 * 1))
    assert 10 < score.safe_p95 <= 20


def test_runs_add_up() -> None:
    one = Score(cost=1.0, wanted=2.0, melt=0.1, beats=10, beat_ms=1.0, days=7.0, actions=3)
    two = Score(cost=2.0, wanted=3.0, melt=0.4, beats=30, beat_ms=2.0, days=7.0, actions=5)
    both = Score.added([one, two])
    assert (both.cost, both.wanted, both.melt, both.beat_ms) == (3.0, 5.0, 0.4, 1.75)
    assert both.a_week(both.actions) == 4.0
