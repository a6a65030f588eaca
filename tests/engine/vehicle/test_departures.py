"""When a car leaves, and when it comes home."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.forecast.habits import WallClock
from custom_components.smart_evse.engine.vehicle.arrivals import (
    KEPT,
    Stayed,
    expected_arrival,
    expected_departure,
    keep,
    usual_energy,
)
from custom_components.smart_evse.engine.vehicle.departures import Timetable, Trip, Weekly, amount_in, departures
from custom_components.smart_evse.engine.vehicle.distance import Amount, Unit, kilometres, percent

CLOCK = WallClock(ZoneInfo("Europe/Amsterdam"))
WORKDAYS = frozenset(range(5))


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CLOCK.zone)


def walls(timetable: Timetable, after: datetime, hours: float) -> list[str]:
    trips = departures(timetable, after, after + timedelta(hours=hours), CLOCK)
    return [f"{CLOCK.local(trip.leaves):%a %H:%M}" for trip in trips]


def test_every_day_some_days_once_and_from_the_calendar() -> None:
    table = Timetable(
        weekly=(Weekly(at=time(7, 30), weekdays=WORKDAYS), Weekly(at=time(10), weekdays=frozenset({5}))),
        calendar=(Trip(leaves=local(20, 14), returns=local(20, 18)),),
    )
    assert walls(table, local(19, 12), 60) == ["Fri 07:30", "Fri 14:00", "Sat 10:00"]


def test_once_takes_the_place_of_the_usual_on_its_day() -> None:
    usual = (Weekly(at=time(7)),)
    assert walls(Timetable(weekly=usual, once=(Trip(leaves=local(20, 9)),)), local(19, 12), 48) == [
        "Fri 09:00",
        "Sat 07:00",
    ]
    assert walls(Timetable(weekly=usual, skipped=frozenset({date(2026, 11, 20)})), local(19, 12), 48) == ["Sat 07:00"]


def test_of_two_at_once_the_one_that_says_how_much_holds() -> None:
    full = Trip(leaves=local(20, 7), target=Amount(100))
    for calendar in ((Trip(leaves=local(20, 7)), full), (full, Trip(leaves=local(20, 7)))):
        [trip] = departures(Timetable(calendar=calendar), local(19, 12), local(20, 12), CLOCK)
        assert trip.target == Amount(100)


def test_a_departure_that_passed_is_no_more() -> None:
    table = Timetable(weekly=(Weekly(at=time(7)),), once=(Trip(leaves=local(19, 7)),))
    assert walls(table, local(19, 7), 20) == []
    assert walls(table, local(19, 6, 59), 20) == ["Thu 07:00"]


@pytest.mark.parametrize(("day", "month", "hours"), [(25, 10, 25), (29, 3, 23)])
def test_seven_stays_seven_when_the_clocks_change(day: int, month: int, hours: int) -> None:
    after = local(day - 1, 7, month=month)
    trips = departures(Timetable(weekly=(Weekly(at=time(7)),)), after, after + timedelta(days=1, hours=3), CLOCK)
    assert [(trip.leaves - after.astimezone(UTC)) / timedelta(hours=1) for trip in trips] == [hours]


def test_a_time_that_comes_twice_is_the_first_and_one_left_out_is_later() -> None:
    table = Timetable(weekly=(Weekly(at=time(2, 30)),))
    twice = departures(table, local(24, 12, month=10), local(25, 12, month=10), CLOCK)
    assert [trip.leaves for trip in twice] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
    left_out = departures(table, local(28, 12, month=3), local(29, 12, month=3), CLOCK)
    assert [trip.leaves for trip in left_out] == [datetime(2026, 3, 29, 1, 30, tzinfo=UTC)]


@given(
    st.lists(st.tuples(st.times(), st.frozensets(st.integers(0, 6))), max_size=4),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 24 * 8),
    st.sampled_from(["Europe/Amsterdam", "Australia/Lord_Howe", "America/St_Johns", "UTC"]),
)
def test_departures_come_in_order_within_the_time_asked_for(
    rules: list[tuple[time, frozenset[int]]], after: datetime, hours: int, zone: str
) -> None:
    until = after + timedelta(hours=hours)
    table = Timetable(weekly=tuple(Weekly(at=at, weekdays=days) for at, days in rules))
    leaves = [trip.leaves for trip in departures(table, after, until, WallClock(ZoneInfo(zone)))]
    assert leaves == sorted(set(leaves))
    assert all(after < moment <= until for moment in leaves)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Grandma 250 km", Amount(250, Unit.KILOMETRES)),
        ("Ski trip, 100 %", Amount(100)),
        ("office 12,5 kWh", Amount(12.5, Unit.KILOWATT_HOURS)),
        ("Dentist at 9", None),
        ("80 kmh road", None),
    ],
)
def test_a_calendar_may_say_how_much(text: str, amount: Amount | None) -> None:
    assert amount_in(text) == amount


def test_kilometres_percents_and_kilowatt_hours_are_energies() -> None:
    assert Amount(80).energy(60_000) == 48_000
    assert Amount(80).energy(None) is None
    assert Amount(200, Unit.KILOMETRES).energy(60_000, 150) == 30_000
    assert Amount(900, Unit.KILOMETRES).energy(60_000, 150) == 60_000
    assert (percent(30_000, 60_000), kilometres(30_000, 150)) == (50, 200)


def week_of_stays(
    weeks: int, weekdays: frozenset[int] = WORKDAYS, minutes: tuple[int, ...] = (0,)
) -> tuple[Stayed, ...]:
    history: tuple[Stayed, ...] = ()
    for back in range(weeks * 7, 0, -1):
        day = local(20, 0) - timedelta(days=back)
        if day.weekday() in weekdays:
            home = day.replace(hour=18) + timedelta(minutes=minutes[back % len(minutes)])
            stay = Stayed(arrived=home, left=(day + timedelta(days=1)).replace(hour=7, minute=45), energy=9000.0 + back)
            history = keep(history, stay)
    return history


def test_a_car_on_the_road_is_expected_when_it_usually_comes() -> None:
    history = week_of_stays(6, minutes=(0, 20, 40))
    assert len(history) == 30
    friday = expected_arrival(history, local(20, 12), CLOCK)
    assert friday is not None
    assert local(20, 18) <= friday <= local(20, 18, 40)
    assert expected_arrival(history, local(21, 12), CLOCK) == pytest.approx(
        local(23, 18, 20), abs=timedelta(minutes=21)
    )


def test_a_car_that_is_late_is_expected_as_the_late_ones_and_then_tomorrow() -> None:
    history = week_of_stays(6, frozenset({3, 4}), minutes=(0, 0, 0, 90))
    assert expected_arrival(history, local(20, 18, 30), CLOCK) == local(20, 19, 30)
    assert expected_arrival(history, local(20, 20), CLOCK) == local(26, 18)


def test_what_happened_seldom_or_for_minutes_is_no_habit() -> None:
    once = (Stayed(arrived=local(6, 18, month=10), left=local(7, 7, month=10), energy=1.0),)
    assert expected_arrival(once, local(20, 12), CLOCK) is None
    stops = tuple(Stayed(arrived=local(day, 18), left=local(day, 18, 10), energy=1.0) for day in range(1, 20))
    assert expected_arrival(stops, local(20, 12), CLOCK) is None
    assert (expected_arrival((), local(20, 12), CLOCK), usual_energy(once)) == (None, None)


def test_habits_tell_the_departure_too_and_only_so_much_is_kept() -> None:
    history = week_of_stays(6)
    assert expected_departure(history, local(20, 12), CLOCK) == local(21, 7, 45)
    assert usual_energy(history) == pytest.approx(9021, abs=3)
    assert len(keep(history * 3, history[0])) == KEPT


def test_a_habit_keeps_its_wall_time_when_the_clocks_change() -> None:
    zone = CLOCK.zone
    history = tuple(
        Stayed(
            arrived=datetime(2026, 10, day, 18, tzinfo=zone),
            left=datetime(2026, 10, day + 1, 7, tzinfo=zone),
            energy=1.0,
        )
        for day in range(1, 25)
    )
    assert expected_arrival(history, local(26, 12, month=10), CLOCK) == local(26, 18, month=10)
