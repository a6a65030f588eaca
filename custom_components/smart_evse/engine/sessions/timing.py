"""When the energy of a stay flowed that nobody saw: its register told how much, a charger's own log tells the hours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from .imported import Curve, LogEntry, curve_of, cut, intervals_along
from .model import Interval, Mark, SessionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A session as its charger's log tells it, and the intervals in the place of those that nobody saw, by number.

    The energy of each is what it was, to the Wh, and so is its price until that of its new hours was looked up.
    """

    record: SessionRecord
    instead: Mapping[int, tuple[Interval, ...]]


def timed(entry: LogEntry, record: SessionRecord, intervals: tuple[Interval, ...]) -> Timed | None:
    """Return what a log entry tells of the hours of a session on record; `None` where it tells nothing new."""
    if entry.register is None or record.taken.start is None or record.connector != entry.connector:
        return None
    curve, shown = curve_of(entry), round(record.taken.start)
    instead = {}
    for number, interval in enumerate(intervals):
        low, shown = shown, shown + interval.energy_in
        if _is_unseen(interval):
            parts = tuple(_parts(entry, interval, curve, low))
            if record.driver is not None:
                # It was known who that was.
                parts = tuple(replace(each, driver=interval.driver) for each in parts)
            if len(parts) > 1 or (parts and parts[0] != interval):
                instead[number] = parts
    if not instead:
        return None
    after = [each for number, one in enumerate(intervals) for each in instead.get(number, (one,))]
    marks = frozenset[Mark]().union(*(each.marks for each in after))
    told = replace(record, marks=(record.marks - {Mark.RECONSTRUCTED, Mark.PROVISIONAL}) | marks)
    if len(intervals) == 1:
        # Nobody saw any of it: it was there when energy flowed, and whose it was nobody else knows.
        told = replace(_known(told, entry), started=after[0].start, ended=after[-1].end)
    return Timed(record=told, instead=instead)


def _is_unseen(interval: Interval) -> bool:
    unseen = Mark.RECONSTRUCTED in interval.marks and Mark.IMPORTED not in interval.marks
    # What came back out, and where the sun went, no log of what was taken tells.
    return unseen and interval.unattributed == interval.energy_in and not interval.energy_out


def _parts(entry: LogEntry, interval: Interval, curve: Curve, low: int) -> Iterator[Interval]:
    """Yield an interval in parts: before the log begins, along it, and after it has ended."""
    high = low + interval.energy_in
    first, last = max(low, curve[0][1]), min(high, curve[-1][1])
    if first >= last:
        yield interval
        return
    piece = [(_within(at, interval), told) for at, told in cut(curve, first, last)]
    begin, end = piece[0][0], piece[-1][0]
    if first > low:
        yield _rest(interval, interval.start, begin, first - low)
    for each in intervals_along(entry, piece):
        yield replace(
            each,
            import_price=interval.import_price,
            export_price=interval.export_price,
            tariff=interval.tariff or each.tariff,
        )
    if high > last:
        yield _rest(interval, end, interval.end, high - last)


def _within(at: datetime, interval: Interval) -> datetime:
    """Clocks of chargers and ours differ: it flowed while nobody looked."""
    return min(max(at, interval.start), interval.end)


def _rest(interval: Interval, start: datetime, end: datetime, energy: int) -> Interval:
    seconds = (end - start).total_seconds()
    return replace(
        interval,
        start=start,
        end=end,
        energy_in=energy,
        unattributed=energy,
        mean_power=round(energy * 3600 / seconds, 1) if seconds else None,
        vehicle_energy=None,
    )


def _known(record: SessionRecord, entry: LogEntry) -> SessionRecord:
    identity = entry.identity
    if record.driver is None and identity.driver is not None:
        record = replace(record, driver=identity.driver, card=identity.card, known_by=identity.known_by)
    return record if record.vehicle is not None else replace(record, vehicle=identity.vehicle)
