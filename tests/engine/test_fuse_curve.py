"""Leniency on a gG fuse: a kettle stops no car, an overload always does."""

from dataclasses import replace
import math

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.fuse_curve import (
    CONVENTIONAL_TIME,
    GATES,
    NON_FUSING,
    Gate,
    melting_time,
)
from custom_components.smart_evse.engine.memory import FuseMemory
from custom_components.smart_evse.engine.model import Memory, Override, PerPhase, ReasonKey

from .plant import Charger, Flow, Plant, garage, site, steady

RATINGS = st.sampled_from(sorted(GATES))


def kettle(begin: int, end: int, amps: float = 9.0, house: float = 5.0) -> Flow:
    """Return a house with a kettle on L1 for a while."""
    return lambda t: PerPhase(house + (amps if begin <= t < end else 0.0), house, house)


def melted(plant: Plant) -> float:
    """Return the part of the lower gate that the currents at the meter have used on the worst phase."""
    rating = plant.settings.fuse
    return max(sum(1 / melting_time(rating, abs(total[phase])) for total in plant.totals) for phase in range(3))


@pytest.mark.parametrize(("rating", "gate"), GATES.items())
def test_the_curve_runs_through_its_gates(rating: float, gate: Gate) -> None:
    ten, tenth = gate.ten, gate.tenth
    assert math.isinf(melting_time(rating, NON_FUSING * rating))
    assert melting_time(rating, ten) == pytest.approx(10)
    assert melting_time(rating, tenth) == pytest.approx(0.1)
    assert melting_time(rating, 1.6 * rating) < CONVENTIONAL_TIME


@given(RATINGS, st.floats(1.26, 60), st.floats(1.001, 3))
def test_more_current_melts_a_fuse_sooner(rating: float, times: float, more: float) -> None:
    assert melting_time(rating, times * more * rating) < melting_time(rating, times * rating) < CONVENTIONAL_TIME


@given(st.floats(10, 125), st.floats(1.3, 30))
def test_a_rating_without_gates_melts_no_later_than_its_neighbours_would(rating: float, times: float) -> None:
    known = [melting_time(each, times * each) for each in GATES]
    assert min(known) * 0.999 <= melting_time(rating, times * rating) <= max(known) * 1.001


def test_a_kettle_stops_no_car_where_its_owner_says_so() -> None:
    plant = Plant(site(garage(), lenient=True), kettle(100, 280), [Charger()])
    plant.run(400)
    assert [amps for _, amps in plant.chargers[0].commands] == [16]
    assert melted(plant) == 0
    assert 0 < (plant.decisions[-1].site.melting or 0.0) < 10


def test_it_does_by_default() -> None:
    plant = Plant(site(garage()), kettle(100, 280), [Charger()])
    plant.run(110)
    assert plant.amps() == 10
    assert plant.decisions[-1].site.melting is None


def test_an_overload_that_stays_ends_the_leniency() -> None:
    plant = Plant(site(garage(), lenient=True), kettle(100, 9_000), [Charger()])
    plant.run(1_500)
    assert plant.amps() == 10
    assert plant.why() is ReasonKey.MAIN_FUSE
    assert melted(plant) < 0.01
    reduced = plant.chargers[0].commands[1][0]
    assert 100 + 300 < reduced <= 100 + 0.1 * CONVENTIONAL_TIME + 2


@pytest.mark.parametrize("amps", [11.0, 20.0, 40.0])
def test_what_the_curve_does_not_shrug_off_brings_the_car_down_at_once(amps: float) -> None:
    plant = Plant(site(garage(), lenient=True), kettle(100, 9_000, amps), [Charger()])
    plant.run(103)
    assert plant.amps() in {0.0, *range(6, 16)}
    plant.run(7)
    assert plant.totals[-1].l1 <= max(NON_FUSING * 25, 5 + amps)


def test_nobody_starts_or_rises_on_what_is_lent() -> None:
    second = replace(garage(), id="drive:0")
    plant = Plant(site(garage(), second, lenient=True), kettle(0, 9_000, 9.0), [Charger(), Charger(id="drive:0")])
    plant.chargers[1].plugged = False
    plant.run(60)
    assert plant.amps() == 10
    plant.flow = kettle(0, 9_000, 15.0)
    plant.chargers[1].plugged = True
    plant.run(20)
    assert (plant.amps(), plant.amps("drive:0")) == (10, 0)
    plant.change(override=Override(amps=6.0))
    plant.run(20)
    assert plant.amps("drive:0") == 0
    plant.change(override=None)
    plant.run(40)
    assert (plant.amps() or 0.0) <= 6


def test_a_fuse_forgets_slowly() -> None:
    plant = Plant(site(garage(), lenient=True), steady(5.0), [Charger()])
    plant.memory = Memory(fuse=FuseMemory(at=0.0, used=(0.08, 0.0, 0.0)))
    plant.run(3_600)
    assert plant.memory.fuse.used[0] == pytest.approx(0.08 / math.e, rel=0.01)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 30), st.integers(20, 400)), min_size=1, max_size=3))
def test_whatever_the_house_does_a_car_adds_nothing_to_the_melting(loads: list[tuple[float, int]]) -> None:
    levels = [amps for amps, seconds in loads for _ in range(seconds)]
    plant = Plant(
        site(garage(), lenient=True),
        lambda t: PerPhase(levels[min(t, len(levels) - 1)], 0.0, 0.0),
        [Charger(lag=3)],
    )
    plant.run(min(len(levels), 500))
    alone = max(sum(1 / melting_time(25.0, amps) for amps in levels[: plant.t + 1]), 0.0)
    assert melted(plant) <= alone + 0.2
