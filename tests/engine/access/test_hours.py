"""Hours across midnight and on the days when the clock is changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.access.hours import is_open
from custom_components.smart_evse.engine.access.model import Hours

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WORKDAYS = frozenset(range(5))
EVERY_DAY = frozenset(range(7))
CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0))
WHEN = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware


def at(text: str) -> datetime:
    """Return a time on the wall in Amsterdam, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


def hours(begin: str, end: str, weekdays: frozenset[int] = EVERY_DAY) -> Hours:
    return Hours(weekdays=weekdays, begin=time.fromisoformat(begin), end=time.fromisoformat(end))


@pytest.mark.parametrize(
    ("when", "spans_open"),
    [
        ("2026-06-05 08:59:59", 0),
        ("2026-06-05 09:00", 1),
        ("2026-06-05 16:59:59", 1),
        ("2026-06-05 17:00", 0),
        ("2026-06-06 12:00", 0),
    ],
)
def test_office_hours_begin_and_end_on_the_minute(when: str, spans_open: int) -> None:
    assert is_open([hours("09:00", "17:00", WORKDAYS)], at(when), AMSTERDAM) == spans_open


@pytest.mark.parametrize(
    ("when", "spans_open"),
    [
        ("2026-06-05 21:59", 0),
        ("2026-06-05 22:00", 1),
        ("2026-06-06 05:59", 1),
        ("2026-06-06 06:00", 0),
        ("2026-06-06 23:00", 0),
        ("2026-06-05 05:00", 0),
    ],
)
def test_the_night_of_friday_ends_on_saturday(when: str, spans_open: int) -> None:
    assert is_open([hours("22:00", "06:00", frozenset({4}))], at(when), AMSTERDAM) == spans_open


def open_minutes(span: Hours, day: str) -> int:
    """Count the minutes that a span is open between two midnights."""
    begin = at(f"{day} 00:00")
    end = (begin.astimezone(AMSTERDAM) + timedelta(days=1)).astimezone(UTC)
    minutes = int((end - begin).total_seconds() // 60)
    return sum(is_open([span], begin + timedelta(minutes=minute), AMSTERDAM) for minute in range(minutes))


@pytest.mark.parametrize(("day", "minutes"), [("2026-03-29", 180), ("2026-10-25", 300), ("2026-06-07", 240)])
def test_an_hour_is_left_out_in_spring_and_comes_twice_in_autumn(day: str, minutes: int) -> None:
    assert open_minutes(hours("01:00", "05:00"), day) == minutes


def test_a_span_inside_the_hour_that_is_left_out_never_opens() -> None:
    assert open_minutes(hours("02:15", "02:45"), "2026-03-29") == 0
    assert open_minutes(hours("02:15", "02:45"), "2026-10-25") == 60


@given(WHEN)
def test_without_hours_every_hour_is_open(when: datetime) -> None:
    assert is_open([], when, AMSTERDAM)


@given(WHEN, CLOCKS, st.sampled_from(range(7)))
def test_a_span_that_ends_where_it_begins_is_a_whole_day(when: datetime, clock: time, day: int) -> None:
    whole = Hours(weekdays=frozenset({day}), begin=clock, end=clock)
    local = when.astimezone(AMSTERDAM)
    began = local.weekday() if local.time() >= clock else (local.weekday() - 1) % 7
    assert is_open([whole], when, AMSTERDAM) is (began == day)


@given(WHEN, CLOCKS, CLOCKS)
def test_a_span_and_what_it_leaves_out_share_every_instant(when: datetime, begin: time, end: time) -> None:
    inside = Hours(weekdays=EVERY_DAY, begin=begin, end=end)
    outside = Hours(weekdays=EVERY_DAY, begin=end, end=begin)
    both = is_open([inside], when, AMSTERDAM), is_open([outside], when, AMSTERDAM)
    assert both == (True, True) if begin == end else sum(both) == 1
