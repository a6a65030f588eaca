"""When a tariff may change by the clock: the instants at which a session is taken apart."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .model import Restrictions, Tariff

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def edges(tariff: Tariff, start: datetime, end: datetime, zone: tzinfo) -> list[datetime]:
    """Return the instants (UTC, in order) within a session at which a restriction may begin or cease to hold.

    That are times of the day on the site's wall, midnights, changes of its clock, and durations since `start`.
    """
    restrictions = [element.restrictions for element in tariff.elements]
    clocks = {clock for each in restrictions for clock in _clocks(each)}
    durations = {
        seconds for each in restrictions for seconds in (each.min_duration, each.max_duration) if seconds is not None
    }
    found = {start + timedelta(seconds=seconds) for seconds in durations}
    if clocks:
        found.update(_on_the_wall(clocks, start, end, zone))
        found.update(_clock_changes(start, end, zone))
    return sorted(instant for instant in found if start < instant < end)


def _clocks(each: Restrictions) -> Iterator[time]:
    yield from (clock for clock in (each.start_time, each.end_time) if clock is not None)
    if each.start_date or each.end_date or each.weekdays or each.start_time or each.end_time:
        yield time.min


def _days(start: datetime, end: datetime, zone: tzinfo) -> Iterator[date]:
    """Yield the local days that a time touches."""
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        yield day
        day += _DAY


def _on_the_wall(clocks: set[time], start: datetime, end: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield when the wall shows one of these times: twice in an hour that comes twice."""
    for day in _days(start, end, zone):
        for clock in clocks:
            local = datetime.combine(day, clock, zone)
            yield local.astimezone(UTC)
            yield local.replace(fold=1).astimezone(UTC)


def _clock_changes(start: datetime, end: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield when the clock at the site is set, to the second."""
    before = start
    while before < end:
        after = min(before + _DAY, end)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield _clock_change(before, after, zone)
        before = after


def _clock_change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return the first whole second with the offset that holds at `after`."""
    offset = after.astimezone(zone).utcoffset()
    early, late = before.replace(microsecond=0), after.replace(microsecond=0) + _SECOND
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            late = middle
        else:
            early = middle
    return late
