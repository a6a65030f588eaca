"""A car at its pilot: late, slow, short of what it is offered, and done in the end."""

import itertools
from random import Random

from hypothesis import given, strategies as st
import pytest

from benchmarks.plant.car import CAPPED, SHY, SLOW, USUAL, Arrival, Car, CarModel, appetite
from benchmarks.plant.intake import AVERAGE
from benchmarks.worlds.efficiency import battery_power


def car(model: CarModel = USUAL, *, stored: float = 10_000.0, full: float = 48_000.0, seed: int = 1) -> Car:
    arrival = Arrival(capacity=60_000.0, stored=stored, full=full, shortfall=0.5, rise=2.0)
    return Car(model, Random(seed), AVERAGE, arrival)


def drive(each: Car, begin: int, seconds: int, amps: float, phases: int = 3) -> list[float]:
    """Return what a car draws in each second of an offer."""
    drawn = []
    for t in range(begin, begin + seconds):
        each.step(t, amps, phases)
        drawn.append(each.amps)
    return drawn


@given(seed=st.integers(0, 1000))
def test_a_lower_offer_is_followed_after_one_to_five_seconds_and_not_before(seed: int) -> None:
    each = car(seed=seed)
    drive(each, 0, 120, 16.0)
    drawn = drive(each, 120, 15, 6.0)
    assert drawn[0] == pytest.approx(15.5)
    assert drawn[8] == pytest.approx(5.5)


def test_it_rises_at_its_own_pace_and_stays_short_of_the_offer() -> None:
    each = car()
    drawn = drive(each, 0, 60, 16.0)
    rises = [after - before for before, after in itertools.pairwise(drawn)]
    assert max(rises) == pytest.approx(2.0)
    assert drawn[-1] == pytest.approx(15.5)


def test_a_slow_one_takes_ten_seconds_and_more() -> None:
    each = car(SLOW)
    drive(each, 0, 120, 16.0)
    drawn = drive(each, 120, 30, 6.0)
    assert drawn[9] == pytest.approx(15.5)
    assert drawn[20] == pytest.approx(5.5)


def test_one_that_is_capped_takes_no_more_than_it_can() -> None:
    assert drive(car(CAPPED), 0, 120, 16.0)[-1] == 13.0


def test_a_stop_is_followed_at_once_and_a_return_takes_its_time() -> None:
    each = car()
    drive(each, 0, 60, 16.0)
    assert drive(each, 60, 4, 0.0)[-1] == 0.0
    returned = drive(each, 64, 90, 16.0)
    assert not any(returned[:20])
    assert returned[-1] == pytest.approx(15.5)
    assert each.starts == 2
    assert each.actions == 3


def test_one_drops_out_where_the_others_go_on() -> None:
    shy, usual = car(SHY), car()
    for each in (shy, usual):
        drive(each, 0, 60, 10.0)
    assert min(drive(shy, 60, 15, 6.0)) == 0.0
    assert min(drive(usual, 60, 15, 6.0)) > 0.0


def test_it_tapers_above_eighty_percent_and_stops_by_itself() -> None:
    assert [appetite(soc) for soc in (0.5, 0.8, 0.9, 1.0)] == pytest.approx([1.0, 1.0, 0.55, 0.1])
    each = car(stored=54_000.0, full=54_100.0)
    drawn = drive(each, 0, 900, 16.0)
    assert max(drawn) < 0.56 * 16.0
    assert not each.closed
    assert each.stored == pytest.approx(54_100.0, abs=2.0)


@given(amps=st.floats(6.0, 16.0), phases=st.sampled_from((1, 3)))
def test_its_battery_gets_what_the_efficiency_leaves(amps: float, phases: int) -> None:
    each = car()
    drive(each, 0, 60, amps, phases)
    before = each.stored
    drive(each, 60, 600, amps, phases)
    wall = each.amps * 230.0 * phases
    assert (each.stored - before) * 6 == pytest.approx(float(battery_power(wall, phases)), rel=0.01)


def test_a_one_phase_car_uses_one_phase_of_three() -> None:
    each = car(CarModel(phases=1))
    drive(each, 0, 60, 10.0)
    before = each.stored
    drive(each, 60, 3600, 10.0)
    assert each.stored - before == pytest.approx(float(battery_power(9.5 * 230.0, 1)), rel=0.01)
