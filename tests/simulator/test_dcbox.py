from random import Random

import pytest

from simulator.car import Battery
from simulator.clockwork import TICK
from simulator.dcbox import MOST, DcBox, efficiency


def live(box: DcBox, seconds: float) -> None:
    for _ in range(round(seconds / TICK)):
        box.feed()
        box.step(TICK)


def running(watts: float, soc: float = 50.0) -> DcBox:
    box = DcBox(Random(1))
    box.plug(Battery(40_000.0, soc))
    box.command(watts=watts, running=True)
    live(box, 40)
    return box


def test_it_takes_half_a_minute_to_start() -> None:
    box = DcBox(Random(1))
    box.plug(Battery())
    box.command(watts=3000, running=True)
    live(box, 29)
    assert box.flow == 0
    live(box, 10)
    assert box.flow == 3000


def test_it_charges_and_loses_some() -> None:
    box = running(5000)
    soc, energy = box.battery.soc if box.battery else 0, box.energy_in
    live(box, 360)
    assert box.battery is not None
    taken = box.energy_in - energy
    assert taken == pytest.approx(500, rel=0.01)
    assert (box.battery.soc - soc) / 100 * 40_000 == pytest.approx(0.93 * taken, rel=0.01)


def test_it_gives_and_the_car_loses_more() -> None:
    box = running(-5000)
    assert box.power == pytest.approx(-4965)
    soc, energy = box.battery.soc if box.battery else 0, box.energy_out
    live(box, 360)
    assert box.battery is not None
    assert (soc - box.battery.soc) / 100 * 40_000 == pytest.approx((box.energy_out - energy) / 0.93, rel=0.01)


def test_an_empty_car_gives_nothing() -> None:
    assert running(-5000, soc=1.0).flow == 0


def test_below_its_least_power_there_is_nothing() -> None:
    assert running(1000).flow == 0


def test_it_has_a_most() -> None:
    assert running(9000).flow == MOST


def test_its_watchdog_stops_it() -> None:
    box = running(3000)
    for _ in range(round(70 / TICK)):
        box.step(TICK)
    assert not box.running
    assert box.flow == 0
    assert box.tally.fallbacks == 1


def test_unplugged_nothing_flows() -> None:
    box = running(3000)
    box.unplug()
    live(box, 1)
    assert box.power == 0


def test_efficiency_rises_with_power() -> None:
    points = [efficiency(watts) for watts in (200, 300, 1000, 2500, 4000, 7400)]
    assert points == sorted(points)
    assert points[2] == pytest.approx(0.85)
    assert points[-1] == pytest.approx(0.93)
