"""The sun beside a home battery: who comes first, and two loops that do not chase each other."""

from itertools import pairwise

from hypothesis import given, settings as hypothesis, strategies as st
import pytest

from custom_components.smart_evse.engine.model import Mode, PerPhase, ReasonKey, SiteState
from custom_components.smart_evse.engine.settings import BatteryPolicy, BatterySettings

from .plant import VOLTS, Charger, Flow, HomeBattery, Plant, garage, site

LAGS = [(2, 1), (3, 5), (5, 10)]
"""How late the battery follows, and how often it is read, in s."""


def sun(*powers: float, each: int = 600) -> Flow:
    """Return a house under a sun that leaves so many W, the next after `each` s."""

    def flow(t: int) -> PerPhase:
        amps = -powers[min(t // each, len(powers) - 1)] / 3 / VOLTS
        return PerPhase(amps, amps, amps)

    return flow


def battery_plant(flow: Flow, battery: HomeBattery, mode: Mode = Mode.SOLAR, **changes: object) -> Plant:
    told = {"policy": BatteryPolicy.CAR_FIRST, **changes}
    return Plant(
        site(garage(mode=mode), fuse=63.0, battery=BatterySettings(**told)), flow, [Charger()], battery=battery
    )


@pytest.mark.parametrize(("lag", "cadence"), LAGS)
@pytest.mark.parametrize("policy", BatteryPolicy)
def test_battery_and_car_come_to_rest(policy: BatteryPolicy, lag: int, cadence: int) -> None:
    battery = HomeBattery(lag=lag, cadence=cadence, energy=3000.0)
    plant = battery_plant(sun(9000.0, 6000.0, 9000.0), battery, policy=policy, charge=4000.0)
    for _ in range(3):
        plant.run(400)
        rested, powers = len(plant.chargers[0].commands), []
        for _ in range(199):
            plant.step()
            powers.append(battery.power)
        assert len(plant.chargers[0].commands) == rested
        assert max(powers) - min(powers) < 100
        plant.step()
    assert plant.state is SiteState.NORMAL


@pytest.mark.parametrize(("lag", "cadence"), LAGS)
def test_the_car_first_takes_what_the_battery_would_have_taken(lag: int, cadence: int) -> None:
    plant = battery_plant(sun(8000.0), HomeBattery(lag=lag, cadence=cadence))
    plant.run(300)
    assert plant.chargers[0].watts == pytest.approx(8000, abs=500)


def test_a_battery_that_comes_first_leaves_what_it_cannot_take() -> None:
    battery = HomeBattery(charge=3000.0)
    plant = battery_plant(sun(4500.0, 8000.0), battery, policy=BatteryPolicy.BATTERY_FIRST)
    plant.run(500)
    assert plant.amps() == 0
    assert plant.why() is ReasonKey.BATTERY_FIRST
    plant.run(500)
    assert battery.power == pytest.approx(-3000, abs=400)
    assert plant.chargers[0].watts == pytest.approx(5000, abs=400)


def test_a_battery_that_comes_first_until_it_has_enough_gives_way_once() -> None:
    battery = HomeBattery(energy=7900.0, capacity=10_000.0, charge=6000.0)
    plant = battery_plant(sun(6000.0), battery, policy=BatteryPolicy.BATTERY_UNTIL, until_soc=80.0)
    plant.run(30)
    assert plant.amps() == 0
    plant.run(1500)
    assert plant.chargers[0].watts == pytest.approx(6000, abs=400)
    assert [amps > 0 for _, amps in plant.chargers[0].commands].count(False) == 1


def test_both_have_half() -> None:
    battery = HomeBattery(energy=2000.0)
    plant = battery_plant(sun(9500.0), battery, policy=BatteryPolicy.BOTH)
    plant.run(400)
    assert plant.chargers[0].watts == pytest.approx(4750, abs=400)


def test_a_full_battery_leaves_everything() -> None:
    battery = HomeBattery(energy=10_000.0, charge=6000.0)
    plant = battery_plant(sun(7000.0), battery, policy=BatteryPolicy.BATTERY_FIRST, charge=6000.0)
    plant.run(300)
    assert plant.chargers[0].watts == pytest.approx(7000, abs=500)


@pytest.mark.parametrize("policy", BatteryPolicy)
def test_the_car_never_empties_the_battery(policy: BatteryPolicy) -> None:
    battery = HomeBattery(energy=9000.0)
    plant = battery_plant(sun(3000.0, -500.0), battery, policy=policy)
    plant.run(1200)
    assert plant.chargers[0].energy == 0


def test_the_car_is_fed_from_the_battery_where_that_is_allowed() -> None:
    battery = HomeBattery(energy=9000.0)
    plant = battery_plant(sun(1000.0), battery, may_feed_car=True, discharge=5000.0)
    plant.run(600)
    assert plant.chargers[0].watts == pytest.approx(6000, abs=400)
    assert battery.power == pytest.approx(5000, abs=400)


@pytest.mark.parametrize("lag", [2, 4])
def test_a_battery_that_nobody_told_us_of_is_no_lie_of_the_meter(lag: int) -> None:
    plant = battery_plant(sun(5000.0), HomeBattery(lag=lag), mode=Mode.FAST)
    plant.told = lambda _: {"battery": None}
    for amps in (16.0, 8.0) * 6:
        plant.change(max_current=amps)
        plant.run(60)
        assert plant.state is SiteState.NORMAL


@pytest.mark.parametrize("cadence", [1, 10, 30])
def test_a_battery_that_is_read_rarely_is_no_lie_of_the_meter(cadence: int) -> None:
    plant = battery_plant(sun(5000.0), HomeBattery(lag=2, cadence=cadence), mode=Mode.FAST)
    for amps in (16.0, 8.0) * 6:
        plant.change(max_current=amps)
        plant.run(60)
        assert plant.state is SiteState.NORMAL


@hypothesis(max_examples=15, deadline=None)
@given(
    st.lists(st.floats(-2000, 11_000), min_size=3, max_size=3),
    st.sampled_from(BatteryPolicy),
    st.integers(1, 5),
    st.sampled_from([1, 5, 10]),
)
def test_no_two_loops_go_round_in_circles(powers: list[float], policy: BatteryPolicy, lag: int, cadence: int) -> None:
    battery = HomeBattery(energy=5000.0, capacity=20_000.0, lag=lag, cadence=cadence)
    plant = battery_plant(sun(*powers, each=300), battery, policy=policy)
    plant.run(900)
    # A sun that changes thrice moves the car a handful of times, and up and down again thrice a change at most.
    assert len(plant.chargers[0].commands) <= 25
    told = [amps for _, amps in plant.chargers[0].commands]
    turns = sum((b - a) * (c - b) < 0 for (a, b), (_, c) in pairwise(pairwise(told)))
    assert turns <= 9
