"""A home battery that nobody commands, and who feeds whom in a house with one."""

from random import Random

import pytest

from simulator.car import CarModel
from simulator.clockwork import TICK
from simulator.home_battery import HomeBattery, HomeBatteryModel
from simulator.house import DC_BOX, House, Plan
from simulator.record import Flows, Givings
from simulator.sun import SKIES, ModelledSun
from tests.simulator.conftest import NOON


def live(battery: HomeBattery, seconds: float, load: float) -> float:
    """Let a house draw `load` W besides the battery; returns what is left at the grid."""
    for _ in range(round(seconds / TICK)):
        battery.step(TICK, load - battery.power)
    return load - battery.power


@pytest.mark.parametrize("load", [1500.0, -1500.0])
@pytest.mark.parametrize("seed", range(5))
def test_it_holds_the_grid_at_nothing_a_few_seconds_late(load: float, seed: int) -> None:
    battery = HomeBattery(HomeBatteryModel(), Random(seed))
    assert live(battery, 1.9, load) == load
    assert abs(live(battery, 8, load)) <= 40
    assert abs(live(battery, 60, load)) <= 40


def test_it_does_no_more_than_it_can() -> None:
    battery = HomeBattery(HomeBatteryModel(charge=2000.0, discharge=3000.0), Random(1))
    assert live(battery, 20, 9000) == pytest.approx(6000)
    assert live(battery, 20, -9000) == pytest.approx(-7000)


def test_empty_it_gives_nothing_and_full_it_takes_nothing() -> None:
    battery = HomeBattery(HomeBatteryModel(capacity=100.0), Random(1), soc=50.0)
    assert live(battery, 600, 1000) == 1000
    assert battery.soc == pytest.approx(10, abs=0.1)
    assert live(battery, 900, -1000) == -1000
    assert battery.soc == 100


def test_there_and_back_something_is_lost() -> None:
    battery = HomeBattery(HomeBatteryModel(), Random(1))
    live(battery, 1800, -2000)
    live(battery, 1800, 2000)
    assert 48.8 < battery.soc < 49.7


def house_with_battery(**plan: float) -> House:
    return House(Plan(start=NOON, battery=10_000.0, **plan), sun=ModelledSun(SKIES["clear"]))  # type: ignore[arg-type]


def test_in_a_house_it_takes_what_is_left_over() -> None:
    house = house_with_battery()
    house.step(30)
    assert house.battery_power == -4000
    assert house.grid.power == pytest.approx(sum(house.house_load) - house.solar + 4000)
    assert house.record.last(1)[0].flows.battery == -4000


def test_beside_a_load_on_one_phase_the_sum_is_nothing() -> None:
    house = house_with_battery(kwp=0.0)
    house.switch_on("washer", 0)
    house.step(30)
    assert house.grid.power == pytest.approx(0, abs=100)
    assert house.grid.amps[0] > 5
    assert house.grid.amps[1] < -2


def test_what_it_gives_to_a_car_is_on_record() -> None:
    house = house_with_battery(kwp=0.0)
    house.plug("keba", CarModel(phases=1, max_current=10.0))
    house.step(120)
    assert house.record.givings.battery_to_cars == pytest.approx(house.record.deliveries["keba"].from_grid, rel=0.2)


def test_the_house_comes_first_in_what_a_car_gives() -> None:
    givings = Givings()
    givings.tick(1.0, Flows(sun=500, house=1500, battery=-700, chargers={DC_BOX: -4000, "keba": 2000}))
    assert (givings.to_house, givings.to_cars, givings.to_battery, givings.to_grid) == (1000, 2000, 700, 300)


def test_between_a_car_and_a_battery_that_give_the_car_serves_the_house_first() -> None:
    givings = Givings()
    givings.tick(1.0, Flows(house=1500, battery=1000, chargers={DC_BOX: -1000, "keba": 2000}))
    assert (givings.to_house, givings.to_cars, givings.battery_to_cars) == (1000, 0, 500)
