"""The home battery as its own loop runs it."""

from dataclasses import replace

import pytest

from custom_components.smart_evse.engine.plan import HomeBattery
from custom_components.smart_evse.engine.plan.battery import follow, run
from custom_components.smart_evse.engine.settings import BatteryPolicy
from tests.engine.plan.world import slot

BATTERY = HomeBattery(energy=4_000.0, capacity=8_000.0, charge=3_000.0, discharge=2_000.0, efficiency=0.9)
SUN = tuple(slot(index, minutes=60, sun=2_400.0) for index in range(4))
DARK = tuple(slot(index, minutes=60, house=1_800.0) for index in range(4))
NOBODY = (0.0,) * 4


def test_it_stores_what_the_house_leaves_of_the_sun_until_it_is_full() -> None:
    done = run(BATTERY, SUN, NOBODY)
    assert done.powers[:2] == (-2_000.0, -2_000.0)
    assert done.energies[1] == pytest.approx(4_000 + 2 * 1_800)
    assert done.energies[-1] == pytest.approx(8_000)
    assert done.powers[3] == pytest.approx(0)


def test_it_serves_the_house_until_it_is_empty_and_no_car() -> None:
    done = run(replace(BATTERY, floor=400.0), DARK, (3_000.0,) * 4)
    assert done.powers[0] == 1_800
    assert done.energies[-1] == pytest.approx(400)
    fed = run(replace(BATTERY, feeds_cars=True), DARK, (3_000.0,) * 4)
    assert fed.powers[0] == 2_000


@pytest.mark.parametrize(
    ("policy", "stored"),
    [(BatteryPolicy.CAR_FIRST, 500.0), (BatteryPolicy.BATTERY_FIRST, 2_000.0), (BatteryPolicy.BATTERY_UNTIL, 2_000.0)],
)
def test_who_goes_first_takes_the_sun(policy: BatteryPolicy, stored: float) -> None:
    battery = replace(BATTERY, policy=policy, until=5_000.0)
    assert run(battery, SUN, (1_500.0,) * 4).powers[0] == -stored


def test_from_its_threshold_on_the_car_goes_first() -> None:
    battery = replace(BATTERY, policy=BatteryPolicy.BATTERY_UNTIL, until=5_000.0)
    assert run(battery, SUN, (1_500.0,) * 4).powers == pytest.approx((-2_000, -500, -500, -500))


def test_its_energy_is_worth_what_it_will_replace() -> None:
    spilling = run(replace(BATTERY, energy=8_000.0), SUN, NOBODY)
    assert spilling.worth[0] == pytest.approx(0.08 / 0.9)
    gone = run(replace(BATTERY, energy=1_000.0), DARK, NOBODY)
    assert gone.worth[0] == pytest.approx(0.30 * 0.9)


def test_a_planned_power_stops_where_the_energy_does() -> None:
    done = follow(BATTERY, DARK, (2_000.0, 2_000.0, 2_000.0, -9_000.0))
    assert done.energies[1] == pytest.approx(0, abs=500)
    assert done.powers[3] == -3_000
    assert min(done.energies) >= 0
