"""What a kWh in the car is worth: the dearest energy that the plan still needs."""

import itertools

import pytest

from custom_components.smart_evse.engine.plan import Problem, make_plan
from tests.engine.plan.world import car, giving, site, slot, sunny

PLANS = pytest.mark.parametrize("seconds", [0.0, 5.0], ids=["greedy", "solver"])


def value(problem: Problem, seconds: float = 0.0) -> float:
    return make_plan(problem, None, seconds).stays[0].value


@PLANS
def test_at_one_price_it_is_that_price_after_losses(seconds: float) -> None:
    assert value(site(car()), seconds) == pytest.approx(0.30 / 0.904, rel=0.05)


@PLANS
def test_with_more_sun_than_needed_it_is_what_the_sun_would_sell_for(seconds: float) -> None:
    assert value(site(car(target=24_000.0), slots=sunny(peak=9_000.0)), seconds) == pytest.approx(0.09, abs=0.01)


@PLANS
def test_with_too_little_sun_it_is_the_price_of_the_grid(seconds: float) -> None:
    assert value(site(car(target=50_000.0), slots=sunny(peak=3_000.0)), seconds) == pytest.approx(0.33, abs=0.02)


@PLANS
def test_among_cheap_and_dear_hours_it_lies_between_the_last_taken_and_the_first_left(seconds: float) -> None:
    slots = tuple(slot(index, import_price=0.10 + 0.01 * index) for index in range(48))
    taken = [each for each in make_plan(site(car(), slots=slots), None, seconds).stays[0].slots if each.power > 0]
    dearest = 0.10 + 0.01 * (len(taken) - 1)
    assert (dearest - 0.01) / 0.904 < value(site(car(), slots=slots), seconds) < (dearest + 0.02) / 0.904


@PLANS
def test_of_a_car_that_cannot_be_ready_it_is_the_price_of_missing(seconds: float) -> None:
    assert value(site(car(hours=1.0, target=40_000.0)), seconds) == pytest.approx(1.0)


@PLANS
def test_of_a_full_car_it_is_what_is_left_after_the_departure(seconds: float) -> None:
    assert value(site(car(energy=30_000.0, value_after=0.05)), seconds) <= 0.2


@PLANS
def test_of_a_car_that_serves_the_house_it_is_what_charging_again_costs(seconds: float) -> None:
    slots = tuple(slot(index, import_price=0.60 if 8 <= index < 16 else 0.10, house=3_000.0) for index in range(48))
    problem = site(giving(energy=40_000.0, target=40_000.0), slots=slots)
    assert value(problem, seconds) == pytest.approx(0.10 / 0.93, rel=0.05)


def test_of_a_car_that_runs_out_it_is_what_the_house_still_lacks() -> None:
    """Fifteen dear hours, and far too little in the car for them."""
    slots = tuple(slot(index, import_price=0.60, house=6_000.0) for index in range(60))
    problem = site(giving(energy=20_000.0, target=0.0, hours=None), slots=slots)
    assert value(problem) == pytest.approx(0.60 * 0.93 - 0.03, rel=0.05)


def test_what_a_full_car_could_not_hold_is_worth_no_more_than_what_it_can_give_before() -> None:
    """Dear hours, then a night of cheap ones: who does not give now finds no room then."""
    slots = tuple(slot(index, import_price=0.30 if index < 8 else 0.02, house=2_000.0) for index in range(60))
    roomy, brimful = (
        value(site(giving(energy=energy, target=60_000.0, hours=14.9), slots=slots)) for energy in (20_000.0, 59_900.0)
    )
    assert brimful <= roomy < 0.05


def test_a_restless_house_makes_energy_worth_more_than_its_mean_does() -> None:
    """At 250 W hardly anything comes out of a battery, but no house takes 250 W all the time."""
    slots = tuple(slot(index, import_price=0.60, house=250.0) for index in range(48))
    problem = site(giving(energy=16_000.0, target=0.0, hours=11.9, value_after=0.0), slots=slots)
    assert value(problem) > 0.0


def test_it_moves_smoothly_with_the_sun_and_with_the_need() -> None:
    """From plenty of sun to too little, no single step moves it far."""
    peaks = [value(site(car(target=38_000.0), slots=sunny(peak=3_000.0 + 100.0 * step))) for step in range(100)]
    needs = [value(site(car(target=21_000.0 + 200.0 * step), slots=sunny(peak=2_000.0))) for step in range(100)]
    for series in (peaks, needs):
        assert max(series) - min(series) > 0.12
        assert max(abs(after - before) for before, after in itertools.pairwise(series)) < 0.05
