"""A bidirectional charger: what gets through, and when."""

from random import Random

import pytest

from benchmarks.plant.command import OFF, Command
from benchmarks.plant.converter import FAST_CONVERTER, MOST_OUT, Converter, DcCar
from benchmarks.worlds.efficiency import DC_STANDBY, dc_battery_power


def converter() -> Converter:
    made = Converter(FAST_CONVERTER, Random(1))
    made.plug(DcCar(capacity=60_000.0, stored=30_000.0))
    return made


def run(made: Converter, begin: int, end: int, watts: float) -> float:
    """Return what it takes from the wall in a span in Wh."""
    made.tell(begin, Command(watts=watts))
    energy = 0.0
    for t in range(begin, end):
        made.step(t)
        energy += made.watts / 3600.0
    return energy


def test_it_starts_after_half_a_minute() -> None:
    made = converter()
    assert run(made, 0, 29, 5_000.0) == 0.0
    run(made, 29, 40, 5_000.0)
    assert made.watts == 5_000.0


@pytest.mark.parametrize("watts", [5_000.0, 1_000.0, -1_000.0, -5_000.0])
def test_the_battery_gets_and_gives_what_the_curve_says(watts: float) -> None:
    made = converter()
    run(made, 0, 60, watts)
    before = made.car.stored if made.car else 0.0
    run(made, 60, 3660, watts)
    after = made.car.stored if made.car else 0.0
    assert after - before == pytest.approx(float(dc_battery_power(watts)), rel=0.005)


def test_it_gives_no_more_than_the_battery_side_can() -> None:
    made = converter()
    run(made, 0, 60, -10_000.0)
    assert made.watts == -MOST_OUT


def test_there_and_back_costs_energy() -> None:
    made = converter()
    taken = run(made, 0, 3600, 4_000.0) + run(made, 3600, 7200, -4_000.0)
    stored = (made.car.stored if made.car else 0.0) - 30_000.0
    assert taken > stored
    assert stored < 0


def test_it_idles_on_its_standby_and_goes_to_sleep() -> None:
    made = converter()
    run(made, 0, 60, 3_000.0)
    run(made, 60, 70, 100.0)
    assert made.watts == DC_STANDBY
    made.tell(70, OFF)
    for t in range(70, 140):
        made.step(t)
    assert made.watts == 0.0
    assert made.actions == 2


def test_an_empty_battery_gives_nothing_and_a_full_one_takes_nothing() -> None:
    for stored, watts in ((0.0, -3_000.0), (60_000.0, 3_000.0)):
        made = Converter(FAST_CONVERTER, Random(1))
        made.plug(DcCar(capacity=60_000.0, stored=stored))
        run(made, 0, 60, watts)
        assert made.watts == DC_STANDBY
