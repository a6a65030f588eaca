"""What of a session lies in a span and is a driver's: energy to the Wh, and the register at both ends.

A part is a run of intervals, whole or cut. Of an interval that is cut nobody saw when its energy flowed: it is taken
to have flowed evenly, in whole Wh, so that the parts of a session always add up to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..sessions.model import Interval, Mark, SessionRecord

_NO_REGISTER = frozenset({Mark.ESTIMATED, Mark.REGISTER_BACKWARDS, Mark.REGISTER_LEAPT})


@dataclass(frozen=True, slots=True)
class Window:
    """An interval of a session, by its place, from `low` on and before `high`."""

    place: int
    low: datetime
    high: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a session. Registers are Wh; `estimated` is what they do not show exactly."""

    windows: tuple[Window, ...]
    driver: str | None
    started: datetime
    ended: datetime
    energy: int
    from_sun: int
    register_start: int | None
    register_stop: int | None
    estimated: bool
    whole: bool


def intervals_of(record: SessionRecord, intervals: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Return the intervals, or the whole session as one where none were kept."""
    if intervals or record.ended is None:
        return intervals
    return (
        Interval(start=record.started, end=record.ended, energy_in=record.energy_in, unattributed=record.energy_in),
    )


def parts(
    record: SessionRecord,
    intervals: tuple[Interval, ...],
    since: datetime,
    until: datetime,
    driver: str | None = None,
) -> Iterator[Part]:
    """Yield the parts that lie in a span, each of one driver; with `driver` only those of that one."""
    run: list[Window] = []
    for place, interval in enumerate(intervals):
        whose = interval.driver or record.driver
        window = _within(place, interval, since, until) if driver is None or whose == driver else None
        follows = run and run[-1].place == place - 1 and (intervals[place - 1].driver or record.driver) == whose
        if run and (window is None or not follows):
            yield _part(record, intervals, tuple(run))
            run = []
        if window is not None:
            run.append(window)
    if run:
        yield _part(record, intervals, tuple(run))


def clipped(
    intervals: tuple[Interval, ...], windows: tuple[Window, ...], since: datetime, until: datetime
) -> tuple[Window, ...]:
    """Return what of some windows lies in a span."""
    inside = (_within(each.place, intervals[each.place], since, until, each) for each in windows)
    return tuple(window for window in inside if window is not None)


def earlier(intervals: tuple[Interval, ...], windows: tuple[Window, ...], since: datetime | None) -> tuple[Window, ...]:
    """Return what of a session lies before some windows, from a moment on where one is told."""
    first = windows[0]
    ahead = [Window(place, each.start, each.end) for place, each in enumerate(intervals[: first.place])]
    if (begin := intervals[first.place].start) < first.low:
        ahead.append(Window(first.place, begin, first.low))
    return tuple(ahead) if since is None else clipped(intervals, tuple(ahead), since, first.low + _TICK)


def energy_of(intervals: tuple[Interval, ...], windows: tuple[Window, ...]) -> int:
    """Return the Wh that were taken in some windows."""
    return sum(
        taken(intervals[each.place], each.high) - taken(intervals[each.place], each.low) for each in windows
    ) + sum(intervals[each.place].energy_in for each in windows if each.low == each.high)


def before(interval: Interval, amount: int, moment: datetime) -> int:
    """Return how much of what is in an interval lies before a moment, in whole units."""
    if moment <= interval.start:
        return 0
    if moment >= interval.end:
        return amount
    return amount * ((moment - interval.start) // _TICK) // ((interval.end - interval.start) // _TICK)


def taken(interval: Interval, moment: datetime) -> int:
    """Return the Wh of an interval before a moment."""
    return before(interval, interval.energy_in, moment)


def of_source(interval: Interval, amount: int, moment: datetime) -> int:
    """Return the Wh of one source before a moment: never more than there is energy."""
    return amount * taken(interval, moment) // interval.energy_in if interval.energy_in else 0


_TICK = datetime.resolution


def _within(
    place: int, interval: Interval, since: datetime, until: datetime, window: Window | None = None
) -> Window | None:
    start, end = (window.low, window.high) if window else (interval.start, interval.end)
    low, high = max(start, since), min(end, until)
    # What has no length belongs to the span in which it begins.
    return Window(place, low, high) if low < high or since <= start == end < until else None


def _part(record: SessionRecord, intervals: tuple[Interval, ...], windows: tuple[Window, ...]) -> Part:
    first, last = windows[0], windows[-1]
    energy = energy_of(intervals, windows)
    earlier = sum(each.energy_in for each in intervals[: first.place]) + taken(intervals[first.place], first.low)
    begin = _register(record, intervals)
    start = None if begin is None else begin + earlier
    cut = any(_cut(intervals[each.place], each) for each in (first, last))
    return Part(
        windows=windows,
        driver=intervals[first.place].driver or record.driver,
        started=first.low,
        ended=last.high,
        energy=energy,
        from_sun=_sun(intervals, windows),
        register_start=start,
        register_stop=None if start is None else start + energy,
        estimated=cut or begin is None,
        whole=len(windows) == len(intervals) and not _shortened(intervals, first, last),
    )


def _sun(intervals: tuple[Interval, ...], windows: tuple[Window, ...]) -> int:
    total = 0
    for each in windows:
        interval = intervals[each.place]
        if each.low == each.high:
            total += interval.from_sun
        else:
            of = interval.from_sun
            total += of_source(interval, of, each.high) - of_source(interval, of, each.low)
    return total


def _register(record: SessionRecord, intervals: tuple[Interval, ...]) -> int | None:
    """Return the register at the beginning, `None` where registers and intervals do not tell the same."""
    marks = record.marks.union(*(each.marks for each in intervals))
    if record.taken.start is None or marks & _NO_REGISTER:
        return None
    begin, told = round(record.taken.start), sum(each.energy_in for each in intervals)
    if record.taken.stop is not None and round(record.taken.stop) - begin != told:
        return None
    return begin


def _cut(interval: Interval, window: Window) -> bool:
    """Whether energy of an interval had to be parted by time."""
    return interval.energy_in > 0 and (window.low > interval.start or window.high < interval.end)


def _shortened(intervals: tuple[Interval, ...], first: Window, last: Window) -> bool:
    return first.low > intervals[first.place].start or last.high < intervals[last.place].end
