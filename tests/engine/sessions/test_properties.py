"""What holds for any stream of readings, however broken."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
import math
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import example, given, settings, strategies as st

from custom_components.smart_evse.engine.model import VehicleState
from custom_components.smart_evse.engine.sessions.booking import split
from custom_components.smart_evse.engine.sessions.model import Interval, Mark
from custom_components.smart_evse.engine.sessions.moment import Moment
from custom_components.smart_evse.engine.sessions.opened import Weights
from custom_components.smart_evse.engine.sessions.quarters import QUARTER, quarter_after
from custom_components.smart_evse.engine.sessions.sources import Shares

from .stream import AWAY, CHARGING, START, Life, live, moment, unplugged

MOST = 11_000.0

STEPS = st.tuples(
    st.sampled_from([1, 2, 5, 10, 30, 59, 61, 300, 900, 4000]),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from([CHARGING, CHARGING, VehicleState.CONNECTED, VehicleState.FAULT, None]),
    st.none() | st.floats(0, 1).map(lambda sun: Shares(sun=sun, grid=1 - sun)),
)
"""Seconds, how much of what is possible flowed in and out, the state, the sources."""


def honest(steps: list[tuple[int, float, float, VehicleState | None, Shares | None]]) -> list[Moment]:
    """Return readings of registers that run as physics allow, and never backwards."""
    second, taken, given_back = 0, 5_000_000.0, 70_000.0
    readings = [moment(0, CHARGING, taken, energy_out=given_back, power=0.0, most=MOST)]
    for seconds, more_in, more_out, state, shares in steps:
        second += seconds
        taken += MOST * more_in * seconds / 3600
        given_back += MOST * more_out * seconds / 3600
        power = MOST * (more_in - more_out)
        readings.append(moment(second, state, taken, energy_out=given_back, power=power, most=MOST, shares=shares))
    return readings


STREAMS = st.lists(STEPS, min_size=1, max_size=30).map(honest)


def check_intervals(intervals: list[Interval]) -> None:
    for each in intervals:
        assert each.from_sun + each.from_battery + each.from_grid + each.unattributed == each.energy_in
        assert min(each.from_sun, each.from_battery, each.from_grid, each.unattributed, each.energy_out) >= 0
        assert (
            each.end <= quarter_after(each.start) or not each.energy_in or each.marks & {Mark.RECONSTRUCTED, Mark.GAP}
        )
    assert all(before.end <= after.start for before, after in pairwise(intervals))


@given(STREAMS)
def test_intervals_add_up_to_the_difference_of_the_registers(stream: list[Moment]) -> None:
    told = live(*stream, *unplugged(stream[-1]))
    first, last = stream[0], stream[-1]
    assert first.energy_in is not None
    assert last.energy_in is not None
    assert first.energy_out is not None
    assert last.energy_out is not None
    taken, given_back = round(last.energy_in) - round(first.energy_in), round(last.energy_out) - round(first.energy_out)
    assert (told.record.energy_in, told.record.energy_out) == (taken, given_back)
    assert sum(each.energy_in for each in told.intervals) == taken
    assert sum(each.energy_out for each in told.intervals) == given_back
    assert told.record.marks <= {Mark.RECONSTRUCTED}
    check_intervals(told.intervals)


@given(STREAMS)
def test_intervals_follow_each_other_from_beginning_to_end(stream: list[Moment]) -> None:
    told = live(*stream, *unplugged(stream[-1]))
    assert told.intervals[0].start == told.record.started
    assert told.intervals[-1].end == told.record.ended
    assert all(before.end == after.start for before, after in pairwise(told.intervals))


@given(STREAMS)
def test_import_and_export_never_mix(stream: list[Moment]) -> None:
    both = live(*stream, *unplugged(stream[-1])).record
    only_in = [replace(each, energy_out=0.0) for each in stream]
    only_out = [replace(each, energy_in=0.0) for each in stream]
    taken = live(*only_in, *unplugged(only_in[-1])).record
    given_back = live(*only_out, *unplugged(only_out[-1])).record
    assert (taken.energy_in, taken.energy_out) == (both.energy_in, 0)
    assert (given_back.energy_in, given_back.energy_out) == (0, both.energy_out)


@given(STREAMS, st.data())
def test_a_replayed_or_reordered_stream_changes_nothing(stream: list[Moment], data: st.DataObject) -> None:
    once = live(*stream)
    again = Life()
    for index, each in enumerate(stream):
        again.hear(each)
        old = data.draw(st.lists(st.sampled_from(stream[: index + 1]), max_size=3))
        again.hear(*old)
    assert (again.state, again.intervals, again.closed) == (once.state, once.intervals, once.closed)


@given(STREAMS, st.data())
def test_a_restart_at_any_instant_loses_no_energy(stream: list[Moment], data: st.DataObject) -> None:
    """What was heard after the last save is gone, as is the old process's clock; the register is not."""
    died = data.draw(st.integers(0, len(stream) - 1))
    saved = data.draw(st.integers(0, died))
    told = live(*stream[: saved + 1]).restart()
    before = list(told.intervals)
    after = [replace(each, run="second", now=each.now - 900) for each in stream[died + 1 :]]
    gone = unplugged(stream[-1])
    told.hear(*after, *(replace(each, run="second", now=each.now - 900) for each in gone))
    whole = live(*stream, *gone).record
    assert (told.record.energy_in, told.record.energy_out) == (whole.energy_in, whole.energy_out)
    assert told.record.id == whole.id
    assert told.intervals[: len(before)] == before
    check_intervals(told.intervals)


@given(STREAMS, st.sampled_from([AWAY, VehicleState.FAULT, None]))
@example(honest([(1, 1.0, 0.0, CHARGING, None), (900, 0.0, 0.0, CHARGING, None)]), AWAY)
def test_the_first_car_ever_begins_where_the_register_was_seen_first(
    stream: list[Moment], before: VehicleState | None
) -> None:
    first, arrives, *rest = stream
    told = live(replace(first, state=before)).restart()
    assert not told.session.active
    told.hear(replace(arrives, state=CHARGING), *rest, *unplugged(stream[-1]))
    shown = [(each.energy_in or 0.0, each.energy_out or 0.0) for each in (first, arrives, stream[-1])]
    (began_in, began_out), (came_in, came_out), (left_in, left_out) = [(round(a), round(b)) for a, b in shown]
    # A box counts what it takes for itself, too.
    own = 10.0 * (arrives.now - first.now) / 3600
    if max(came_in - began_in, came_out - began_out) <= own:
        began_in, began_out = came_in, came_out
    assert (told.record.energy_in, told.record.energy_out) == (left_in - began_in, left_out - began_out)
    assert sum(each.energy_in for each in told.intervals) == told.record.energy_in
    check_intervals(told.intervals)


ANY = st.lists(
    st.tuples(
        st.integers(1, 10_000),
        st.none() | st.floats(-1e5, 1e7) | st.just(math.nan),
        st.none() | st.floats(-1e5, 1e7),
        st.none() | st.floats(-2e4, 2e4) | st.just(math.inf),
        st.sampled_from([CHARGING, CHARGING, CHARGING, VehicleState.NO_POWER, None, AWAY]),
        st.sampled_from([0, 0, 0, 0, -90_000, -3600, -100, 3600, 90_000]),
        st.sampled_from(["first", "first", "second"]),
    ),
    max_size=20,
)


@given(ANY)
@settings(max_examples=300)
def test_whatever_comes_the_intervals_are_the_session(
    steps: list[tuple[int, float | None, float | None, float | None, VehicleState | None, int, str]],
) -> None:
    told, second, set_by = live(moment(0, CHARGING, 1000, most=MOST)), 0, 0
    for seconds, taken, given_back, power, state, clock, run in steps:
        second, set_by = second + seconds, set_by + clock
        told.restart().hear(
            moment(second, state, taken, energy_out=given_back, power=power, most=MOST, clock=set_by, run=run)
        )
    for record in told.closed:
        mine = told.of.get(record.id, [])
        assert sum(each.energy_in for each in mine) == record.energy_in
        assert sum(each.energy_out for each in mine) == record.energy_out
        assert record.ended is not None
        assert record.ended >= record.started
        check_intervals(mine)
    running = told.session
    if running.active:
        mine = told.of.get(running.id, [])
        assert sum(each.energy_in for each in mine) == running.interval.taken <= running.energy
        check_intervals(mine)


@given(st.lists(st.tuples(st.integers(1, 3600), st.floats(-1e5, 1e7)), max_size=20))
def test_energy_never_falls_and_never_outruns_physics(steps: list[tuple[int, float]]) -> None:
    told, second, before = live(moment(0, CHARGING, 1000, most=MOST)), 0, 0
    for seconds, register in steps:
        second += seconds
        energy = told.hear(moment(second, CHARGING, register, most=MOST)).session.energy
        assert energy >= before
        before = energy
    assert before <= 1.25 * MOST * second / 3600 + 1000 * len(steps)


@given(st.integers(0, 10**6), st.tuples(*[st.floats(0, 1e6)] * 4))
def test_a_split_is_whole_and_complete(energy: int, parts: tuple[float, float, float, float]) -> None:
    weights = Weights(sun=parts[0], battery=parts[1], grid=parts[2], dark=parts[3])
    found = split(energy, weights)
    assert sum(found) == energy
    assert min(found) >= 0
    if weights.total > 0:
        exact = [energy * part / weights.total for part in parts]
        assert all(abs(part - should) <= 1 for part, should in zip(found, exact, strict=True))


def test_a_local_day_ends_where_a_quarter_hour_ends_in_every_zone() -> None:
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for month in range(1, 13):
            at = datetime(2026, month, 15, tzinfo=zone)
            assert at.utcoffset() is not None
            assert at.utcoffset() % QUARTER == timedelta(0), name  # type: ignore[operator]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001 - made aware below
def test_a_quarter_hour_lasts_a_quarter_of_an_hour(naive: datetime) -> None:
    at = naive.replace(tzinfo=START.tzinfo)
    assert timedelta(0) < quarter_after(at) - at <= QUARTER
    assert quarter_after(quarter_after(at)) - quarter_after(at) == QUARTER
