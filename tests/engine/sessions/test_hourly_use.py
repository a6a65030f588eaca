"""How connectors are used hour by hour, and that the hours add up to the whole."""

from datetime import timedelta

import pytest

from custom_components.smart_evse.engine.sessions.analysis import Refusal, Span, analyse
from custom_components.smart_evse.engine.sessions.hourly_use import HOUR, hourly

from .stream import START
from .test_analysis import AMSTERDAM, STAYS, at

# It begins half an hour into an hour.
FROM = START + timedelta(minutes=30)
SPAN = Span(since=FROM, until=FROM + timedelta(hours=12), zone=AMSTERDAM)
REFUSALS = [Refusal(at=at(2.6), connector="a", why="unknown_card"), Refusal(at=at(2.7), connector="b", why="expired")]


def test_hours_add_up_to_the_whole() -> None:
    hours = list(hourly(STAYS, SPAN, ["a", "b"], REFUSALS))
    whole = analyse(STAYS, SPAN, ["a", "b"], REFUSALS)
    assert [hour.at for hour in hours] == [FROM + number * HOUR for number in range(12)]
    assert sum(hour.taken for hour in hours) == pytest.approx(whole.total.occupied / 3600)
    assert sum(hour.idle for hour in hours) == pytest.approx(whole.total.idle)
    assert sum(hour.full for hour in hours) == pytest.approx(whole.full * 12)
    assert sum(hour.refused for hour in hours) == 2
    assert max(hour.most_taken for hour in hours) == whole.most_taken == 2
    assert max(hour.most_charging for hour in hours) == whole.most_charging
    for place, use in enumerate(whole.by_speed):
        assert sum(hour.by_speed[place] for hour in hours) == pytest.approx(use.energy_in, abs=12)


def test_an_hour_tells_the_fewest_and_the_most() -> None:
    hours = {hour.at: hour for hour in hourly(STAYS, SPAN, ["a", "b"])}
    second = hours[START + timedelta(hours=2.5)]
    # One has been there all the time, the other leaves half an hour later.
    assert (second.least_taken, second.most_taken, second.taken, second.full) == (1, 2, 1.5, 0.5)


def test_an_hour_that_is_not_over_is_not_told() -> None:
    part = Span(since=START, until=START + timedelta(minutes=100), zone=AMSTERDAM)
    assert [hour.at for hour in hourly(STAYS, part, ["a"])] == [START + timedelta(minutes=30)]
