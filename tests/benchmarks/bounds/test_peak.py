"""The bound with a price on the highest quarter-hour: nobody gets below it, and without the price it is the other."""

import random

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from benchmarks.bounds.account import Account
from benchmarks.bounds.device import device_bound
from benchmarks.bounds.modes import Modes, ac_modes, dc_modes
from benchmarks.bounds.peak import bound_at, peak_bound
from benchmarks.worlds.model import PeakPrice, Stay, World
from tests.benchmarks.bounds.small import HOUR, by_chance, cost, quiet, site_flow, with_pauses, worlds

AC = ac_modes()
AT_ONCE = Modes(AC.points)
RESERVE = 0.2
PRICES = st.builds(PeakPrice, st.sampled_from((0.01, 0.4, 4.4)), st.sampled_from((0.0, 1.0, 2.5)))


def peak(found: World, flows: NDArray[np.float64]) -> float:
    return float(site_flow(found, flows).reshape(-1, 900).mean(axis=1).max()) / 1e3


@settings(deadline=None, max_examples=40)
@given(found=worlds(), price=PRICES, seed=st.integers(0, 2**32), modes=st.sampled_from((AT_ONCE, dc_modes())))
def test_nobody_gets_below_it(found: World, price: PeakPrice, seed: int, modes: Modes) -> None:
    bound = peak_bound(found, modes, price, reserve=RESERVE).cost
    rng = random.Random(seed)
    for _ in range(3):
        flows = by_chance(found, modes, rng, reserve=RESERVE)
        assert bound <= cost(found, flows) + price.cost(peak(found, flows)) + 1e-9


@settings(deadline=None, max_examples=30)
@given(found=worlds(), price=PRICES, seed=st.integers(0, 2**32))
def test_nobody_gets_below_it_however_its_price_is_shared(found: World, price: PeakPrice, seed: int) -> None:
    parts = np.random.default_rng(seed).uniform(0, 1, found.seconds // 900)
    bound = bound_at(found, AC, price, parts).cost
    rng = random.Random(seed)
    for _ in range(4):
        flows = with_pauses(found, AC, rng)
        assert bound <= cost(found, flows) + price.cost(peak(found, flows)) + 1e-9


@settings(deadline=None, max_examples=20)
@given(found=worlds())
def test_without_a_price_it_is_the_bound_of_the_bill(found: World) -> None:
    assert peak_bound(found, AC, None).cost == device_bound(found, AC).cost
    finer = Account.plain(found.tariff).finer(300)
    assert device_bound(found, AC, account=finer).cost == pytest.approx(device_bound(found, AC).cost, abs=5e-3), (
        "within the grid"
    )


def test_who_has_time_spreads_it_evenly() -> None:
    """10 kWh from the wall in four hours, at any time of them: 2.5 kW on average, no less."""
    stay = Stay(connector=0, arrive=0, depart=4 * HOUR, wanted=9_040.0, capacity=60_000.0, soc=0.3)
    found = quiet(4, bought=[0.3] * 4, sold=[0.1] * 4, stay=stay)
    assert peak_bound(found, AT_ONCE, PeakPrice(0.4)).cost == pytest.approx(10 * 0.3 + 0.4 * 2.5, rel=1e-3)


def test_below_the_peak_of_the_house_it_costs_nothing() -> None:
    """The first hour's 6 kW are there anyway; 5 kWh for the car fit below them afterwards."""
    stay = Stay(connector=0, arrive=HOUR, depart=3 * HOUR, wanted=4_520.0, capacity=60_000.0, soc=0.3)
    found = quiet(3, bought=[0.3] * 3, sold=[0.1] * 3, stay=stay)
    found.load[0, :HOUR] = 6_000.0
    assert peak_bound(found, AT_ONCE, PeakPrice(4.4)).cost == pytest.approx(11 * 0.3 + 4.4 * 6, rel=1e-3)


def test_what_is_paid_for_at_least_may_be_used() -> None:
    """10 kWh in two hours are 5 kW, more than the floor; in four hours they fit below it."""
    for hours, most in ((2, 5.0), (4, 3.0)):
        stay = Stay(connector=0, arrive=0, depart=hours * HOUR, wanted=9_040.0, capacity=60_000.0, soc=0.3)
        found = quiet(hours, bought=[0.3] * hours, sold=[0.1] * hours, stay=stay)
        assert peak_bound(found, AT_ONCE, PeakPrice(0.4, floor=3.0)).cost == pytest.approx(3.0 + 0.4 * most, rel=1e-3)
