"""Slots end where a car should be ready and where it leaves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.smart_evse.engine.plan import CapacityPrice, PlanReason, Stay, make_plan
from custom_components.smart_evse.engine.plan.cut import cut
from tests.engine.plan.world import START, car, night, site, slot


def minutes(*stays: Stay) -> list[float]:
    """How many minutes after the start each slot of a site with four slots of an hour begins."""
    slots = tuple(slot(index, minutes=60) for index in range(4))
    found = cut(site(*stays, slots=slots)).slots
    return [(each.start - START) / timedelta(minutes=1) for each in found]


def test_without_cars_nothing_is_cut() -> None:
    assert minutes() == [0, 60, 120, 180]


def test_what_a_stay_has_ahead_ends_a_slot() -> None:
    assert minutes(car(hours=2.5, slack=timedelta(minutes=20))) == [0, 60, 120, 130, 150, 180]
    heated = car(hours=2.5, slack=timedelta(minutes=20), precondition=2_000.0, precondition_hours=1.0)
    assert minutes(heated) == [0, 60, 90, 120, 130, 150, 180]


@pytest.mark.parametrize("hours", [None, 2.0, 2.0 + 30 / 3600, 3.0 - 30 / 3600, 9.0])
def test_no_splinters_are_cut_off(hours: float | None) -> None:
    assert minutes(car(hours=hours)) == [0, 60, 120, 180]


def test_what_is_said_of_a_slot_holds_for_its_parts() -> None:
    problem = site(car(hours=1.4), slots=night(8), capacity=CapacityPrice(price=5.0, weights=(*range(8),)))
    parts = cut(problem)
    assert sum(each.hours for each in parts.slots) == pytest.approx(sum(each.hours for each in problem.slots))
    assert parts.capacity is not None
    assert parts.capacity.weights is not None
    for part, weight in zip(parts.slots, parts.capacity.weights, strict=True):
        index = next(index for index, whole in enumerate(problem.slots) if whole.start <= part.start < whole.end)
        assert weight == index
        assert replace(part, start=problem.slots[index].start, hours=problem.slots[index].hours) == problem.slots[index]


def test_the_sun_is_used_until_the_car_should_be_ready() -> None:
    """Leaving at half past with ten minutes to spare leaves twenty minutes of that hour's sun."""
    slots = tuple(slot(index, minutes=60, sun=8_000.0 * (index == 2)) for index in range(4))
    stay = car(hours=2.5, slack=timedelta(minutes=10), energy=20_000.0, target=21_500.0)
    (planned,) = make_plan(site(stay, slots=slots), None, 0.0).stays
    sunny = [each for each in planned.slots if each.power > 0]
    assert [(each.start - START) / timedelta(minutes=1) for each in sunny] == [120]
    assert sunny[0].reason is PlanReason.SUN
    assert sunny[0].hours == pytest.approx(20 / 60)
    assert planned.missing == pytest.approx(0.0, abs=1.0)
