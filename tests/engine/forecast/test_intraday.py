"""A forecast in line with the last hours: what is expected of the house stays a load, and fades to its habit."""

from datetime import UTC, datetime, timedelta
from math import exp, log

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.forecast.intraday import LOAD_FADING, SUN_FADING, Fading, expect
from custom_components.smart_evse.engine.forecast.score import Score
from custom_components.smart_evse.engine.forecast.series import Series, Span

NOW = datetime(2026, 6, 16, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)

loads = st.floats(0.0, 12_000.0)
fadings = st.sampled_from([LOAD_FADING, SUN_FADING])


def hours(values: list[float], start: datetime) -> Series:
    return Series(tuple(Span(start + HOUR * at, start + HOUR * (at + 1), each) for at, each in enumerate(values)))


def expected(habit: list[float], lately: list[float], fading: Fading) -> tuple[Series, Series]:
    """Return the habit from six hours back on, and what is expected in its place."""
    forecast = hours(habit, NOW - 6 * HOUR)
    return forecast, expect(forecast, Score(), hours(lately, NOW - len(lately) * HOUR), NOW, fading)


@given(st.lists(loads, min_size=30, max_size=30), st.lists(loads, max_size=6), fadings)
def test_an_expectation_is_never_negative_and_fades_to_the_habit(
    habit: list[float], lately: list[float], fading: Fading
) -> None:
    forecast, better = expected(habit, lately, fading)
    for lead in range(24):
        at = NOW + HOUR * lead
        usual, now_expected = forecast.at(at), better.at(at)
        assert usual is not None
        assert now_expected is not None
        assert now_expected >= 0
        most = exp(log(fading.most) * exp(-(lead + 0.5) / fading.lead)) * (1 + 1e-9)
        assert usual / most <= now_expected <= usual * most


@given(st.floats(100.0, 3_000.0), st.floats(0.3, 3.0), fadings)
def test_a_house_that_is_off_its_habit_is_expected_to_stay_off_ever_less(
    usual: float, factor: float, fading: Fading
) -> None:
    _, better = expected([usual] * 30, [usual * factor] * 3, fading)
    off = [abs(log((better.at(NOW + HOUR * lead) or 0.0) / usual)) for lead in range(24)]
    assert off == sorted(off, reverse=True)
    assert off[0] <= abs(log(factor)) + 1e-9
    assert off[-1] <= 0.1
    first = better.at(NOW) or 0.0
    assert min(usual, usual * factor) - 1e-6 <= first <= max(usual, usual * factor) + 1e-6


def test_a_house_corrects_a_few_hours_and_the_sun_a_day() -> None:
    _, house = expected([1_000.0] * 30, [2_000.0] * 3, LOAD_FADING)
    _, sun = expected([1_000.0] * 30, [2_000.0] * 3, SUN_FADING)
    assert house.at(NOW) == pytest.approx(1_500.0, rel=0.15)
    assert house.at(NOW + 8 * HOUR) == pytest.approx(1_000.0, rel=0.02)
    assert (sun.at(NOW + 8 * HOUR) or 0.0) > 1_200.0
