"""What must hold for every plan, whatever the site."""

from dataclasses import replace
from datetime import timedelta
import itertools
import math

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.plan import Curve, Plan, Problem, Slot, Stay, StayPlan, make_plan
from tests.engine.examples import examples
from tests.engine.plan.world import START, problems, site

QUICK = settings(max_examples=examples(60), deadline=None)
SOLVED = settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])
SECONDS = 2.0
PLANS = pytest.mark.parametrize("seconds", [0.0, SECONDS], ids=["greedy", "solver"])


def pairs(problem: Problem, plan: Plan) -> list[tuple[Stay, StayPlan]]:
    known = {stay.connector: stay for stay in problem.stays}
    return [(known[stay.connector], stay) for stay in plan.stays]


def powers(plan: Plan, index: int) -> list[float]:
    return [stay.slots[index].power for stay in plan.stays]


@PLANS
@SOLVED
@given(problem=problems())
def test_no_limit_is_broken(seconds: float, problem: Problem) -> None:
    plan = make_plan(problem, None, seconds)
    members = [stay.connector for stay in problem.stays if "garage" in stay.circuits]
    for index, part in enumerate(plan.slots):
        slot = next(slot for slot in problem.slots if slot.start <= part.start < slot.end)
        takes = sum(max(0.0, power) for power in powers(plan, index))
        bare = slot.house - slot.sun
        if problem.import_limit is not None and takes > 0 and problem.battery is None:
            assert takes + bare <= problem.import_limit + 1 or takes <= max(0.0, -bare) + 1
        for circuit in problem.circuits:
            own = [stay.slots[index].power for stay in plan.stays if stay.connector in members]
            assert abs(sum(own)) <= circuit.power + 1
        if slot.export_limit is not None:
            assert part.grid >= -slot.export_limit - 1e-6


@PLANS
@SOLVED
@given(problem=problems())
def test_power_is_off_or_in_range(seconds: float, problem: Problem) -> None:
    for stay, planned in pairs(problem, make_plan(problem, None, seconds)):
        for slot in planned.slots:
            if slot.power > 0:
                assert stay.charge.least - 1e-6 <= slot.power <= stay.charge.most + 1e-6
            if slot.power < 0:
                assert stay.discharge is not None
                assert stay.discharge.points[0][1] - 1e-6 <= -slot.power <= stay.discharge.points[-1][1] + 1e-6


@PLANS
@SOLVED
@given(problem=problems())
def test_energy_stays_within_the_battery_and_above_the_reserve(seconds: float, problem: Problem) -> None:
    for stay, planned in pairs(problem, make_plan(problem, None, seconds)):
        before = stay.energy
        for slot in planned.slots:
            assert -1e-6 <= slot.energy <= stay.capacity + 1e-6
            if slot.power < 0:
                assert slot.energy >= max(stay.reserve, stay.minimum) - 1e-6
            before = slot.energy
        assert planned.planned == pytest.approx(before - stay.energy, abs=1e-6)


@PLANS
@SOLVED
@given(problem=problems())
def test_no_energy_comes_from_nowhere(seconds: float, problem: Problem) -> None:
    """What reaches the battery is what the curve makes of the power, or less when it is nearly full."""
    for stay, planned in pairs(problem, make_plan(problem, None, seconds)):
        before = stay.energy
        for slot in planned.slots:
            change, before = slot.energy - before, slot.energy
            if slot.power > 0:
                assert -1e-6 <= change <= stay.charge.at(slot.power) * slot.hours + 1e-6
            elif slot.power < 0 and stay.discharge is not None:
                assert -stay.discharge.inverse(-slot.power) * slot.hours - 1e-6 <= change < 0
            else:
                assert change == pytest.approx(0)


@PLANS
@SOLVED
@given(problem=problems())
def test_no_car_charges_from_another(seconds: float, problem: Problem) -> None:
    plan = make_plan(problem, None, seconds)
    for index in range(len(problem.slots)):
        assert min([0.0, *powers(plan, index)]) == 0 or max([0.0, *powers(plan, index)]) == 0


@PLANS
@SOLVED
@given(problem=problems())
def test_nobody_charges_a_car_that_is_not_there(seconds: float, problem: Problem) -> None:
    for stay, planned in pairs(problem, make_plan(problem, None, seconds)):
        for slot in planned.slots:
            gone = stay.departs is not None and slot.start >= stay.departs
            coming = slot.start + timedelta(hours=slot.hours) <= stay.arrives
            assert slot.power == 0 or not (gone or coming)


@SOLVED
@given(problem=problems())
def test_the_solver_is_never_dearer(problem: Problem) -> None:
    # Slack and starts are no money on the bill: for them a better plan may cost more.
    stays = tuple(replace(stay, slack=timedelta(0), start_price=0.0) for stay in problem.stays)
    plain = replace(problem, stays=stays)
    greedy, solved = make_plan(plain, None, 0.0), make_plan(plain, None, SECONDS)
    assert solved.cost <= greedy.cost + 0.02


@PLANS
@SOLVED
@given(problem=problems(), data=st.data())
def test_the_order_of_the_cars_does_not_matter(seconds: float, problem: Problem, data: st.DataObject) -> None:
    mixed = replace(problem, stays=tuple(data.draw(st.permutations(problem.stays))))
    assert make_plan(mixed, None, seconds) == make_plan(problem, None, seconds)


@PLANS
@SOLVED
@given(problem=problems())
def test_the_same_problem_has_the_same_plan(seconds: float, problem: Problem) -> None:
    assert make_plan(problem, None, seconds) == make_plan(problem, None, seconds)


@QUICK
@given(problem=problems(most=1))
def test_a_plan_is_worth_having(problem: Problem) -> None:
    """It is never dearer than charging at once, where nothing else was asked than to charge."""
    stays = tuple(replace(stay, slack=timedelta(0), start_price=0.0, min_run=0.0) for stay in problem.stays)
    plan = make_plan(replace(problem, stays=stays, battery=None), None, 0.0)
    assert plan.cost <= plan.cost_otherwise + 0.05


@QUICK
@given(problem=problems())
def test_a_value_lies_between_the_prices(problem: Problem) -> None:
    for stay, planned in pairs(problem, make_plan(problem, None, 0.0)):
        assert math.isfinite(planned.value)
        assert -1.0 <= planned.value <= max(stay.miss_price, 3.0)


ANYTHING = st.floats(allow_nan=True, allow_infinity=True)


@QUICK
@given(
    figures=st.lists(ANYTHING, min_size=12, max_size=12),
    points=st.lists(st.tuples(ANYTHING, ANYTHING), max_size=4),
    hours=st.sampled_from([0.25, 0.0, -1.0, math.nan]),
)
def test_nothing_makes_it_raise(figures: list[float], points: list[tuple[float, float]], hours: float) -> None:
    slot = Slot(
        start=START, hours=0.25, import_price=figures[0], export_price=figures[1], sun=figures[2], house=figures[3]
    )
    odd = replace(slot, start=START + timedelta(minutes=15), import_limit=figures[4]) if hours == 0.25 else slot
    stay = Stay(
        connector="box:0",
        energy=figures[5],
        target=figures[6],
        capacity=figures[7],
        minimum=figures[8],
        reserve=figures[9],
        charge=Curve(tuple(points)),
        discharge=Curve(tuple(reversed(points))),
        taper=tuple(itertools.islice(points, 2)),
        arrives=START,
        miss_price=figures[10],
        value_after=figures[11],
    )
    for seconds in (0.0, SECONDS):
        make_plan(site(stay, slots=(slot, odd)), None, seconds)
    make_plan(site(stay, slots=()), None, SECONDS)
