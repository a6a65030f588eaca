"""How far a forecast can be trusted, learned from how far it was off."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.forecast.intraday import SUN_FADING, expect
from custom_components.smart_evse.engine.forecast.score import LEADS, Score, Tally, follow, unbiased
from custom_components.smart_evse.engine.forecast.series import Series, Span

START = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def flat(power: float, start: datetime, hours: int) -> Series:
    return Series((Span(start, start + HOUR * hours, power),))


def lived(hours: int, forecast: float, real: float, score: Score | None = None) -> Score:
    score = score or Score()
    for at in range(hours):
        now = START + HOUR * at
        score = follow(score, flat(forecast, now, 48), flat(real, START - HOUR, at + 1), now)
    return score


def test_a_forecast_not_yet_scored_is_neither_biased_nor_believed() -> None:
    assert [Score().tally(lead).bias for lead in LEADS] == [1.0] * len(LEADS)
    assert 0.2 < Score().doubt < 0.5


def test_a_bias_is_learned_and_taken_out() -> None:
    score = lived(24 * 21, forecast=1000.0, real=700.0)
    assert score.tally(6.0).bias == pytest.approx(0.7, abs=0.03)
    now = START + HOUR * 24 * 21
    assert unbiased(flat(1000.0, now, 24), score, now).at(now + HOUR) == pytest.approx(700, abs=30)


def test_a_bias_is_not_taken_out_twice() -> None:
    score = lived(24 * 21, forecast=1000.0, real=700.0)
    now = START + HOUR * 24 * 21
    forecast, measured = flat(1000.0, now - HOUR * 12, 24), flat(700.0, now - HOUR * 12, 12)
    expected = expect(forecast, score, measured, now, SUN_FADING)
    assert expected.at(now) == pytest.approx(700, abs=30)
    assert expected.at(now + HOUR * 8) == pytest.approx(700, abs=30)


def test_an_old_bias_is_forgotten() -> None:
    tally = Tally()
    for measured in [700.0] * 500 + [1000.0] * 500:
        tally = tally.add(measured, 1000.0)
    assert tally.bias > 0.89


def test_a_good_forecast_narrows_the_margin_and_a_bad_one_widens_it() -> None:
    good, bad = lived(24 * 21, 1000.0, 1000.0), lived(24 * 21, 1000.0, 500.0)
    assert good.doubt < Score().doubt < bad.doubt
    assert good.margin(0.1, 6.0) > Score().margin(0.1, 6.0) > bad.margin(0.1, 6.0)


def test_nights_do_not_make_a_forecast_of_the_sun_look_good() -> None:
    assert lived(200, 0.0, 0.0).tallies == Score().tallies


def test_each_hour_is_promised_once_and_settled_once() -> None:
    score = Score()
    for minute in range(0, 60 * 30, 5):
        now = START + timedelta(minutes=minute)
        score = follow(score, flat(1000.0, now, 48), flat(800.0, START, 30), now)
    assert len(score.promises) <= sum(LEADS) + len(LEADS)
    assert score.tallies[0].count == pytest.approx(28, abs=1)
    assert score.tallies[-1].count == pytest.approx(5, abs=1)


def test_what_nobody_measured_is_dropped() -> None:
    score = follow(Score(), flat(1000.0, START, 48), Series(), START)
    later = follow(score, Series(), Series(), START + HOUR * 48)
    assert (later.promises, later.tallies) == ((), Score().tallies)


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)), max_size=60), st.floats(0.001, 0.999))
def test_margins_grow_with_the_quantile_and_stay_usable(pairs: list[tuple[float, float]], quantile: float) -> None:
    tally = Tally()
    for measured, forecast in pairs:
        tally = tally.add(measured, forecast)
    score = Score(tallies=(tally,) * len(LEADS))
    assert 0.5 <= tally.bias <= 2.0
    assert score.margin(quantile, 3.0) >= 0
    assert score.margin(0.5, 3.0) == pytest.approx(1.0)
    assert score.margin(min(quantile, 0.5), 3.0) <= 1.0 <= score.margin(max(quantile, 0.5), 3.0)


def test_it_is_made_of_what_a_store_can_keep() -> None:
    kept = asdict(lived(30, 1000.0, 900.0))
    assert set(kept) == {"tallies", "promises", "promised_at"}
    assert all(isinstance(value, float) for tally in kept["tallies"] for value in tally.values())
