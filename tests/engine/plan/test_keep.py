"""The old plan stays as long as it serves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.smart_evse.engine.plan import Problem, make_plan, price
from tests.engine.plan.world import START, car, night, site, slot, sunny


def later(problem: Problem, slots: int = 1) -> Problem:
    """The same site after so many slots."""
    return replace(problem, now=problem.slots[slots].start, slots=problem.slots[slots:])


def test_a_plan_that_still_serves_stays() -> None:
    problem = site(car(), slots=night(48, 0.2, 0.3))
    first = make_plan(problem, None, 0.0)
    second = make_plan(later(problem), first, 0.0)
    assert second.made_at == first.made_at
    assert [each.power for each in second.stays[0].slots] == [each.power for each in first.stays[0].slots[1:]]


def test_a_little_gain_is_no_reason_for_a_new_plan() -> None:
    problem = site(car(), slots=night(48, 0.200, 0.300))
    first = make_plan(problem, None, 0.0)
    nearly = replace(
        problem,
        slots=tuple(
            replace(each, import_price=each.import_price + 0.0005 * (index % 7))
            for index, each in enumerate(problem.slots)
        ),
    )
    assert make_plan(nearly, first, 0.0).made_at == first.made_at
    assert make_plan(replace(nearly, now=START + timedelta(seconds=60)), first, 0.0).made_at == START


def test_a_cheaper_one_replaces_it() -> None:
    problem = site(car(), slots=night(48, 0.2, 0.3))
    first = make_plan(problem, None, 0.0)
    changed = replace(
        later(problem), slots=tuple(slot(index, import_price=0.1 if index < 10 else 0.3) for index in range(1, 48))
    )
    second = make_plan(changed, first, 0.0)
    assert second.made_at == changed.now
    assert second.cost < price(first, changed)


@pytest.mark.parametrize(
    "changed",
    [
        site(car(target=35_000.0)),
        site(car(hours=8.0)),
        site(car(connector="other:0")),
        site(car(), car(connector="other:0")),
        site(),
        site(car(energy=15_000.0, hours=1.0)),
        site(car(), import_limit=3_000.0),
    ],
    ids=["target", "departure", "connector", "another car", "no car", "less time", "limit"],
)
def test_what_it_was_made_for_has_changed(changed: Problem) -> None:
    first = make_plan(site(car()), None, 0.0)
    assert make_plan(replace(changed, now=changed.now + timedelta(seconds=1)), first, 0.0).made_at != first.made_at


def test_a_car_that_is_below_its_minimum_does_not_wait_for_the_old_plan() -> None:
    slots = night(48, 0.2, 0.3)
    first = make_plan(site(car(), slots=slots), None, 0.0)
    assert first.stays[0].slots[0].power == 0
    hungry = site(car(minimum=car().energy + 3_000.0), slots=slots)
    second = make_plan(replace(hungry, now=START + timedelta(seconds=1)), first, 0.0)
    assert second.stays[0].slots[0].power > 0


def test_an_old_plan_is_filled_up_where_the_sun_failed() -> None:
    problem = site(car(target=29_000.0), slots=sunny())
    first = make_plan(problem, None, 0.0)
    dull = replace(later(problem, 12), slots=tuple(replace(each, sun=0.0) for each in problem.slots[12:]))
    second = make_plan(dull, first, 0.0)
    assert second.stays[0].missing < 1


def test_the_price_of_a_plan_is_that_of_following_it() -> None:
    problem = site(car())
    plan = make_plan(problem, None, 0.0)
    assert price(plan, problem) == pytest.approx(plan.cost)
    dearer = replace(problem, slots=night(48, 0.6))
    assert price(plan, dearer) == pytest.approx(2 * plan.cost)
    assert price(plan, replace(problem, stays=(car(connector="new:0"),))) == pytest.approx(10.0)
