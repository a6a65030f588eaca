"""After a backup came back: what a session tells that others on record have told already, and must not tell again.

The backup knew a register as it stood then. What the register shows more was in part told by sessions that were lost
with the disk, and came back from a copy of the ledger. They cover the beginning of whatever is followed since.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from .arriving import session_id
from .counter import Counter
from .imported import Imported
from .model import Ends, Interval, SessionRecord
from .moment import Identity
from .opened import OpenInterval, OpenSession

type Intervals = tuple[Interval, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How far others have told a connector: the end of the last of them, and the highest registers in Wh.

    `same` is whether one of them is the very session that is looked at.
    """

    ended: datetime
    taken: int | None
    given: int | None
    same: bool


def level_of(told: Iterable[SessionRecord], session: str, since: datetime) -> Level | None:
    """Return how far sessions tell that ended after a time; `None` where there are none."""
    later = [each for each in told if each.ended is not None and (each.ended > since or each.id == session)]
    ends = [each.ended for each in later if each.ended is not None]
    if not ends:
        return None
    return Level(
        ended=max(ends),
        taken=_highest(each.taken.stop for each in later),
        given=_highest(each.given.stop for each in later),
        same=any(each.id == session for each in later),
    )


def _highest(stops: Iterable[float | None]) -> int | None:
    return max((round(stop) for stop in stops if stop is not None), default=None)


def untold(state: OpenSession, intervals: Intervals, told: Iterable[SessionRecord]) -> tuple[OpenSession, Intervals]:
    """Return how a connector goes on, with the finished intervals of its session, without what others have told.

    Where nothing else is left there is no session any more: the next begins at the register that was told last.
    """
    busy = state.active or state.left is not None
    level = level_of(told, state.id, state.started if busy else state.until)
    if level is None:
        return state, intervals
    if not busy:
        return _idle(state, level), ()
    taken, given = _beyond(state.taken, level.taken), _beyond(state.given, level.given)
    if taken == state.taken and given == state.given and not level.same:
        return state, intervals
    unmetered = state.taken.last is None and state.given.last is None
    if (taken.total <= 0 and given.total <= 0) or unmetered:
        return _idle(replace(state, taken=taken, given=given), level), ()
    skipped = state.taken.booked - taken.booked, state.given.booked - given.booked
    own = _since(skip(intervals, *skipped), level)
    begun = replace(
        state,
        id=session_id(state.connector, level.ended, taken.first),
        started=max(state.started, level.ended),
        taken=taken,
        given=given,
        interval=_cut(state.interval, skipped, level),
        # What the other's car was charged to says nothing of this one.
        soc=Ends(stop=state.soc.stop),
        odometer=Ends(stop=state.odometer.stop),
        identity=Identity() if level.same else state.identity,
    )
    return begun, own


def untold_record(record: SessionRecord, intervals: Intervals, told: Iterable[SessionRecord]) -> Imported | None:
    """Return a session that has ended without what others have told; `None` if nothing is left of it."""
    level = level_of(told, record.id, record.started)
    if level is None:
        return Imported(record=record, intervals=intervals)
    taken = _rest(record.taken, record.energy_in, level.taken)
    given = _rest(record.given, record.energy_out, level.given)
    if (taken, given) == (record.energy_in, record.energy_out) and not level.same:
        return Imported(record=record, intervals=intervals)
    if not taken and not given:
        return None
    own = _since(skip(intervals, record.energy_in - taken, record.energy_out - given), level)
    started = max(record.started, level.ended)
    ends = _from(record.taken, level.taken), _from(record.given, level.given)
    part = replace(
        record,
        id=session_id(record.connector, started, ends[0].start) if level.same else record.id,
        started=started,
        ended=None if record.ended is None else max(record.ended, started),
        energy_in=taken,
        energy_out=given,
        taken=ends[0],
        given=ends[1],
        soc=Ends(stop=record.soc.stop),
        odometer=Ends(stop=record.odometer.stop),
    )
    return Imported(record=part, intervals=own)


def skip(intervals: Iterable[Interval], taken: int, given: int) -> Intervals:
    """Return intervals without the first Wh of them; those of which nothing is left have no energy any more."""
    found = []
    for each in intervals:
        less_in, less_out = min(taken, each.energy_in), min(given, each.energy_out)
        taken, given = taken - less_in, given - less_out
        found.append(_less(each, less_in, less_out))
    return tuple(found)


def _less(interval: Interval, taken: int, given: int) -> Interval:
    """Take energy out of an interval: first what nobody saw the source of."""
    if not taken and not given:
        return interval
    unknown = min(taken, interval.unattributed)
    grid = min(taken - unknown, interval.from_grid)
    battery = min(taken - unknown - grid, interval.from_battery)
    return replace(
        interval,
        energy_in=interval.energy_in - taken,
        energy_out=interval.energy_out - given,
        unattributed=interval.unattributed - unknown,
        from_grid=interval.from_grid - grid,
        from_battery=interval.from_battery - battery,
        from_sun=interval.from_sun - (taken - unknown - grid - battery),
        mean_power=None,
        vehicle_energy=None,
    )


def _since(intervals: Intervals, level: Level) -> Intervals:
    """Return those of which something is left, none of them before others have ended."""
    kept = (each for each in intervals if each.energy_in or each.energy_out or each.end > level.ended)
    return tuple(
        replace(each, start=max(each.start, min(level.ended, each.end)), driver=None if level.same else each.driver)
        for each in kept
    )


def _beyond(counter: Counter, told: int | None) -> Counter:
    """Return what a counter has beyond what was told, in Wh."""
    if told is None or counter.last is None or counter.first is None or told <= counter.first:
        return counter
    if told >= counter.last:
        return Counter(first=told, last=told)
    return replace(counter, first=told, total=min(counter.total, counter.last - told))


def _rest(ends: Ends, energy: int, told: int | None) -> int:
    if told is None or ends.start is None or ends.stop is None or told <= ends.start:
        return energy
    return max(0, min(energy, round(ends.stop) - told))


def _from(ends: Ends, told: int | None) -> Ends:
    return ends if told is None or ends.start is None or told <= ends.start else replace(ends, start=told)


def _idle(state: OpenSession, level: Level) -> OpenSession:
    """Return a connector without a session, whose register is where others have left it."""
    return replace(
        state,
        active=False,
        left=None,
        power=0.0,
        taken=_at_least(state.taken, level.taken),
        given=_at_least(state.given, level.given),
    )


def _at_least(counter: Counter, told: int | None) -> Counter:
    if counter.last is None or told is None or told <= counter.last:
        return counter
    return replace(counter, last=told, doubted=None)


def _cut(interval: OpenInterval, skipped: tuple[int, int], level: Level) -> OpenInterval:
    """Return the interval that runs without what was skipped beyond all that have finished."""
    over = max(0, skipped[0] - interval.taken)
    return replace(
        interval,
        start=max(interval.start, level.ended),
        taken=max(0, interval.taken - skipped[0]),
        given=max(0, interval.given - skipped[1]),
        unseen=max(0, interval.unseen - over),
        terms=replace(interval.terms, driver=None) if level.same else interval.terms,
    )
