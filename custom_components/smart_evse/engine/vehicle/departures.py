"""When a car leaves: every day, on some weekdays, once, or as a calendar says.

Times are those of the clock on the wall, so that a departure at seven stays at seven when the clocks
change. A time that a change leaves out is that much later, one that comes twice is the first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
import re

from ..forecast.habits import WallClock
from .distance import Amount, Unit

EVERY_DAY = frozenset(range(7))

_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(%|km|kwh)(?![a-z])", re.IGNORECASE)
_UNITS = {"%": Unit.PERCENT, "km": Unit.KILOMETRES, "kwh": Unit.KILOWATT_HOURS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A departure at a wall time on some weekdays (0 is Monday). `target` `None` is the car's usual one."""

    at: time
    weekdays: frozenset[int] = EVERY_DAY
    target: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A departure at one instant and, where that is known, the return: said by a driver or by a calendar."""

    leaves: datetime
    returns: datetime | None = None
    target: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """All that is known of when a car leaves.

    A one-off departure takes the place of the weekly ones of its local day; those of the calendar add to both.
    On the local dates in `skipped` no weekly one counts.
    """

    weekly: tuple[Weekly, ...] = ()
    once: tuple[Trip, ...] = ()
    calendar: tuple[Trip, ...] = ()
    skipped: frozenset[date] = frozenset()


def amount_in(text: str) -> Amount | None:
    """Find what a calendar entry says the car should hold: "Grandma 250 km", "ski trip, 100 %"."""
    found = _AMOUNT.search(text)
    if found is None:
        return None
    return Amount(float(found[1].replace(",", ".")), _UNITS[found[2].lower()])


def departures(timetable: Timetable, after: datetime, until: datetime, clock: WallClock) -> tuple[Trip, ...]:
    """The departures after an instant and not after `until`, in order, in UTC; of two at once one with a target."""
    trips: dict[datetime, Trip] = {}
    for trip in _all(timetable, after, until, clock):
        leaves = trip.leaves.astimezone(UTC)
        if after < leaves <= until and (leaves not in trips or trips[leaves].target is None):
            returns = None if trip.returns is None else trip.returns.astimezone(UTC)
            trips[leaves] = Trip(leaves=leaves, returns=returns, target=trip.target)
    return tuple(trips[leaves] for leaves in sorted(trips))


def _all(timetable: Timetable, after: datetime, until: datetime, clock: WallClock) -> Iterator[Trip]:
    yield from timetable.once
    yield from timetable.calendar
    replaced = {clock.local(trip.leaves).date() for trip in timetable.once} | timetable.skipped
    for day in _days(clock.local(after).date(), clock.local(until).date()):
        if day not in replaced:
            yield from _weekly(timetable.weekly, day, clock)


def _weekly(rules: Iterable[Weekly], day: date, clock: WallClock) -> Iterator[Trip]:
    for rule in rules:
        if day.weekday() in rule.weekdays:
            yield Trip(leaves=datetime.combine(day, rule.at, clock.zone).astimezone(UTC), target=rule.target)


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
