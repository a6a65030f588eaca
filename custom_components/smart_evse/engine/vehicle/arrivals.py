"""When a car is likely to come home or to leave, and how much it will have used: learned from when it did.

A plan for tonight needs to know of the car that is still out. What counts is the median of the same
weekday, where the car came at least every second week; one that is late is expected as the later
ones came, and when it is later than all of them, on the next day it usually comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

from ..forecast.habits import WallClock

_WEEKS = 8
"""How far back habits are looked for."""

_LOOK_AHEAD = 7
_SHORTEST = timedelta(minutes=30)
"""A stay shorter than this is a stop on the way."""

KEPT = 60
"""How many stays are worth keeping for a car."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stayed:
    """A time that a car was plugged in, and the Wh that its battery took."""

    arrived: datetime
    left: datetime
    energy: float


def keep(history: tuple[Stayed, ...], stayed: Stayed) -> tuple[Stayed, ...]:
    """Add a stay that is over, forgetting the oldest."""
    return (*history, stayed)[-KEPT:]


def expected_arrival(history: Sequence[Stayed], after: datetime, clock: WallClock) -> datetime | None:
    """The instant after `after` at which the car should be home, in UTC; `None` without a habit."""
    return _expected([stay.arrived for stay in history if _counts(stay)], after, clock)


def expected_departure(history: Sequence[Stayed], after: datetime, clock: WallClock) -> datetime | None:
    """The instant after `after` at which the car should leave, in UTC; `None` without a habit."""
    return _expected([stay.left for stay in history if _counts(stay)], after, clock)


def _expected(moments: list[datetime], after: datetime, clock: WallClock) -> datetime | None:
    start = after.astimezone(UTC) - timedelta(weeks=_WEEKS)
    recent = [clock.local(moment) for moment in moments if moment >= start]
    if not recent:
        return None
    weeks = min(_WEEKS, max(1, round((after.astimezone(UTC) - min(recent)) / timedelta(weeks=1))))
    today = clock.local(after).date()
    for offset in range(_LOOK_AHEAD + 1):
        day = today + timedelta(days=offset)
        moment = _on(day, recent, weeks, after, clock)
        if moment is not None:
            return moment
    return None


def usual_energy(history: Sequence[Stayed]) -> float | None:
    """The Wh that the battery takes in a stay on the median, `None` before three of them."""
    energies = [stay.energy for stay in history if _counts(stay)]
    return median(energies) if len(energies) >= 3 else None


def _on(day: date, moments: list[datetime], weeks: int, after: datetime, clock: WallClock) -> datetime | None:
    last: dict[date, datetime] = {}
    for moment in sorted(moments):
        if moment.weekday() == day.weekday():
            last[moment.date()] = moment
    if len(last) * 2 < weeks:
        return None
    times = [moment.hour * 60.0 + moment.minute for moment in last.values()]
    usual = _at(day, median(times), clock)
    if usual > after:
        return usual
    late = [minute for minute in times if _at(day, minute, clock) > after]
    return _at(day, median(late), clock) if late else None


def _at(day: date, minutes: float, clock: WallClock) -> datetime:
    wall = time(*divmod(int(minutes), 60))
    return datetime.combine(day, wall, clock.zone).astimezone(UTC)


def _counts(stay: Stayed) -> bool:
    return stay.left - stay.arrived >= _SHORTEST
