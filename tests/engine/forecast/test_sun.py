"""The sun, learned from the roof's own days and brought into line with the last hours."""

from datetime import UTC, datetime, timedelta
import math

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.forecast.intraday import LOAD_FADING, SUN_FADING, correct, ratio
from custom_components.smart_evse.engine.forecast.series import Series, Span, steps_of
from custom_components.smart_evse.engine.forecast.sun import SunProfile, learn_sun, sun_series

MIDNIGHT = datetime(2026, 6, 16, 0, 0, tzinfo=UTC)
NOON = MIDNIGHT + timedelta(hours=12)
QUARTER = timedelta(minutes=15)


def clear(moment: datetime) -> float:
    """A clear summer day of 5 kW."""
    hour = moment.hour + moment.minute / 60
    return 5000.0 * max(0.0, math.sin(math.pi * (hour - 4.5) / 15))


def days(*weather: float, until: datetime = MIDNIGHT) -> Series:
    """Past days in quarters, each with its share of the clear sky; the last one is the latest."""
    start = until - timedelta(days=len(weather))
    starts = [start + QUARTER * at for at in range(96 * len(weather))]
    return Series(
        tuple(Span(at, at + QUARTER, weather[n // 96] * clear(at + QUARTER / 2)) for n, at in enumerate(starts))
    )


def energy(series: Series) -> float:
    return sum(span.value * (span.end - span.start).total_seconds() / 3600 for span in series.spans)


def learned(*weather: float) -> SunProfile:
    profile = learn_sun(days(*weather), MIDNIGHT)
    assert profile is not None
    return profile


def ahead(profile: SunProfile) -> Series:
    return sun_series(profile, MIDNIGHT, MIDNIGHT + timedelta(days=1))


def test_clear_days_promise_a_clear_day() -> None:
    forecast, real = ahead(learned(*[1.0] * 14)), days(1.0, until=MIDNIGHT + timedelta(days=1))
    steps = steps_of(MIDNIGHT, 15, MIDNIGHT + timedelta(days=1))
    errors = [abs((a or 0) - (b or 0)) for a, b in zip(forecast.means(steps), real.means(steps), strict=True)]
    assert sum(errors) / 4 < 0.04 * energy(real)
    assert all(span.value == 0 for span in forecast.spans if span.start.hour in range(21, 24))


def test_yesterdays_clouds_are_half_expected_again() -> None:
    fair = energy(ahead(learned(*[1.0] * 14)))
    dull = energy(ahead(learned(*[1.0] * 13, 0.2)))
    assert 0.5 < dull / fair < 0.65


def test_a_week_of_rain_does_not_hide_what_the_roof_can_do() -> None:
    profile = learned(*[0.1] * 9, *[1.0] * 5)
    assert max(profile.fair) > 4500
    assert profile.clearness > 0.6


def test_two_days_are_enough_to_begin_with_and_none_is_not() -> None:
    assert energy(ahead(learned(0.8, 0.8))) == pytest.approx(0.8 * energy(days(1.0)), rel=0.02)
    assert learn_sun(Series(), MIDNIGHT) is None
    nights = Series((Span(MIDNIGHT - timedelta(hours=3), MIDNIGHT, 0.0),))
    assert energy(ahead(learn_sun(nights, MIDNIGHT) or SunProfile())) == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_the_sun_never_shines_more_than_it_did(weather: list[float]) -> None:
    best = max(span.value for span in days(*weather).spans)
    assert all(0 <= span.value <= 1.3 * best + 1e-6 for span in ahead(learned(*weather)).spans)


def test_a_dull_morning_darkens_the_afternoon_and_less_the_evening() -> None:
    forecast, measured = days(1.0, until=MIDNIGHT + timedelta(days=1)), days(0.4, until=MIDNIGHT + timedelta(days=1))
    better = correct(forecast, measured.between(MIDNIGHT, NOON), NOON, SUN_FADING)
    share = {at: _share(better, forecast, at) for at in (0, 3, 6)}
    assert 0.4 < share[0] < 0.5
    assert share[0] < share[3] < share[6] < 1


def _share(better: Series, forecast: Series, hours: int) -> float:
    moment = NOON + timedelta(hours=hours)
    return (better.at(moment) or 0) / (forecast.at(moment) or 1)


@given(st.floats(0.4, 2.5), st.integers(5, 18))
def test_a_day_that_is_off_by_a_factor_is_told_better_with_what_was_measured(factor: float, hour: int) -> None:
    now, end = MIDNIGHT + timedelta(hours=hour), MIDNIGHT + timedelta(days=1)
    forecast, real = days(1.0, until=end), days(factor, until=end)
    better = correct(forecast, real.between(MIDNIGHT, now), now, SUN_FADING)
    steps = steps_of(now, 15, end)

    def error(series: Series) -> float:
        return sum(abs((a or 0) - (b or 0)) for a, b in zip(series.means(steps), real.means(steps), strict=True))

    assert error(better) <= error(forecast) + 1e-6
    if abs(factor - 1) > 0.2 and 8 <= hour <= 15:
        assert error(better) < 0.75 * error(forecast)


def test_dawn_says_little_and_night_nothing() -> None:
    forecast, real = days(1.0, until=MIDNIGHT + timedelta(days=1)), days(3.0, until=MIDNIGHT + timedelta(days=1))
    night, dawn = MIDNIGHT + timedelta(hours=3), MIDNIGHT + timedelta(hours=4, minutes=45)
    assert correct(forecast, real.between(MIDNIGHT, night), night, SUN_FADING) == forecast
    assert ratio(forecast, real.between(MIDNIGHT, dawn), dawn, SUN_FADING) < 1.6


def test_nothing_measured_changes_nothing_and_the_past_stays() -> None:
    forecast = days(1.0, until=MIDNIGHT + timedelta(days=1))
    assert correct(forecast, Series(), NOON, SUN_FADING) == forecast
    better = correct(forecast, days(0.5, until=MIDNIGHT + timedelta(days=1)).between(MIDNIGHT, NOON), NOON, SUN_FADING)
    assert better.between(MIDNIGHT, NOON) == forecast.between(MIDNIGHT, NOON)


def test_a_long_span_is_cut_at_now_and_a_party_fades_within_hours() -> None:
    forecast = Series((Span(MIDNIGHT, MIDNIGHT + timedelta(days=1), 500.0),))
    measured = Series((Span(NOON - timedelta(hours=1), NOON, 1500.0),))
    better = correct(forecast, measured, NOON, LOAD_FADING)
    assert better.at(NOON - QUARTER) == 500.0
    soon, later = better.at(NOON) or 0, better.at(NOON + timedelta(hours=6)) or 0
    assert 650.0 < soon <= 1000.0
    assert 500.0 < later < 530.0


def test_the_last_hour_says_more_than_the_morning() -> None:
    forecast = Series((Span(MIDNIGHT, MIDNIGHT + timedelta(days=1), 1000.0),))
    change = NOON - timedelta(hours=2)
    measured = Series((Span(MIDNIGHT, change, 1000.0), Span(change, NOON, 400.0)))
    assert ratio(forecast, measured, NOON, SUN_FADING) < 0.7
