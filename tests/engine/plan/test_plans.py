"""Plans that a person can check by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.smart_evse.engine.plan import (
    CapacityPrice,
    CircuitLimit,
    HomeBattery,
    Plan,
    PlanReason,
    PlanSource,
    Problem,
    make_plan,
)
from custom_components.smart_evse.engine.settings import BatteryPolicy
from tests.engine.plan.world import START, THREE_PHASES, car, giving, night, site, slot, sunny

PLANS = pytest.mark.parametrize("seconds", [0.0, 5.0], ids=["greedy", "solver"])


def charging(plan: Plan, stay: int = 0) -> list[int]:
    return [index for index, slot in enumerate(plan.stays[stay].slots) if slot.power > 0]


def given(plan: Plan, stay: int = 0) -> list[int]:
    return [index for index, slot in enumerate(plan.stays[stay].slots) if slot.power < 0]


def test_without_a_car_there_is_nothing_to_plan() -> None:
    plan = make_plan(site())
    assert plan.stays == ()
    assert plan.cost == plan.cost_otherwise == 0
    assert len(plan.slots) == 48


def test_without_slots_there_is_no_plan_but_no_harm() -> None:
    plan = make_plan(site(car(), slots=()))
    assert plan.stays[0].slots == ()
    assert plan.horizon == START


@PLANS
def test_the_cheapest_hours_are_taken(seconds: float) -> None:
    cheap = {5, 6, 20, 21}
    slots = tuple(slot(index, import_price=0.1 if index in cheap else 0.4) for index in range(48))
    plan = make_plan(site(car(target=29_900.0), slots=slots), None, seconds)
    assert set(charging(plan)) == cheap
    assert {plan.stays[0].slots[index].reason for index in cheap} == {PlanReason.CHEAP}
    assert plan.stays[0].missing == 0
    assert plan.stays[0].next_start == slots[5].start
    assert plan.stays[0].expected_end == slots[21].end
    assert plan.saving == pytest.approx((0.4 - 0.1) * 11.04, rel=0.02)


@PLANS
def test_at_one_price_it_charges_as_late_as_it_may(seconds: float) -> None:
    stay = car(slack=timedelta(hours=1), target=29_900.0)
    plan = make_plan(site(stay), None, seconds)
    assert plan.stays[0].expected_end == START + timedelta(hours=11)
    assert charging(plan) == [40, 41, 42, 43]
    assert plan.stays[0].slots[40].reason == PlanReason.DEPARTURE


@PLANS
def test_the_slack_is_used_rather_than_leaving_a_car_short(seconds: float) -> None:
    stay = car(hours=2, slack=timedelta(hours=1), target=38_000.0)
    assert make_plan(site(stay), None, seconds).stays[0].missing < 1


@PLANS
def test_a_least_energy_comes_at_once_and_the_rest_by_the_departure(seconds: float) -> None:
    plan = make_plan(site(car(minimum=24_000.0)), None, seconds)
    slots = plan.stays[0].slots
    assert slots[1].energy >= 24_000 - 1
    assert [slots[0].reason, slots[1].reason] == [PlanReason.MINIMUM, PlanReason.MINIMUM]
    assert not set(charging(plan)) & set(range(2, 30))
    assert plan.stays[0].missing < 1


@PLANS
def test_sun_comes_before_the_grid(seconds: float) -> None:
    plan = make_plan(site(car(target=29_000.0), slots=sunny()), None, seconds)
    slots = plan.stays[0].slots
    assert plan.stays[0].missing < 1
    assert sum(each.from_sun for each in slots) >= 0.97 * sum(max(0.0, each.power) for each in slots)


@PLANS
def test_a_slot_with_too_little_sun_to_start_is_shared_with_the_grid(seconds: float) -> None:
    """1.3 kW of sun and 80 W of grid: cheaper than any hour of the night."""
    slots = tuple(slot(index, sun=1700.0 if index < 8 else 0.0) for index in range(48))
    plan = make_plan(site(car(target=22_000.0), slots=slots), None, seconds)
    assert set(charging(plan)) == set(range(8))
    assert plan.stays[0].slots[3].power == pytest.approx(1380, abs=5)


@PLANS
def test_a_charger_that_needs_more_than_the_sun_gives_takes_it_where_it_is_most(seconds: float) -> None:
    slots = tuple(slot(index, sun=4400.0 if 4 <= index < 12 else 1500.0) for index in range(24))
    plan = make_plan(site(car(hours=6, charge=THREE_PHASES, target=25_000.0), slots=slots), None, seconds)
    assert set(charging(plan)) <= set(range(4, 12))


@PLANS
def test_negative_prices_are_used_beyond_the_target(seconds: float) -> None:
    slots = tuple(slot(index, import_price=-0.1 if 8 <= index < 12 else 0.3, export_price=-0.2) for index in range(24))
    plan = make_plan(site(car(hours=6, target=20_000.0), slots=slots), None, seconds)
    assert charging(plan) == [8, 9, 10, 11]
    assert plan.cost < 0


@PLANS
def test_no_kwh_is_bought_for_more_than_it_is_worth(seconds: float) -> None:
    plan = make_plan(site(car(miss_price=0.2)), None, seconds)
    assert charging(plan) == []
    assert plan.stays[0].missing == pytest.approx(10_000)


@PLANS
def test_a_run_lasts_as_long_as_it_must(seconds: float) -> None:
    slots = night(48, 0.1, 0.4, 0.4, 0.4)
    plan = make_plan(site(car(target=26_000.0, min_run=1.0), slots=slots), None, seconds)
    on = charging(plan)
    runs = [index for index in on if index - 1 not in on]
    assert on
    assert all({start, start + 1, start + 2, start + 3} & set(range(48)) <= set(on) for start in runs)


def test_starts_that_cost_are_few() -> None:
    slots = night(48, 0.29, 0.30)
    often = make_plan(site(car(), slots=slots), None, 5.0)
    seldom = make_plan(site(car(start_price=0.2), slots=slots), None, 5.0)

    def starts(plan: Plan) -> int:
        on = charging(plan)
        return sum(index - 1 not in on for index in on)

    assert starts(seldom) == 1 < starts(often)


@PLANS
def test_a_nearly_full_car_gets_the_time_it_needs(seconds: float) -> None:
    stay = car(energy=50_000.0, target=60_000.0)
    plan = make_plan(site(stay), None, seconds)
    assert plan.stays[0].missing < 300
    last = plan.stays[0].slots[47]
    assert last.power < 5000


@PLANS
def test_preconditioning_runs_from_the_wall(seconds: float) -> None:
    stay = car(target=20_000.0, precondition=2_500.0, precondition_hours=0.5)
    plan = make_plan(site(stay), None, seconds)
    assert charging(plan) == [46, 47]
    assert plan.stays[0].slots[46].reason == PlanReason.PRECONDITIONING
    assert plan.stays[0].slots[46].power > 2_500
    assert plan.stays[0].planned == pytest.approx(0, abs=1)


@PLANS
def test_several_cars_share_the_connection_and_a_circuit(seconds: float) -> None:
    limits = (CircuitLimit(id="garage", power=12_000.0),)
    cars = [car(connector=f"box{number}:0", hours=5, circuits=("garage",), target=36_000.0) for number in range(3)]
    plan = make_plan(site(*cars, circuits=limits, import_limit=14_000.0), None, seconds)
    assert sum(stay.missing for stay in plan.stays) < 300
    for index in range(20):
        assert sum(stay.slots[index].power for stay in plan.stays) <= 12_001


@PLANS
def test_a_car_that_leaves_soon_is_not_starved_by_one_that_stays(seconds: float) -> None:
    soon = car(connector="soon:0", hours=2, target=38_000.0)
    later = car(connector="zzz:0", hours=12, target=45_000.0)
    slots = tuple(slot(index, import_price=0.1 if index < 8 else 0.4) for index in range(48))
    plan = make_plan(site(soon, later, slots=slots, import_limit=11_600.0), None, seconds)
    assert [stay.missing for stay in plan.stays] == pytest.approx([0, 0], abs=20)


@PLANS
def test_a_car_that_is_still_to_come_waits_for_its_arrival(seconds: float) -> None:
    plan = make_plan(site(car(arrives=3.0)), None, seconds)
    assert plan.stays[0].slots[11].reason == PlanReason.AWAY
    assert min(charging(plan)) >= 12


@PLANS
def test_two_stays_of_one_connector_are_planned_one_after_the_other(seconds: float) -> None:
    first, second = car(hours=3, target=25_000.0), car(arrives=6.0, energy=15_000.0, target=22_000.0)
    plan = make_plan(site(second, first), None, seconds)
    mornings = list(plan.of("box:0"))
    assert [stay.arrives for stay in mornings] == [first.arrives, second.arrives]
    assert [stay.missing for stay in mornings] == pytest.approx([0, 0], abs=1)


@PLANS
def test_a_departure_beyond_the_horizon_asks_only_for_what_is_cheap_now(seconds: float) -> None:
    slots = night(48, 0.1, 0.4, 0.4, 0.4)
    plan = make_plan(site(car(hours=72.0, target=50_000.0), slots=slots), None, seconds)
    assert charging(plan)
    assert all(slots[index].import_price == 0.1 for index in charging(plan))
    assert plan.stays[0].missing == 0


@PLANS
def test_a_new_peak_is_worth_its_price_only(seconds: float) -> None:
    tariff = CapacityPrice(price=4.0, peak=3_000.0)
    plan = make_plan(site(car(), capacity=tariff), None, seconds)
    assert max(each.grid for each in plan.slots) <= 3_001
    assert plan.stays[0].missing < 300
    hurried = make_plan(site(car(hours=2.0, miss_price=3.0), capacity=tariff), None, seconds)
    assert max(each.grid for each in hurried.slots) > 3_001
    assert hurried.stays[0].missing < 300


@PLANS
def test_what_counts_half_may_be_twice_as_high(seconds: float) -> None:
    halved = CapacityPrice(price=4.0, peak=3_000.0, weights=(1.0,) * 24 + (0.5,) * 24)
    plan = make_plan(site(car(target=45_000.0), capacity=halved), None, seconds)
    day, night = plan.slots[:24], plan.slots[24:]
    assert max(each.grid for each in day) <= 3_001
    assert 5_000 <= max(each.grid for each in night) <= 6_001
    assert plan.stays[0].missing < 300


@PLANS
def test_a_peak_is_billed_by_what_its_hours_count(seconds: float) -> None:
    problem = site(car(hours=2.0, miss_price=9.0, target=35_000.0), capacity=CapacityPrice(price=4.0, peak=3_000.0))
    half = replace(problem, capacity=CapacityPrice(price=4.0, peak=3_000.0, weights=(0.5,) * 48))
    none = replace(problem, capacity=CapacityPrice(price=4.0, peak=3_000.0, weights=(0.0,) * 48))
    whole, less, free = (make_plan(each, None, seconds) for each in (problem, half, none))
    highest = max(each.grid for each in whole.slots) / 1000
    assert highest > 8
    assert (whole.peak, less.peak, free.peak) == (
        pytest.approx(highest * 1000),
        pytest.approx(max(each.grid for each in less.slots) / 2),
        3_000.0,
    )
    assert whole.cost - free.cost == pytest.approx((highest - 3) * 4.0, rel=0.05)
    assert less.cost - free.cost == pytest.approx((highest / 2 - 3) * 4.0, rel=0.15)


@PLANS
def test_a_peak_counts_on_no_sun_now_where_a_car_has_no_time_left_to_wait_for_it(seconds: float) -> None:
    slots = tuple(slot(index, sun=2_000.0) for index in range(48))
    tariff = CapacityPrice(price=4.0, peak=3_000.0)
    hurried = make_plan(site(car(hours=1.0, miss_price=40.0), slots=slots, capacity=tariff), None, seconds)
    assert hurried.stays[0].missing > 0
    assert hurried.peak == pytest.approx(hurried.slots[0].grid + 2_000.0)
    calm = make_plan(site(car(hours=6.0, miss_price=40.0), slots=slots, capacity=tariff), None, seconds)
    assert calm.stays[0].missing < 300
    assert calm.peak == pytest.approx(max(3_000.0, *(each.grid for each in calm.slots)))


def dear_evening(stay_price: float = 0.10) -> Problem:
    slots = tuple(
        slot(index, import_price=0.60 if 8 <= index < 16 else stay_price, house=3_000.0) for index in range(48)
    )
    return site(giving(energy=40_000.0, target=40_000.0), slots=slots)


@PLANS
def test_a_car_serves_the_house_when_that_is_dear(seconds: float) -> None:
    plan = make_plan(dear_evening(), None, seconds)
    assert set(given(plan)) == set(range(8, 16))
    assert all(each.grid >= -1 for each in plan.slots)
    assert plan.stays[0].missing < 300
    assert plan.stays[0].slots[10].reason == PlanReason.GIVE
    assert plan.saving > 1.0


@PLANS
def test_nothing_is_given_for_less_than_losses_and_wear(seconds: float) -> None:
    assert given(make_plan(dear_evening(0.55), None, seconds)) == []


@PLANS
def test_it_sells_only_where_it_may(seconds: float) -> None:
    slots = tuple(
        slot(index, export_price=0.5 if 8 <= index < 12 else 0.0, import_price=0.6 if 8 <= index < 12 else 0.1)
        for index in range(48)
    )
    stay = giving(energy=40_000.0, target=40_000.0)
    home = make_plan(site(stay, slots=slots), None, seconds)
    sold = make_plan(site(replace(stay, exports=True), slots=slots), None, seconds)
    assert min(each.grid for each in home.slots) >= -1
    assert min(each.grid for each in sold.slots) < -5_000
    assert sold.cost < home.cost


@PLANS
def test_a_home_battery_that_goes_first_leaves_only_the_rest(seconds: float) -> None:
    battery = HomeBattery(energy=0.0, capacity=20_000.0, charge=3_000.0, discharge=3_000.0)
    slots = tuple(slot(index, sun=5_400.0 if index < 12 else 0.0) for index in range(48))
    first = replace(battery, policy=BatteryPolicy.BATTERY_FIRST)
    theirs = make_plan(site(car(target=26_000.0), slots=slots, battery=first), None, seconds)
    assert max(stay.from_sun for stay in theirs.stays[0].slots) <= 2_001
    assert sum(each.battery for each in theirs.slots[:12]) == pytest.approx(-36_000)


def test_a_battery_that_can_be_told_charges_when_it_is_cheap() -> None:
    battery = HomeBattery(energy=0.0, capacity=8_000.0, charge=4_000.0, discharge=4_000.0, controllable=True)
    slots = tuple(slot(index, import_price=0.05 if index < 8 else 0.6, house=800.0) for index in range(48))
    plan = make_plan(site(car(target=21_000.0), slots=slots, battery=battery), None, 5.0)
    assert plan.source is PlanSource.SOLVER
    assert sum(each.battery for each in plan.slots[:8]) * 0.25 < -7_000
    assert plan.cost < make_plan(site(car(target=21_000.0), slots=slots, battery=battery), None, 0.0).cost - 1


def test_where_the_sun_sells_for_more_than_the_grid_asks_the_sun_is_still_taken_first() -> None:
    slots = tuple(
        slot(index, import_price=0.05, export_price=0.12, sun=5_000.0 if index < 8 else 0.0) for index in range(24)
    )
    plan = make_plan(site(car(hours=6), slots=slots), None, 5.0)
    assert not set(charging(plan)) & set(range(8))
    assert plan.stays[0].missing < 300
