"""No law in the plant gets below the bound that it is measured by."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.bounds.modes import ac_modes, dc_modes
from benchmarks.laws.table import OURS, PLUG
from benchmarks.plant.battery import BatteryModel
from benchmarks.plant.converter import FAST_CONVERTER
from benchmarks.plant.rig import Rig
from benchmarks.scenarios.case import Case
from benchmarks.scenarios.running import bounds, run_law
from benchmarks.scores.compared import BOUND, ONE_WAY
from benchmarks.worlds.forecasts import forecasts
from benchmarks.worlds.model import PeakPrice, World
from tests.benchmarks.plant.made import stay, world

LAWS = (PLUG, "price only", "30 s / 1 A", OURS)


def sunny() -> World:
    """A day with a car that has a few hours, some of them sunny, and dear ones first."""
    found = world(stay(2, 7, wanted=9_000.0), load=900.0, sun=4_000.0)
    sun = np.where(np.arange(found.seconds) // 3600 % 24 < 5, found.sun, 0.0).astype(np.float32)
    prices = np.roll(found.tariff.import_price, 4)
    return replace(found, sun=sun, tariff=replace(found.tariff, import_price=prices, export_price=prices * 0.3))


@pytest.mark.parametrize("peak", [None, PeakPrice(4.4), PeakPrice(4.4, floor=2.5)])
@pytest.mark.parametrize("law", LAWS)
def test_at_a_price_on_the_peak(law: str, peak: PeakPrice | None) -> None:
    found, rig = sunny(), Rig(fuse=40.0)
    known = forecasts(found, seed=1).issues
    case = Case(world=found, rig=rig, forecasts=known, modes=ac_modes(short=rig.habits(0)[0]), peak=peak)
    assert bounds(case)[BOUND].cost <= run_law(law, case).cost


@pytest.mark.parametrize("law", [PLUG, "price only", OURS])
def test_beside_a_home_battery(law: str) -> None:
    found = sunny()
    rig = Rig(fuse=40.0, outlets=(FAST_CONVERTER,), battery=BatteryModel())
    known = forecasts(found, seed=1).issues
    case = Case(world=found, rig=rig, forecasts=known, modes=dc_modes(), base=dc_modes(back=False))
    best = bounds(case)
    assert best[BOUND].cost <= best[ONE_WAY].cost + 0.01
    assert best[BOUND].cost <= run_law(law, case).cost


def test_both_at_once_are_refused() -> None:
    case = Case(world=sunny(), rig=Rig(battery=BatteryModel()), modes=ac_modes(), peak=PeakPrice(4.4))
    with pytest.raises(ValueError, match="no bound"):
        bounds(case)
