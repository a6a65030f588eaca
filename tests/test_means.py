"""What our own beats saw, by quarters and later by hours."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.smart_evse.engine.forecast.series import Series, Span
from custom_components.smart_evse.learned import joined
from custom_components.smart_evse.means import QUARTER, Means, with_span

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def run(means: Means, values: list[float | None], every: float) -> list[Span]:
    """Feed a value every so many seconds from noon on; return the quarters that came out."""
    spans = (means.add(value, NOON + timedelta(seconds=every * index)) for index, value in enumerate(values))
    return [span for span in spans if span is not None]


def test_a_quarter_is_the_mean_of_what_held_in_it() -> None:
    (quarter,) = run(Means(), [1000.0] * 45 + [2000.0] * 46, 10)
    assert (quarter.start, quarter.end) == (NOON, NOON + QUARTER)
    assert quarter.value == pytest.approx(1500)


@pytest.mark.parametrize("values", [[None] * 100, [500.0] * 40 + [None] * 60])
def test_a_quarter_of_which_less_than_half_is_known_says_nothing(values: list[float | None]) -> None:
    assert run(Means(), values, 10) == []


def test_a_long_silence_is_not_filled() -> None:
    assert run(Means(), [1000.0, 1000.0, 1000.0], 600) == []


def test_quarters_of_yesterday_become_hours_with_the_same_energy() -> None:
    series = Series()
    for index in range(4 * 50):
        start = NOON + QUARTER * index
        series = with_span(series, Span(start, start + QUARTER, float(index)))
    lengths = {span.start: span.end - span.start for span in series.spans}
    assert lengths[NOON] == timedelta(hours=1)
    assert series.at(NOON) == pytest.approx((0 + 1 + 2 + 3) / 4)
    assert series.spans[-1].end - series.spans[-1].start == QUARTER
    energy = sum((span.end - span.start) / QUARTER * span.value for span in series.spans)
    assert energy == pytest.approx(sum(range(200)))


def test_news_hold_over_what_was_known_and_leave_what_comes_after() -> None:
    def hours(*values: float, start: int = 0) -> Series:
        first = NOON + timedelta(hours=start)
        steps = [(first + timedelta(hours=at), first + timedelta(hours=at + 1)) for at in range(len(values))]
        return Series.of_steps(steps, values)

    series = joined(hours(1, 1, 1, 1), hours(2, start=1), NOON)
    assert [series.at(NOON + timedelta(hours=hour)) for hour in range(4)] == [1, 2, 1, 1]
    assert joined(hours(1, 1), Series(), NOON + timedelta(days=40)).spans == ()
