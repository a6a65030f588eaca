"""What the house will use, learned from what it used."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.forecast.habits import WallClock
from custom_components.smart_evse.engine.forecast.load import (
    USUAL_LOAD,
    away_days,
    learn_load,
    load_series,
)
from custom_components.smart_evse.engine.forecast.series import Series, Span

CLOCK = WallClock(ZoneInfo("Europe/Amsterdam"))
NOW = datetime(2026, 11, 16, 0, 0, tzinfo=CLOCK.zone).astimezone(UTC)
HOUR = timedelta(hours=1)


def past(days: int, power: Callable[[datetime], float]) -> Series:
    starts = [NOW - HOUR * at for at in range(24 * days, 0, -1)]
    return Series(tuple(Span(start, start + HOUR, power(CLOCK.local(start))) for start in starts))


def weekly(local: datetime) -> float:
    return 2000.0 if local.weekday() >= 5 and 9 <= local.hour < 17 else 1500.0 if local.hour == 18 else 300.0


def ahead(history: Series, hours: int = 48, mean: float | None = None, clock: WallClock = CLOCK) -> list[float]:
    return [
        span.value for span in load_series(learn_load(history, NOW, clock, mean), NOW, NOW + HOUR * hours, clock).spans
    ]


def test_working_days_and_weekends_are_told_apart() -> None:
    monday, saturday = ahead(past(28, weekly), 24), ahead(past(28, weekly), 24 * 6)[24 * 5 :]
    assert monday[18] == pytest.approx(1500)
    assert monday[12] < 900
    assert saturday[12] > 1300


def test_a_holiday_is_lived_as_a_sunday() -> None:
    clock = WallClock(CLOCK.zone, frozenset({date(2026, 11, 16)}))
    assert ahead(past(28, weekly), 24, clock=clock)[12] > 1300


def test_a_week_away_teaches_nothing() -> None:
    def power(local: datetime) -> float:
        return 80.0 if date(2026, 11, 2) <= local.date() <= date(2026, 11, 8) else 500.0

    history = past(28, power)
    assert away_days(history, CLOCK) == {date(2026, 11, 2) + timedelta(days=day) for day in range(7)}
    assert ahead(history) == pytest.approx([500.0] * 48)


def test_lately_counts_more_than_long_ago() -> None:
    history = past(28, lambda local: 800.0 if local.date() > date(2026, 11, 8) else 400.0)
    assert all(560 < power < 800 for power in ahead(history))


@given(st.none() | st.floats(50, 3000))
def test_a_house_never_seen_gets_a_modest_day_at_its_own_level(mean: float | None) -> None:
    powers = ahead(Series(), 24, mean)
    assert sum(powers) / 24 == pytest.approx(USUAL_LOAD if mean is None else mean)
    assert max(powers[17:21]) == max(powers)
    assert min(powers[1:5]) == min(powers)


def test_hours_never_seen_are_filled_at_the_level_of_those_that_were() -> None:
    day_time = Series(tuple(span for span in past(7, lambda _: 600.0).spans if 8 <= CLOCK.local(span.start).hour < 20))
    powers = ahead(day_time, 24)
    assert powers[8:20] == pytest.approx([600.0] * 12)
    assert all(250 < power < 1000 for power in powers)


@given(st.lists(st.floats(0, 20_000), min_size=1, max_size=24 * 9))
def test_what_is_expected_lies_within_what_was_seen(powers: list[float]) -> None:
    starts = [NOW - HOUR * (at + 1) for at in range(len(powers))]
    history = Series.of(Span(start, start + HOUR, power) for start, power in zip(starts, powers, strict=True))
    got = ahead(history)
    assert len(got) == 48
    assert max(got) <= max(powers) * 1.63 + 1e-6
    assert min(got) >= 0
