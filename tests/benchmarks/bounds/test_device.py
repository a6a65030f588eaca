"""The device bound: nobody gets below it, and somebody gets near it."""

import random

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from benchmarks.bounds.device import device_bound
from benchmarks.bounds.lp import lp_bound
from benchmarks.bounds.modes import Modes, ac_modes, dc_modes
from benchmarks.bounds.terms import net
from benchmarks.worlds.model import Stay, World
from tests.benchmarks.bounds.small import HOUR, by_chance, cost, quiet, with_pauses, worlds

DEVICES = {
    "1 A": ac_modes(),
    "0.1 A, one phase": ac_modes(step=0.1, phases=(1,)),
    "without steps": ac_modes(step=None),
    "a car that draws less": ac_modes(short=0.7),
    "both directions": dc_modes(),
}
AT_ONCE = {name: Modes(modes.points, modes.ranges) for name, modes in DEVICES.items()}
"""The same without pauses: any mode at any second."""

WITH_PAUSES = sorted(name for name, modes in DEVICES.items() if modes.groups)
RESERVE = 0.2


def thrifty(world: World, modes: Modes, value: float) -> NDArray[np.float64]:
    """A controller that takes all that is cheaper than a value, until the car has what it wants."""
    (stay,) = world.stays
    walls, batteries = modes.all_points
    spare = -net(world, stay.arrive, stay.depart)
    flows, held = np.zeros((2, len(spare))), 0.0
    for t, watts in enumerate(spare):
        step = (stay.arrive + t) // world.tariff.step
        over = walls - watts
        bill = np.where(over > 0, world.tariff.import_price[step], world.tariff.export_price[step]) * over
        best = int(np.argmin(bill - value * batteries))
        if held + batteries[best] / 3600 <= stay.wanted:
            held += batteries[best] / 3600
            flows[:, t] = walls[best], batteries[best]
    return flows


@settings(deadline=None, max_examples=60)
@given(found=worlds(), seed=st.integers(0, 2**32), device=st.sampled_from(sorted(DEVICES)))
def test_nobody_gets_below_it(found: World, seed: int, device: str) -> None:
    modes = AT_ONCE[device]
    bound = device_bound(found, modes, reserve=RESERVE).cost
    rng = random.Random(seed)
    for _ in range(3):
        assert bound <= cost(found, by_chance(found, modes, rng, reserve=RESERVE)) + 1e-9


@settings(deadline=None, max_examples=60)
@given(found=worlds(), seed=st.integers(0, 2**32), device=st.sampled_from(WITH_PAUSES))
def test_nobody_with_pauses_gets_below_it(found: World, seed: int, device: str) -> None:
    bound = device_bound(found, DEVICES[device]).cost
    rng = random.Random(seed)
    for _ in range(6):
        assert bound <= cost(found, with_pauses(found, DEVICES[device], rng)) + 1e-9


@settings(deadline=None, max_examples=40)
@given(found=worlds(), device=st.sampled_from(WITH_PAUSES))
def test_pauses_cost_something_or_nothing(found: World, device: str) -> None:
    assert device_bound(found, DEVICES[device]).cost >= device_bound(found, AT_ONCE[device]).cost


@settings(deadline=None, max_examples=40)
@given(found=worlds(), value=st.floats(0, 1.0))
def test_not_even_who_knows_what_a_kilowatt_hour_is_worth(found: World, value: float) -> None:
    modes = AT_ONCE["1 A"]
    assert device_bound(found, modes).cost <= cost(found, thrifty(found, modes, value)) + 1e-9


@settings(deadline=None, max_examples=40)
@given(found=worlds(cheapest=0.0))
def test_without_limits_of_the_device_it_costs_no_more(found: World) -> None:
    lp = lp_bound(found, power=max(11_040.0, DEVICES["1 A"].fastest / 0.904)).cost
    without = device_bound(found, AT_ONCE["without steps"]).cost
    stepped = device_bound(found, AT_ONCE["1 A"]).cost
    assert lp <= without + 5e-3, "within the grid of values"
    assert without <= stepped + 1e-3


@settings(deadline=None, max_examples=25)
@given(found=worlds())
def test_power_back_costs_no_more(found: World) -> None:
    one_way = device_bound(found, dc_modes(back=False)).cost
    assert device_bound(found, dc_modes(), reserve=RESERVE).cost <= one_way + 1e-3


def test_somebody_gets_near_it() -> None:
    """Four hours, of which the second has a sun and the third is cheap."""
    stay = Stay(connector=0, arrive=0, depart=4 * HOUR, wanted=9_000.0, capacity=60_000.0, soc=0.3)
    found = quiet(4, bought=[0.4, 0.4, 0.2, 0.3], sold=[0.1] * 4, stay=stay, watts=400.0)
    found.sun[HOUR : 2 * HOUR] = np.linspace(0, 6000, HOUR)
    bound = device_bound(found, AT_ONCE["1 A"])
    best = min(
        cost(found, thrifty(found, AT_ONCE["1 A"], value)) for value in (0.11, 0.2, 0.225, 0.25, 0.3, 0.33, 0.36)
    )
    assert bound.cost <= best <= bound.cost + 0.02
    assert bound.energy == pytest.approx(9_000)
    assert bound.missing == 0


def test_from_the_grid_it_costs_what_the_best_current_costs() -> None:
    stay = Stay(connector=0, arrive=600, depart=3 * HOUR, wanted=9_040.0, capacity=60_000.0, soc=0.3)
    found = quiet(3, bought=[0.3] * 3, sold=[0.1] * 3, stay=stay)
    assert device_bound(found, DEVICES["1 A"]).cost == pytest.approx(10 * 0.3, rel=1e-4)
    assert lp_bound(found).cost == pytest.approx(10 * 0.3)


def test_what_cannot_be_had_is_missing_and_dear() -> None:
    stay = Stay(connector=0, arrive=0, depart=HOUR, wanted=20_000.0, capacity=60_000.0, soc=0.3)
    found = quiet(1, bought=[0.3], sold=[0.1], stay=stay)
    for bound in (device_bound(found, DEVICES["1 A"]), lp_bound(found)):
        assert bound.missing == pytest.approx(20_000 - 9_980.16, rel=1e-4)
        assert bound.cost == pytest.approx(11.04 * 0.3 + bound.missing / 1000 * 0.6, rel=1e-4)


def test_stocking_up_earns_nothing() -> None:
    stay = Stay(connector=0, arrive=0, depart=2 * HOUR, wanted=0.0, capacity=60_000.0, soc=0.3)
    found = quiet(2, bought=[0.3, 0.2], sold=[0.1, 0.05], stay=stay)
    assert device_bound(found, DEVICES["1 A"]).cost == pytest.approx(0.0, abs=1e-9)


def test_a_full_battery_gives_the_evening_back() -> None:
    """1 kW of house for an hour at 0.60: 1.03 kWh through the converter, bought again at 0.10."""
    stay = Stay(connector=0, arrive=0, depart=2 * HOUR, wanted=0.0, capacity=60_000.0, soc=0.8)
    found = quiet(2, bought=[0.6, 0.1], sold=[0.0, 0.0], stay=stay, watts=1_000.0)
    taken = float(np.interp(-1000, *DEVICES["both directions"].all_points)) / -1000
    bound = device_bound(found, DEVICES["both directions"], reserve=RESERVE).cost
    assert bound == pytest.approx(0.1 + 0.1 * taken / 0.93, abs=0.005)
    assert device_bound(found, DEVICES["1 A"]).cost == pytest.approx(0.7)


def test_a_battery_at_its_reserve_gives_nothing() -> None:
    stay = Stay(connector=0, arrive=0, depart=2 * HOUR, wanted=0.0, capacity=60_000.0, soc=0.2)
    found = quiet(2, bought=[0.6, 0.1], sold=[0.0, 0.0], stay=stay, watts=1_000.0)
    assert device_bound(found, DEVICES["both directions"], reserve=RESERVE).cost == pytest.approx(0.7, abs=0.003)


def test_a_minute_of_clouds_is_not_worth_other_phases() -> None:
    """For half a minute in two the sun fits one phase only: who switches at once takes that too."""
    stay = Stay(connector=0, arrive=0, depart=2 * HOUR, wanted=5_900.0, capacity=60_000.0, soc=0.3)
    found = quiet(2, bought=[0.4] * 2, sold=[0.0] * 2, stay=stay)
    found.sun[:] = np.where(np.arange(2 * HOUR) % 120 < 30, 1_500.0, 4_200.0)
    at_once = device_bound(found, AT_ONCE["1 A"]).cost
    assert at_once == pytest.approx(0, abs=1e-6)
    assert device_bound(found, DEVICES["1 A"]).cost > 0.05


def test_two_cars_at_once_are_refused() -> None:
    stay = Stay(connector=0, arrive=0, depart=HOUR, wanted=0.0, capacity=60_000.0, soc=0.2)
    found = quiet(1, bought=[0.3], sold=[0.1], stay=stay)
    twice = World(
        name="two",
        start=found.start,
        seconds=HOUR,
        load=found.load,
        sun=found.sun,
        tariff=found.tariff,
        stays=(stay, stay),
    )
    with pytest.raises(ValueError, match="one charger"):
        device_bound(twice, DEVICES["1 A"])
