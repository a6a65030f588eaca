"""Following the plan: the sun decides at every moment, the plan what it is worth."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
import itertools
from typing import Any

from hypothesis import given as for_all, settings as hypothesis_settings, strategies as st

from custom_components.smart_evse.engine.model import AcLimit, Decision, Mode, PerPhase, ReasonKey
from custom_components.smart_evse.engine.plan.model import Plan, PlanReason, PlanSource, SlotPlan, StayPlan

from .plant import START, VOLTS, Charger, Flow, Plant, garage, site


def slot(reason: PlanReason = PlanReason.WAIT, power: float = 0.0, begins: float = 0.0) -> SlotPlan:
    return SlotPlan(
        start=START + timedelta(hours=begins), hours=24.0, power=power, from_sun=0.0, energy=0.0, reason=reason
    )


def planned(value: float, *slots: SlotPlan) -> Plan:
    stay = StayPlan(
        connector="garage:0",
        arrives=START,
        departs=START + timedelta(hours=24),
        target=30_000.0,
        slots=slots or (slot(),),
        value=value,
        planned=10_000.0,
        missing=0.0,
        cost=0.0,
        next_start=START + timedelta(hours=20),
        expected_end=None,
    )
    return Plan(
        made_at=START,
        source=PlanSource.GREEDY,
        stays=(stay,),
        slots=(),
        cost=0.0,
        cost_otherwise=0.0,
        horizon=START + timedelta(hours=24),
    )


def told(plan: Plan | None, buy: float = 0.30, sell: float = 0.08) -> Callable[[int], Mapping[str, Any]]:
    return lambda _: {"plan": plan, "import_price": buy, "export_price": sell}


def sun(watts: Callable[[int], float]) -> Flow:
    """Return what a roof leaves over, evenly on the phases."""
    return lambda t: PerPhase(*[-watts(t) / 3 / VOLTS] * 3)


def plant(flow: Flow, plan: Plan | None, **changes: object) -> Plant:
    connector = garage(mode=Mode.SMART, **changes)
    charger = Charger(switches=connector.phase_switching)
    return Plant(settings=site(connector), flow=flow, chargers=[charger], told=told(plan))


def told_amps(decision: Decision) -> float:
    """Return what the car was told, 0 for nothing."""
    setpoint = decision.setpoint("garage:0")
    return setpoint.limit.amps if setpoint is not None and isinstance(setpoint.limit, AcLimit) else 0.0


def test_it_takes_the_sun_that_is_worth_more_in_the_car_than_it_sells_for() -> None:
    house = plant(sun(lambda _: 7_500.0), planned(0.20))
    house.run(900)
    assert 5_500.0 < house.chargers[0].watts <= 7_600.0
    assert house.why() is ReasonKey.PLAN_SUN


def test_a_car_that_leaves_some_of_its_offer_still_gets_the_sun() -> None:
    house = plant(sun(lambda _: 7_500.0), planned(0.12))
    house.chargers[0].leaves = 0.8
    house.run(1_200)
    assert 7_500.0 - 690.0 < house.chargers[0].watts <= 7_500.0


def test_it_leaves_the_sun_where_a_later_one_will_do() -> None:
    house = plant(sun(lambda _: 7_500.0), planned(0.05))
    house.run(900)
    assert house.chargers[0].watts == 0.0
    assert house.why() is ReasonKey.PLAN_WAITING


def test_it_buys_when_the_plan_does() -> None:
    house = plant(sun(lambda _: 0.0), planned(0.20, slot(PlanReason.DEPARTURE, 11_040.0)))
    house.run(300)
    assert house.chargers[0].watts > 10_000.0
    assert house.why() is ReasonKey.PLAN_DEPARTURE


def test_it_takes_three_phases_for_what_one_cannot_carry() -> None:
    """The sun of the day was one phase's; the plan's hour at night is not."""
    plan = planned(0.25, slot(begins=0.0), slot(PlanReason.CHEAP, 11_040.0, begins=24.0))
    house = plant(sun(lambda t: 1_800.0 if t < 1_200 else 0.0), plan, phase_switching=True, auto_phases=True)
    house.run(1_200)
    assert 1_000.0 < house.chargers[0].watts < 3_000.0
    house.told = told(planned(0.25, slot(PlanReason.CHEAP, 11_040.0)))
    house.run(900)
    assert house.chargers[0].watts > 10_000.0


def test_without_a_plan_it_follows_the_sun() -> None:
    house = plant(sun(lambda _: 7_500.0), None)
    house.run(1_200)
    assert 5_500.0 < house.chargers[0].watts <= 7_600.0


@hypothesis_settings(max_examples=25, deadline=None)
@for_all(
    watts=st.lists(st.floats(-3_000.0, 9_000.0), min_size=5, max_size=5),
    value=st.floats(0.0, 0.08),
)
def test_it_never_buys_what_is_worth_less_than_it_sells_for(watts: list[float], value: float) -> None:
    house = plant(sun(lambda t: watts[t // 120 % len(watts)]), planned(value))
    house.run(600)
    assert all(told_amps(decision) == 0.0 for decision in house.decisions)


@hypothesis_settings(max_examples=15, deadline=None)
@for_all(
    watts=st.lists(st.sampled_from([0.0, 1_000.0, 5_000.0, 9_000.0]), min_size=10, max_size=10),
    value=st.floats(0.08, 0.40),
)
def test_a_run_and_a_pause_last_as_long_as_they_have_to(watts: list[float], value: float) -> None:
    house = plant(sun(lambda t: watts[t // 120 % len(watts)]), planned(value))
    house.run(1_200)
    timing = house.settings.connectors[0].solar
    on = [told_amps(decision) > 0 for decision in house.decisions]
    runs = [(state, len(list(group))) for state, group in itertools.groupby(on)]
    for state, length in runs[1:-1]:
        assert length >= (timing.min_on if state else timing.min_off) - 1


def test_it_says_what_a_slot_is_for() -> None:
    plan = planned(0.20)
    other = replace(plan, stays=(replace(plan.stays[0], slots=(slot(PlanReason.MINIMUM, 4_140.0),)),))
    house = plant(sun(lambda _: 0.0), other)
    house.run(300)
    assert house.why() is ReasonKey.PLAN_MINIMUM
