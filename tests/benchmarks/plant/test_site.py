"""A whole site: that energy adds up, that a run can be repeated, and that no law sees what has not happened yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from benchmarks.laws.setup import Setup
from benchmarks.laws.table import IDEAL, LAWS, PLUG
from benchmarks.plant.battery import BatteryModel
from benchmarks.plant.command import Command
from benchmarks.plant.converter import FAST_CONVERTER
from benchmarks.plant.intake import AVERAGE
from benchmarks.plant.meter import Failing, Fault
from benchmarks.plant.rig import OutletModel, Rig, Trace
from benchmarks.plant.site import Site, plugged_spans
from benchmarks.plant.view import NOTHING, Law, View
from benchmarks.scores.measure import grid_currents
from benchmarks.worlds.forecasts import forecasts
from benchmarks.worlds.model import Forecast, Tariff, World
from tests.benchmarks.plant.made import stay, world

HOUR = 3600


@dataclass
class Told:
    """A law with a witness."""

    law: Law
    said: list[tuple[int, int, Command]] = field(default_factory=list)

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        orders = self.law.act(now, view)
        self.said += [(now, number, command) for number, command in orders.items()]
        return orders


def drive(made: World, name: str, rig: Rig | None = None, known: tuple[Forecast, ...] = ()) -> tuple[Trace, Told]:
    equipment = rig or Rig()
    told = Told(LAWS[name].make(Setup(rig=equipment, truth=made)))
    return Site(made, equipment, lambda: told, known, AVERAGE).run(), told


def test_what_a_battery_got_was_drawn_from_the_grid_and_less_of_it() -> None:
    trace, _ = drive(world(), PLUG)
    wall = float(trace.cars.sum(dtype=np.float64)) * 230.0 / 3600.0
    assert trace.served[0].given == pytest.approx(10_000.0, abs=5.0)
    assert 0.85 < trace.served[0].given / wall < 0.93


def test_nothing_flows_while_nobody_is_there() -> None:
    trace, _ = drive(world(stay(1, 3), stay(10, 12)), PLUG)
    assert trace.cars[:, : HOUR - 60].max() == 0.0
    assert trace.cars[:, 3 * HOUR : 10 * HOUR - 60].max() == 0.0
    assert len(trace.served) == 2
    assert trace.counts.actions == 4


def test_the_grid_carries_house_cars_and_battery() -> None:
    made = world(sun=2_000.0)
    trace, _ = drive(made, PLUG, Rig(battery=BatteryModel()))
    assert trace.battery is not None
    flows = grid_currents(made, trace).sum(axis=0) * 230.0
    expected = made.load.sum(axis=0) - made.sun + trace.cars.sum(axis=0) * 230.0 - trace.battery
    np.testing.assert_allclose(flows, expected, atol=2.0)


@pytest.mark.parametrize("name", LAWS)
def test_the_same_seed_has_the_same_day(name: str) -> None:
    first, second = (drive(world(sun=5_000.0), name) for _ in range(2))
    np.testing.assert_array_equal(first[0].cars, second[0].cars)
    assert first[1].said == second[1].said


def test_another_seed_has_another_car() -> None:
    first, second = (drive(world(), PLUG, Rig(seed=seed))[0] for seed in (1, 2))
    assert first.cars.max() != second.cars.max()


@pytest.mark.parametrize("name", [name for name in LAWS if name != IDEAL])
@pytest.mark.parametrize("outlets", [Rig().outlets, (FAST_CONVERTER,)], ids=("AC", "DC"))
def test_no_law_sees_what_has_not_happened_yet(name: str, outlets: tuple[OutletModel, ...]) -> None:
    cut = 4 * HOUR + 17
    made = world(stay(1, 9, wanted=20_000.0), sun=6_000.0)
    known = forecasts(made, seed=1).issues
    other = _another_future(made, cut)
    rig = Rig(outlets=outlets, battery=BatteryModel())
    before = [each for each in drive(made, name, rig, known)[1].said if each[0] < cut]
    after = [each for each in drive(other, name, rig, known)[1].said if each[0] < cut]
    assert before == after


def _another_future(made: World, cut: int) -> World:
    """Return a world with another house and sun from a second on, and other prices from when none are known."""
    rng = np.random.default_rng(99)
    load, sun = made.load.copy(), made.sun.copy()
    load[:, cut:] = rng.uniform(0.0, 3_000.0, size=load[:, cut:].shape)
    sun[cut:] = rng.uniform(0.0, 8_000.0, size=sun[cut:].shape)
    # At 10:00 UTC in May only the prices up to local midnight (22:00 UTC) are out.
    bought = made.tariff.import_price.copy()
    bought[16:] = 9.0
    tariff = Tariff(import_price=bought, export_price=made.tariff.export_price, step=HOUR)
    return replace(made, load=load, sun=sun, tariff=tariff)


@dataclass
class Curious:
    """A law that notes what it sees of the prices."""

    known: dict[int, int] = field(default_factory=dict)

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        prices = view.prices(now)
        self.known[now] = -1 if prices is None else len(prices.import_price)
        return NOTHING


def test_prices_of_the_next_day_are_out_at_one_o_clock() -> None:
    curious = Curious()
    Site(world(stay(1, 9)), Rig(priceless=((2 * HOUR, 3 * HOUR),)), lambda: curious, (), AVERAGE).run()
    assert curious.known[HOUR] == 16
    assert curious.known[2 * HOUR + 60] == -1
    # 06:00 UTC is 08:00 by the wall clock of a May in Amsterdam.
    assert curious.known[5 * HOUR - 1] == 16
    assert curious.known[5 * HOUR] == 30


def test_a_controller_that_is_gone_says_nothing_and_comes_back_new() -> None:
    made: list[Told] = []
    setup = Setup(rig=Rig(outages=((2 * HOUR, 2 * HOUR + 45),)), truth=world())

    def law() -> Told:
        made.append(Told(LAWS[PLUG].make(setup)))
        return made[-1]

    Site(setup.truth, setup.rig, law, (), AVERAGE).run()
    assert len(made) == 2
    assert max(now for now, _, _ in made[0].said) < 2 * HOUR
    assert min(now for now, _, _ in made[1].said) >= 2 * HOUR + 45


def test_a_clock_that_steps_moves_nothing_but_the_clock() -> None:
    fault = Fault(kind=Failing.CLOCK, begin=2 * HOUR, end=3 * HOUR)
    usual, stepped = (drive(world(sun=5_000.0), "30 s / 1 A", Rig(faults=faults)) for faults in ((), (fault,)))
    assert usual[1].said == stepped[1].said


def test_spans_are_joined_where_stays_overlap() -> None:
    stays = (stay(1, 3), stay(2, 5, connector=1), stay(8, 9))
    assert plugged_spans(stays, 30 * HOUR) == ((HOUR - 30, 5 * HOUR), (8 * HOUR - 30, 9 * HOUR))
