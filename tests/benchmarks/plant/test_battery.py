"""A home battery that looks after itself."""

from random import Random

import pytest

from benchmarks.plant.battery import BatteryModel, HomeBattery


def settle(battery: HomeBattery, house: float, seconds: int = 60) -> float:
    """Return what flows at the grid connection in the end."""
    for _ in range(seconds):
        battery.step(house - battery.watts)
    return house - battery.watts


@pytest.mark.parametrize("house", [1_500.0, -1_500.0])
def test_it_brings_the_grid_to_zero_within_its_power(house: float) -> None:
    assert settle(HomeBattery(BatteryModel(), Random(1)), house) == pytest.approx(0.0, abs=1.0)


def test_it_is_late_by_seconds() -> None:
    battery = HomeBattery(BatteryModel(lag=(4.0, 4.0)), Random(1))
    battery.step(1_000.0)
    assert battery.watts == 250.0


def test_it_gives_no_more_than_its_power() -> None:
    assert settle(HomeBattery(BatteryModel(), Random(1)), 9_000.0) == 5_000.0


def test_it_ends_empty_and_full() -> None:
    model = BatteryModel(capacity=1_000.0)
    for house, end in ((4_000.0, 0.0), (-4_000.0, 1_000.0)):
        battery = HomeBattery(model, Random(1))
        settle(battery, house, 3_600)
        assert battery.stored == end
        assert battery.watts == 0.0


def test_there_and_back_loses_a_tenth() -> None:
    battery = HomeBattery(BatteryModel(lag=(1.0, 1.0)), Random(1))
    settle(battery, -1_000.0, 3_600)
    settle(battery, 902.5, 3_600)
    assert battery.stored == pytest.approx(4_000.0, abs=5.0)


def test_its_last_second_gives_what_is_left() -> None:
    battery = HomeBattery(BatteryModel(capacity=1.0, lag=(1.0, 1.0)), Random(1))
    battery.step(4_000.0)
    assert battery.watts == pytest.approx(0.5 * 0.95 * 3600.0)
    assert battery.stored == pytest.approx(0.0, abs=1e-12)
