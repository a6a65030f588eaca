"""Values over time: gaps stay gaps, areas stay areas, and clocks that change lose nothing."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.forecast.series import Series, Span, steps_of

START = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def minutes(count: float) -> datetime:
    return START + timedelta(minutes=count)


def span(start: float, end: float, value: float) -> Span:
    return Span(minutes(start), minutes(end), value)


lengths = st.lists(st.tuples(st.integers(1, 90), st.none() | st.floats(0, 10_000)), min_size=1, max_size=40)


def built(parts: list[tuple[int, float | None]]) -> Series:
    spans, at = [], 0
    for length, value in parts:
        if value is not None:
            spans.append(span(at, at + length, value))
        at += length
    return Series.of(reversed(spans))


@given(lengths, st.sampled_from([5, 15, 30, 60]), st.integers(0, 59))
def test_resampling_keeps_the_energy_of_all_that_is_known(
    parts: list[tuple[int, float | None]], slot: int, begin: int
) -> None:
    series = built(parts)
    steps = steps_of(minutes(begin - 60), slot, minutes(sum(length for length, _ in parts)))
    whole = sum((part.end - part.start).total_seconds() * part.value for part in series.between(*_edges(steps)).spans)
    got = 0.0
    for (start, end), mean in zip(steps, series.means(steps, coverage=0.0), strict=True):
        known = sum((part.end - part.start).total_seconds() for part in series.between(start, end).spans)
        assert (mean is None) == (known == 0)
        got += known * (mean or 0.0)
    assert got == pytest.approx(whole)


def _edges(steps: tuple[tuple[datetime, datetime], ...]) -> tuple[datetime, datetime]:
    return steps[0][0], steps[-1][1]


@given(st.integers(0, 7200), st.sampled_from([5, 15, 30, 60]), st.integers(1, 2880))
def test_steps_leave_no_gap_begin_now_and_then_on_the_clock(seconds: int, slot: int, ahead: int) -> None:
    now = START + timedelta(seconds=seconds)
    steps = steps_of(now, slot, now + timedelta(minutes=ahead))
    assert steps[0][0] == now
    assert steps[-1][1] >= now + timedelta(minutes=ahead) > steps[-1][0]
    assert all(before[1] == after[0] for before, after in pairwise(steps))
    assert all(start.timestamp() % (slot * 60) == 0 for start, _ in steps[1:])
    assert all(timedelta(0) < end - start <= timedelta(minutes=slot) for start, end in steps)


def test_a_step_known_too_little_is_not_known() -> None:
    series = Series.of([span(0, 6, 300.0), span(15, 30, 100.0)])
    steps = steps_of(START, 15, minutes(45))
    assert series.means(steps) == (None, 100.0, None)
    assert series.means(steps, coverage=0.3) == (300.0, 100.0, None)


def test_a_value_holds_until_the_next_one_and_none_begins_a_gap() -> None:
    series = Series.of_points([(minutes(0), 1.0), (minutes(40), None), (minutes(60), 3.0)], timedelta(minutes=30))
    steps = steps_of(START, 30, minutes(120))
    assert series.in_force(steps) == (1.0, 1.0, 3.0, None)
    assert [series.at(minutes(at)) for at in (-1, 39, 40, 60, 89, 90)] == [None, 1.0, None, 3.0, 3.0, None]


def test_of_two_spans_that_overlap_the_later_holds() -> None:
    series = Series.of([span(0, 60, 1.0), span(30, 90, 2.0), span(30, 60, 3.0)])
    assert series.spans == (span(0, 30, 1.0), span(30, 60, 3.0))


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    first = datetime(2026, 10, 25, 2, 0, tzinfo=AMSTERDAM)
    points = [(first, 0.10), (first.replace(fold=1), 0.20), (datetime(2026, 10, 25, 3, 0, tzinfo=AMSTERDAM), 0.30)]
    series = Series.of_points(points, timedelta(hours=1))
    assert [part.value for part in series.spans] == [0.10, 0.20, 0.30]
    assert {part.end - part.start for part in series.spans} == {timedelta(hours=1)}
    assert series.start == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)


def test_nothing_known_is_nothing_known() -> None:
    steps = steps_of(START, 15, minutes(60))
    assert (Series().start, Series().end, Series().at(START)) == (None, None, None)
    assert Series().means(steps) == Series().in_force(steps) == (None,) * 4
    assert steps_of(START, 15, START) == ()


@given(lengths)
def test_a_slope_keeps_each_mean_and_goes_beyond_no_neighbour(parts: list[tuple[int, float | None]]) -> None:
    series = built(parts)
    sloped = series.sloped()
    steps = [(part.start, part.end) for part in series.spans]
    assert sloped.means(steps) == pytest.approx([part.value for part in series.spans])
    for index, part in enumerate(series.spans):
        near = [other.value for other in series.spans[max(0, index - 1) : index + 2]]
        inside = [each.value for each in sloped.between(part.start, part.end).spans]
        assert min(near) - 1e-6 <= min(inside)
        assert max(inside) <= max(near) + 1e-6


def test_a_morning_rises_within_its_hours_and_a_noon_stays() -> None:
    day = Series.of(span(60 * hour, 60 * hour + 60, value) for hour, value in enumerate([0.0, 1000.0, 3000.0, 2600.0]))
    values = [round(part.value) for part in day.sloped().spans]
    assert values == [0] * 4 + [438, 812, 1188, 1562] + [3000] * 4 + [2600] * 4


def test_what_lies_beside_a_gap_stays_flat() -> None:
    day = Series.of([span(0, 60, 500.0), span(120, 180, 1500.0)])
    assert {part.value for part in day.sloped().spans} == {500.0, 1500.0}
    assert Series().sloped() == Series()
