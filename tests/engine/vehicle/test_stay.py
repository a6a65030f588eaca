"""The stays that a plan is made for."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
import math
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.forecast.habits import WallClock
from custom_components.smart_evse.engine.model import ConnectorSettings, VehicleSettings
from custom_components.smart_evse.engine.plan.curve import share_at
from custom_components.smart_evse.engine.plan.model import Stay
from custom_components.smart_evse.engine.vehicle.arrivals import Stayed
from custom_components.smart_evse.engine.vehicle.charge import Charge
from custom_components.smart_evse.engine.vehicle.content import USUAL_NEED
from custom_components.smart_evse.engine.vehicle.departures import Timetable, Trip, Weekly
from custom_components.smart_evse.engine.vehicle.distance import Amount, Unit
from custom_components.smart_evse.engine.vehicle.stay import Berth, CarState, Wishes, stays

CLOCK = WallClock(ZoneInfo("Europe/Amsterdam"))
NOW = datetime(2026, 11, 19, 20, 0, tzinfo=CLOCK.zone)
UNTIL = NOW + timedelta(hours=36)
CAR = VehicleSettings(capacity=60_000, consumption=150)
BERTH = Berth(connector=ConnectorSettings(id="c", vehicle=CAR), clock=CLOCK, circuits=("garage",))
MORNINGS = Timetable(weekly=(Weekly(at=time(7)),))
HERE = CarState(plugged=True, charge=Charge(soc=40.0, at=NOW, session=NOW - timedelta(hours=1)))


def made(wishes: Wishes, state: CarState = HERE, berth: Berth = BERTH, now: datetime = NOW) -> tuple[Stay, ...]:
    return stays(berth, wishes, state, now, UNTIL)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CLOCK.zone)


def habit(weeks: int = 4, energy: float = 12_000) -> tuple[Stayed, ...]:
    evenings = [local(19, 18) - timedelta(days=back) for back in range(weeks * 7, 0, -1)]
    return tuple(Stayed(arrived=at, left=at + timedelta(hours=13, minutes=30), energy=energy) for at in evenings)


def test_a_car_that_is_here_is_ready_for_the_next_departure() -> None:
    [stay] = made(Wishes(target=Amount(80), minimum=Amount(50), timetable=MORNINGS))
    assert (stay.connector, stay.circuits, stay.arrives) == ("c", ("garage",), NOW)
    assert stay.departs == local(20, 7)
    assert (stay.energy, stay.minimum, stay.target, stay.capacity) == (24_000, 30_000, 48_000, 60_000)
    assert (stay.charge.most, stay.discharge) == (11_040, None)


@pytest.mark.parametrize(
    ("amount", "target"),
    [(Amount(200, Unit.KILOMETRES), 30_000), (Amount(10, Unit.KILOWATT_HOURS), 34_000), (Amount(100), 60_000)],
)
def test_a_departure_may_want_its_own_in_any_unit(amount: Amount, target: float) -> None:
    trips = Timetable(once=(Trip(leaves=local(20, 9), target=amount),))
    assert made(Wishes(timetable=trips))[0].target == target


def test_kilowatt_hours_asked_for_count_from_the_plugging_in() -> None:
    state = replace(HERE, charge=replace(HERE.charge, since=6000.0, stayed=6000.0))
    [stay] = made(Wishes(target=Amount(10, Unit.KILOWATT_HOURS), timetable=MORNINGS), state)
    assert (stay.energy, stay.target) == (30_000, 34_000)


def test_a_car_that_tells_nothing_is_given_what_was_asked_or_what_is_usual() -> None:
    silent = CarState(plugged=True, charge=Charge(session=NOW, stayed=2000.0))
    [asked] = made(Wishes(target=Amount(10, Unit.KILOWATT_HOURS), minimum=Amount(50), timetable=MORNINGS), silent)
    assert (asked.energy, asked.target, asked.minimum, asked.capacity) == (2000, 10_000, 0, math.inf)
    assert (asked.taper, asked.discharge) == ((), None)
    [unasked] = made(Wishes(timetable=MORNINGS), silent)
    assert unasked.target == USUAL_NEED
    known = made(Wishes(timetable=MORNINGS), replace(silent, history=habit()))
    assert known[0].target == 12_000


def test_a_departure_that_passed_with_the_car_still_here_is_made_good_at_once() -> None:
    late = made(Wishes(target=Amount(80), timetable=MORNINGS), now=local(20, 7, 30))[0]
    assert (late.departs, late.minimum) == (local(21, 7), 48_000)
    came_after = replace(HERE, charge=replace(HERE.charge, session=local(20, 7, 15)))
    assert made(Wishes(target=Amount(80), timetable=MORNINGS), came_after, now=local(20, 7, 30))[0].minimum == 0
    assert made(Wishes(target=Amount(80), timetable=MORNINGS), now=local(20, 10))[0].minimum == 0


def test_a_car_on_the_road_is_expected_home_and_ready_for_the_departure_after() -> None:
    away = CarState(plugged=False, charge=Charge(soc=80.0, at=local(19, 6)), history=habit())
    first, second = made(Wishes(target=Amount(80), timetable=MORNINGS), away, now=local(19, 12))
    assert (first.arrives, first.departs) == (local(19, 18), local(20, 7))
    assert (first.energy, first.target) == (36_000, 48_000)
    assert (second.arrives, second.departs) == (local(20, 18), local(21, 7))


def test_a_car_that_did_not_come_home_is_expected_the_next_day() -> None:
    away = CarState(plugged=False, charge=Charge(soc=80.0, at=local(19, 6)), history=habit())
    [stay] = made(Wishes(timetable=MORNINGS), away, now=local(19, 23))
    assert (stay.arrives, stay.departs) == (local(20, 18), local(21, 7))


def test_a_car_without_a_habit_is_not_planned_for_while_it_is_away() -> None:
    assert made(Wishes(timetable=MORNINGS), CarState(plugged=False)) == ()


def test_what_a_car_says_on_the_road_is_believed() -> None:
    away = CarState(plugged=False, charge=Charge(soc=33.0, at=local(19, 11)), history=habit())
    assert made(Wishes(timetable=MORNINGS), away, now=local(19, 12))[0].energy == pytest.approx(19_800)


def test_the_calendar_tells_the_return() -> None:
    trips = Timetable(calendar=(Trip(leaves=local(20, 9), returns=local(20, 14)),))
    first, second = made(Wishes(target=Amount(80), timetable=trips))
    assert (first.departs, second.arrives) == (local(20, 9), local(20, 14))
    assert second.energy == 48_000 - USUAL_NEED


def test_without_a_word_it_leaves_as_it_usually_does_and_else_in_the_morning() -> None:
    assert made(Wishes())[0].departs == local(20, 7)
    assert made(Wishes(), replace(HERE, history=habit()))[0].departs == local(20, 7, 30)


def test_a_departure_far_off_asks_only_for_what_cannot_wait() -> None:
    far = Timetable(once=(Trip(leaves=local(24, 7)),))
    [stay] = made(Wishes(target=Amount(80), minimum=Amount(50), timetable=far))
    assert (stay.departs, stay.target) == (None, 30_000)
    soon_after = Timetable(once=(Trip(leaves=UNTIL + timedelta(hours=1, minutes=15)),))
    [stay] = made(Wishes(target=Amount(80), timetable=soon_after))
    assert stay.target == pytest.approx(48_000 - 11_040 * 0.904, rel=0.01)


def test_a_limit_is_where_free_energy_ends_and_the_taper_is_of_the_battery() -> None:
    [stay] = made(Wishes(target=Amount(70), limit=Amount(90), timetable=MORNINGS))
    assert stay.capacity == 54_000
    assert share_at(stay.taper, 1.0) == pytest.approx(0.55, abs=0.02)
    [long_trip] = made(Wishes(target=Amount(100), limit=Amount(90), timetable=MORNINGS))
    assert long_trip.capacity == 60_000


def test_giving_keeps_the_reserve_in_percent_or_in_kilometres() -> None:
    giver = replace(BERTH, connector=replace(BERTH.connector, dc=True, max_discharge=10.0, reserve_soc=30.0))
    [stay] = made(Wishes(timetable=MORNINGS), berth=giver)
    assert stay.discharge is not None
    assert stay.reserve == 18_000
    [far] = made(Wishes(reserve=Amount(150, Unit.KILOMETRES), timetable=MORNINGS), berth=giver)
    assert far.reserve == 22_500


@given(
    soc=st.none() | st.floats(0, 100),
    capacity=st.none() | st.floats(10_000, 120_000),
    target=st.builds(Amount, st.floats(0, 600), st.sampled_from(Unit)),
    minimum=st.none() | st.builds(Amount, st.floats(0, 600), st.sampled_from(Unit)),
    limit=st.none() | st.builds(Amount, st.floats(0, 600), st.sampled_from(Unit)),
    plugged=st.booleans(),
    weeks=st.integers(0, 4),
    minutes=st.integers(0, 60 * 24 * 7),
)
def test_stays_follow_one_another_and_hold_what_they_ask_for(
    *,
    soc: float | None,
    capacity: float | None,
    target: Amount,
    minimum: Amount | None,
    limit: Amount | None,
    plugged: bool,
    weeks: int,
    minutes: int,
) -> None:
    now = NOW + timedelta(minutes=minutes)
    berth = replace(BERTH, connector=replace(BERTH.connector, vehicle=VehicleSettings(capacity=capacity)))
    state = CarState(plugged=plugged, charge=Charge(soc=soc, at=NOW, session=NOW), history=habit(weeks))
    wishes = Wishes(target=target, minimum=minimum, limit=limit, timetable=MORNINGS)
    until = now + timedelta(hours=36)
    before = now.astimezone(UTC)
    for stay in stays(berth, wishes, state, now, until):
        assert before <= stay.arrives < until
        assert stay.departs is None or stay.arrives < stay.departs <= until
        assert 0 <= stay.energy <= stay.capacity
        assert 0 <= stay.minimum <= stay.capacity
        assert 0 <= stay.target <= stay.capacity
        before = stay.departs or stay.arrives
