"""A site where cars wait for each other: no room is left unused that a later car may need."""

from datetime import timedelta

from custom_components.smart_evse.engine.plan import Plan, make_plan
from tests.engine.plan.world import START, car, night, site

LIMIT = 15_000.0


def garage(cars: int, *prices: float) -> Plan:
    stays = (car(connector=f"box{number}:0") for number in range(cars))
    return make_plan(site(*stays, slots=night(48, *prices), import_limit=LIMIT), None, 0.0)


def test_many_cars_begin_at_once() -> None:
    assert sum(stay.slots[0].power for stay in garage(4).stays) > LIMIT / 2
    assert all(stay.joins for stay in garage(4).stays)


def test_a_car_alone_waits_for_what_may_come() -> None:
    (alone,) = garage(1).stays
    assert alone.slots[0].power == 0.0
    assert not alone.joins


def test_nobody_joins_while_it_is_dear() -> None:
    prices = [0.50] * 4 + [0.20] * 44
    assert not any(stay.joins for stay in garage(4, *prices).stays)


def test_the_latest_start_leaves_time_for_what_is_lacking() -> None:
    (stay,) = make_plan(site(car(energy=20_020.0)), None, 0.0).stays
    assert stay.latest == START + timedelta(hours=11)
    (stay,) = make_plan(site(car(hours=None)), None, 0.0).stays
    assert stay.latest is None
