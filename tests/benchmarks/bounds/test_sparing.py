"""The device bound at a few contactor actions: nobody with so many gets below it, and somebody gets near it."""

from dataclasses import replace
import random

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from benchmarks.bounds.device import device_bound
from benchmarks.bounds.modes import Modes, ac_modes, dc_modes
from benchmarks.bounds.sparing import ACTIONS, sparing_bound
from benchmarks.bounds.terms import departure_cost, missing_price
from benchmarks.plant.rig import Rig
from benchmarks.scenarios.case import Case
from benchmarks.scenarios.running import bounds
from benchmarks.scores.compared import BOUND, SPARING
from benchmarks.worlds.efficiency import battery_power
from benchmarks.worlds.model import Stay, Tariff, World
from tests.benchmarks.bounds.small import HOUR, cost, quiet, with_pauses, world, worlds

AC = ac_modes()
DEVICES = (AC, ac_modes(step=0.1, phases=(1,)), ac_modes(step=None), ac_modes(short=0.7))
UNLIMITED = 10_000
BURST, APART = 600, 6_000
LEAST = 4_140.0
INTO = float(battery_power(np.array([LEAST]), 3)[0])
"""6 A over three phases, in W at the wall and into the battery."""

_ONE = Modes((np.array([LEAST]), np.array([INTO])))
ONE_MODE = Modes((np.array([0.0, LEAST]), np.array([0.0, INTO])), groups=(_ONE,))
"""A charger that knows no other power, so that what is best is plain to see."""


def actions(flows: NDArray[np.float64]) -> int:
    """How often a contactor closed and opened, the opening as the car leaves among them."""
    flowing = np.concatenate(([False], flows[0] > 0, [False]))
    return int(np.count_nonzero(np.diff(flowing)))


def bursts(count: int) -> World:
    """A sun for ten minutes in every hundred, and a car that wants all of it; soon after power is dear."""
    seconds = count * APART
    at = np.arange(seconds) % APART
    wanted = count * BURST / HOUR * INTO
    stay = Stay(connector=0, arrive=0, depart=seconds, wanted=wanted, capacity=60_000.0, soc=0.3)
    bought = np.where(at < 4 * BURST, 0.4, 2.0)[::BURST]
    tariff = Tariff(import_price=bought, export_price=np.zeros(len(bought)), step=BURST)
    sun = np.where(at < BURST, LEAST, 0.0).astype(np.float32)
    return world(load=np.zeros((3, seconds), dtype=np.float32), sun=sun, tariff=tariff, stays=(stay,))


@settings(deadline=None, max_examples=40)
@given(found=worlds(), seed=st.integers(0, 2**32), modes=st.sampled_from(DEVICES))
def test_nobody_with_so_many_actions_gets_below_it(found: World, seed: int, modes: Modes) -> None:
    rng = random.Random(seed)
    for _ in range(4):
        flows = with_pauses(found, modes, rng)
        assert sparing_bound(found, modes, actions(flows)).cost <= cost(found, flows) + 1e-9


@settings(deadline=None, max_examples=10)
@given(found=worlds(), modes=st.sampled_from(DEVICES))
def test_who_has_no_end_of_actions_is_held_by_the_device_alone(found: World, modes: Modes) -> None:
    best, device = sparing_bound(found, modes, UNLIMITED), device_bound(found, modes)
    assert device.cost <= best.cost <= device.cost + 5e-3, "within the grid of values"
    assert replace(best, cost=device.cost) == device


@settings(deadline=None, max_examples=25)
@given(found=worlds(), few=st.integers(0, 12), more=st.integers(1, 12))
def test_more_actions_cost_no_more(found: World, few: int, more: int) -> None:
    lavish = sparing_bound(found, AC, few + more).cost
    assert lavish <= sparing_bound(found, AC, few).cost + 1e-4, "within the grid of values"


@settings(deadline=None, max_examples=25)
@given(found=worlds(cheapest=0.0))
def test_who_may_not_close_at_all_charges_nothing(found: World) -> None:
    assert sparing_bound(found, AC, 0).cost == pytest.approx(cost(found, np.zeros((2, span(found)))), abs=5e-3)


def span(found: World) -> int:
    (stay,) = found.stays
    return stay.depart - stay.arrive


@pytest.mark.parametrize("allowed", [2, 4, 6, 8])
def test_somebody_gets_near_it(allowed: int) -> None:
    """A start for each burst that is taken; what the others would have given is bought after the last of them."""
    found = bursts(4)
    lacking = 4 - allowed // 2
    flows = np.zeros((2, found.seconds))
    for i in range(4):
        length = 0 if i < lacking else BURST * (1 + lacking * (i == 3))
        flows[:, i * APART : i * APART + length] = [[LEAST], [INTO]]
    assert actions(flows) == allowed
    real = cost(found, flows)
    assert real == pytest.approx(lacking * LEAST * BURST / 3.6e6 * 0.4, abs=1e-9)
    assert 0.985 * real <= sparing_bound(found, ONE_MODE, allowed).cost <= real + 1e-9


def test_what_one_stay_does_not_need_another_has() -> None:
    """Two stays of an hour at the same prices: with one start the one that wants less is left without."""
    stays = tuple(
        Stay(connector=0, arrive=hour * HOUR, depart=(hour + 1) * HOUR, wanted=wanted, capacity=60_000.0, soc=0.3)
        for hour, wanted in ((0, 4_520.0), (2, 452.0))
    )
    found = replace(quiet(3, bought=[0.3] * 3, sold=[0.1] * 3, stay=stays[0]), stays=stays)
    left = departure_cost(found.tariff, stays[1], 0.0)
    assert left == pytest.approx(0.452 * missing_price(found.tariff))
    assert sparing_bound(found, AC, 4).cost == pytest.approx(5.5 * 0.3, rel=1e-3)
    assert sparing_bound(found, AC, 2).cost == pytest.approx(5 * 0.3 + left, rel=1e-2)


def test_only_a_case_that_asks_for_it_has_it_and_only_for_the_days_it_has() -> None:
    found = bursts(4)
    case = Case(world=found, rig=Rig(), modes=AC)
    assert SPARING not in bounds(case)
    allowed = replace(case, actions=2.0 * 7 * 86_400 / found.seconds)
    assert bounds(allowed)[SPARING].cost == pytest.approx(sparing_bound(found, AC, 2.0).cost)
    assert bounds(allowed)[SPARING].cost > bounds(allowed)[BOUND].cost
    assert str(ACTIONS) in SPARING


def test_a_device_without_a_contactor_is_refused() -> None:
    stay = Stay(connector=0, arrive=0, depart=HOUR, wanted=0.0, capacity=60_000.0, soc=0.2)
    found = quiet(1, bought=[0.3], sold=[0.1], stay=stay)
    with pytest.raises(ValueError, match="AC charger"):
        sparing_bound(found, dc_modes(), 4)
