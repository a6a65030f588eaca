"""How connectors are used."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.sessions.analysis import Refusal, Span, Stay, analyse
from custom_components.smart_evse.engine.sessions.model import Interval, Mark, SessionRecord

from .stream import START

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SPAN = Span(since=START, until=START + timedelta(hours=10), zone=AMSTERDAM)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def stay(connector: str, begin: float, end: float | None, energy: int = 0, driver: str | None = None) -> Stay:
    """Return a stay that charges with 11 kW from its beginning on, in intervals of a quarter of an hour."""
    record = SessionRecord(
        id=f"{connector} {begin}",
        connector=connector,
        started=at(begin),
        ended=None if end is None else at(end),
        energy_in=energy,
        driver=driver,
    )
    intervals = []
    left, when = energy, begin
    while left > 0:
        part = min(left, 2750)
        intervals.append(
            Interval(start=at(when), end=at(when + 0.25), energy_in=part, from_grid=part, peak_power=11_000.0)
        )
        left, when = left - part, when + 0.25
    return Stay(record=record, intervals=tuple(intervals))


STAYS = [
    stay("a", -1, 4, 11_000, "anna"),
    stay("b", 1, 3, 5_500, "ben"),
    stay("a", 5, None, 2_750, "anna"),
    stay("b", 20, 21, 99_000, "ben"),
]


def test_occupancy_and_idle_time() -> None:
    found = analyse(STAYS, SPAN, ["a", "b"])
    a, b = found.by_connector["a"], found.by_connector["b"]
    assert (a.sessions, a.occupied, b.sessions, b.occupied) == (2, 9 * 3600, 1, 2 * 3600)
    assert found.occupancy == pytest.approx(11 / 20)
    assert (b.charging, b.idle) == (1800, 5400)
    # The first hour of the first stay was before the time that is looked at.
    assert a.energy_in == 2750


def test_a_car_that_takes_a_little_of_a_quarter_hour_idles_for_the_rest() -> None:
    found = analyse([stay("a", 0, 1, 2200)], SPAN, ["a"])
    assert (found.total.charging, found.total.idle) == (720, 2880)


def test_how_often_all_are_taken() -> None:
    found = analyse(STAYS, SPAN, ["a", "b"])
    assert found.taken == (1 * 3600, 7 * 3600, 2 * 3600)
    assert (found.full, found.most_taken, found.most_charging) == (0.2, 2, 1)


def test_energy_by_hour_weekday_driver_and_speed() -> None:
    found = analyse(STAYS, SPAN, ["a", "b"])
    assert found.total.energy_in == 8250
    # 01:30 UTC is 02:30 in Amsterdam for the second time, 05:30 UTC is 06:30.
    assert {hour: energy for hour, energy in enumerate(found.by_hour) if energy} == {2: 5500, 6: 2750}
    assert found.by_weekday == (0, 0, 0, 0, 0, 0, 8250)
    assert (found.by_driver["anna"].energy_in, found.by_driver["ben"].energy_in) == (2750, 5500)
    assert [use.sessions for use in found.by_speed] == [0, 0, 3, 0, 0]


def test_refusals_are_counted_by_reason_and_place() -> None:
    refused = [
        Refusal(at=at(1), connector="a", why="unknown_card"),
        Refusal(at=at(2), connector="b", why="unknown_card"),
        Refusal(at=at(2), connector="b", why="quota_spent"),
        Refusal(at=at(99), connector="b", why="quota_spent"),
    ]
    found = analyse([], SPAN, ["a", "b"], refused)
    assert (found.refusals, found.refused_at) == ({"unknown_card": 2, "quota_spent": 1}, {"a": 1, "b": 2})
    assert (found.occupancy, found.most_taken, found.taken) == (0.0, 0, (10 * 3600.0, 0.0, 0.0))


def test_what_nobody_saw_flow_is_spread_over_its_time() -> None:
    unseen = Interval(start=at(0), end=at(2), energy_in=8000, unattributed=8000, marks=frozenset({Mark.RECONSTRUCTED}))
    record = SessionRecord(id="x", connector="a", started=at(0), ended=at(2), energy_in=8000)
    found = analyse([Stay(record=record, intervals=(unseen,))], SPAN, ["a"])
    # 00:30 to 02:30 UTC: the local hour from 2 to 3 is there twice.
    assert {hour: energy for hour, energy in enumerate(found.by_hour) if energy} == {2: 6000, 3: 2000}


TIMES = st.tuples(st.sampled_from("abc"), st.floats(-5, 12), st.floats(0.1, 6), st.integers(0, 30_000))


@given(st.lists(TIMES, max_size=8))
def test_shares_and_sums_hold_for_any_stays(times: list[tuple[str, float, float, int]]) -> None:
    stays = [stay(key, begin, begin + hours, energy) for key, begin, hours, energy in times]
    found = analyse(stays, SPAN, ["a", "b", "c"])
    assert 0 <= found.occupancy <= 1
    assert 0 <= found.full <= 1
    assert sum(found.taken) == pytest.approx(SPAN.seconds)
    assert sum(found.by_hour) == pytest.approx(found.total.energy_in, abs=24)
    assert sum(found.by_weekday) == pytest.approx(found.total.energy_in, abs=7)
    assert found.total.charging <= sum(interval_seconds(each) for each in stays) + 1e-6


def interval_seconds(each: Stay) -> float:
    return sum((interval.end - interval.start).total_seconds() for interval in each.intervals)


def test_two_drivers_of_one_stay_have_their_own_parts() -> None:
    both = stay("a", 0, 4, 5_500, "ben")
    first, second = both.intervals
    found = analyse([Stay(record=both.record, intervals=(replace(first, driver="anna"), second))], SPAN, ["a"])
    anna, ben = found.by_driver["anna"], found.by_driver["ben"]
    assert (anna.sessions, anna.energy_in, anna.occupied) == (1, 2_750, 900)
    assert (ben.sessions, ben.energy_in, ben.occupied) == (1, 2_750, 3.75 * 3600)
    assert (found.total.sessions, found.total.occupied) == (1, 4 * 3600)
