"""The bound beside a home battery: the battery of the plant, whatever the car does to it, never gets below."""

import random

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from benchmarks.bounds.device import device_bound
from benchmarks.bounds.guide import SLOT
from benchmarks.bounds.home_battery import bound_at, home_battery_bound
from benchmarks.bounds.modes import Modes, ac_modes, dc_modes
from benchmarks.plant.battery import BatteryModel, HomeBattery
from benchmarks.worlds.model import Stay, World
from tests.benchmarks.bounds.small import HOUR, by_chance, cost, quiet, site_flow, worlds

DEVICES = (dc_modes(), dc_modes(back=False), Modes(ac_modes().points))
RESERVE = 0.2

BATTERIES = st.builds(
    BatteryModel,
    capacity=st.sampled_from((200.0, 1_000.0, 8_000.0)),
    power=st.sampled_from((800.0, 4_000.0)),
    lag=st.sampled_from(((1.0, 1.0), (2.0, 5.0), (30.0, 30.0))),
    start=st.sampled_from((0.0, 0.3, 1.0)),
)


def beside(found: World, flows: NDArray[np.float64], model: BatteryModel, seed: int) -> float:
    """What a world costs with the plant's battery in it."""
    battery, first = HomeBattery(model, random.Random(seed)), model.start * model.capacity
    given = np.zeros(found.seconds)
    for t, flow in enumerate(site_flow(found, flows).tolist()):
        battery.step(flow - battery.watts)
        given[t] = battery.watts
    worth = model.efficiency * float(found.tariff.import_price.mean())
    return cost(found, flows, given) - (battery.stored - first) / 1e3 * worth


def shaking(found: World, rng: random.Random) -> NDArray[np.float64]:
    """A converter that goes to and fro, so that the battery is always late."""
    (stay,) = found.stays
    walls, batteries = DEVICES[0].all_points
    period, share = rng.randint(2, 20), rng.random()
    on = np.arange(stay.depart - stay.arrive) % period < max(1, round(share * period))
    wall = np.where(on, *(rng.choice((walls[0], 330.0, 4_000.0, walls[-1])) for _ in range(2)))
    flows = np.stack((wall, np.interp(wall, walls, batteries))).astype(np.float64)
    held = stay.soc * stay.capacity + np.cumsum(flows[1]) / 3600
    ends = np.flatnonzero((held > stay.capacity) | (held < RESERVE * stay.capacity))
    flows[:, ends[0] if len(ends) else len(wall) :] = 0.0
    return flows


@settings(deadline=None, max_examples=60)
@given(found=worlds(), model=BATTERIES, seed=st.integers(0, 2**32), modes=st.sampled_from(DEVICES))
def test_nobody_gets_below_it(found: World, model: BatteryModel, seed: int, modes: Modes) -> None:
    bound = home_battery_bound(found, modes, model, reserve=RESERVE).cost
    rng = random.Random(seed)
    for _ in range(3):
        flows = by_chance(found, modes, rng, reserve=RESERVE)
        assert bound <= beside(found, flows, model, seed) + 1e-9


@settings(deadline=None, max_examples=60)
@given(found=worlds(), model=BATTERIES, seed=st.integers(0, 2**32))
def test_not_even_who_makes_it_late(found: World, model: BatteryModel, seed: int) -> None:
    """Whatever a kWh in the battery is thought to be worth at each time."""
    rng = random.Random(seed)
    level, scatter = rng.choice((0.0, 0.1, 0.3, 1.0)), rng.choice((0.0, 0.05, 0.5))
    values = level + scatter * np.random.default_rng(seed).uniform(0, 1, -(-found.seconds // SLOT))
    bounds = [bound_at(found, DEVICES[0], model, each, reserve=RESERVE).cost for each in (values, values * 0 + level)]
    for _ in range(3):
        assert max(bounds) <= beside(found, shaking(found, rng), model, seed) + 1e-9


@settings(deadline=None, max_examples=20)
@given(found=worlds(), modes=st.sampled_from(DEVICES))
def test_one_that_holds_nothing_changes_nothing(found: World, modes: Modes) -> None:
    bare = device_bound(found, modes, reserve=RESERVE).cost
    assert home_battery_bound(found, modes, BatteryModel(capacity=0.0), reserve=RESERVE).cost == bare


def test_what_no_car_touches_costs_what_the_plant_says() -> None:
    """An hour of sun fills it, an hour of house takes of it; the car wants nothing."""
    stay = Stay(connector=0, arrive=0, depart=2 * HOUR, wanted=0.0, capacity=60_000.0, soc=0.2)
    found = quiet(2, bought=[0.3, 0.4], sold=[0.1, 0.1], stay=stay, watts=1_000.0)
    found.sun[:HOUR] = 3_000.0
    model = BatteryModel(lag=(2.0, 2.0))
    real = beside(found, np.zeros((2, 2 * HOUR)), model, 1)
    assert real - 0.005 <= home_battery_bound(found, DEVICES[2], model).cost <= real + 1e-9


def test_it_neither_buys_nor_sells_for_itself() -> None:
    """The first hour is cheap and the second dear either way: a battery that could would buy and sell."""
    stay = Stay(connector=0, arrive=0, depart=2 * HOUR, wanted=0.0, capacity=60_000.0, soc=0.2)
    found = quiet(2, bought=[0.1, 0.9], sold=[0.0, 0.8], stay=stay, watts=500.0)
    model = BatteryModel(lag=(2.0, 2.0), start=0.0)
    real = beside(found, np.zeros((2, 2 * HOUR)), model, 1)
    assert real == pytest.approx(0.5 * (0.1 + 0.9))
    assert real - 0.005 <= home_battery_bound(found, DEVICES[2], model).cost <= real + 1e-9
