"""Sessions that a charger kept itself: its own log, or transactions it tells once it is online again.

What is on record already is left out by the register, or by the time where the charger keeps none: told again it
changes nothing, and a session we followed in part gets only what is missing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from ..model import ConnectorId
from .arriving import session_id
from .model import Ends, Interval, Mark, SessionRecord
from .moment import Identity
from .quarters import QUARTER, quarters_within

_ALIKE = timedelta(minutes=5)
"""By so much clocks of chargers and ours may differ where only the time tells sessions apart."""

_NEAR = QUARTER
"""Readings this near to each other tell the quarter hour well enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a charger noted of its register, in Wh since it was made, or since the session began."""

    at: datetime
    energy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One session out of a charger's own log.

    `energy` is what was taken in Wh. `register` is its lifetime register at the beginning in Wh, `None` where it
    is not told. `readings` are what it noted in between, as energy since the beginning.
    """

    connector: ConnectorId
    started: datetime
    ended: datetime
    energy: float
    register: float | None = None
    readings: tuple[Reading, ...] = ()
    identity: Identity = field(default_factory=Identity)
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A session to be put on record, with its intervals."""

    record: SessionRecord
    intervals: tuple[Interval, ...]


def imported(entry: LogEntry, known: Sequence[SessionRecord]) -> tuple[Imported, ...]:
    """Return what a log entry adds to the sessions that are known; nothing if all of it is on record."""
    mine = [record for record in known if record.connector == entry.connector]
    curve = curve_of(entry)
    if entry.register is None or any(_ends(record) is None for record in mine if _meet(entry, record)):
        return () if any(_meet(entry, record) for record in mine) else (_made(entry, curve),)
    pieces = _missing(round(entry.register), curve[-1][1], sorted(filter(None, map(_ends, mine))))
    return tuple(_made(entry, cut(curve, low, high)) for low, high in pieces)


def _ends(record: SessionRecord) -> tuple[int, int] | None:
    """Return the registers that a session covers, in Wh."""
    start, stop = record.taken.start, record.taken.stop
    if start is None or stop is None or stop < start:
        return None
    return round(start), round(stop)


def _meet(entry: LogEntry, record: SessionRecord) -> bool:
    """Whether a log entry and a session were at the same time."""
    if record.ended is None:
        return entry.ended > record.started
    return entry.started < record.ended + _ALIKE and entry.ended > record.started - _ALIKE


type Curve = list[tuple[datetime, int]]
"""The Wh of a register, or since the beginning where there is none, over time."""


def curve_of(entry: LogEntry) -> Curve:
    """Return what a charger noted, in order; what runs backwards or is out of its time is left out."""
    base = 0.0 if entry.register is None else entry.register
    end = round(base + entry.energy)
    curve: Curve = [(entry.started, round(base))]
    for reading in sorted(entry.readings, key=lambda reading: reading.at):
        shown = round(base + reading.energy)
        if curve[-1][0] < reading.at < entry.ended and curve[-1][1] <= shown <= end:
            curve.append((reading.at, shown))
    return [*curve, (max(entry.ended, entry.started), end)]


def _missing(low: int, high: int, known: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the parts of a register from `low` to `high` that no session covers, in Wh."""
    for start, stop in known:
        if stop <= low or start >= high:
            continue
        if start > low:
            yield low, start
        low = stop
    if high > low:
        yield low, high


def cut(curve: Curve, low: int, high: int) -> Curve:
    """Return the part of a curve in which the register ran from `low` to `high`."""
    begin = max((at for at, shown in curve if shown <= low), default=curve[0][0])
    end = min((at for at, shown in curve if shown >= high and at >= begin), default=curve[-1][0])
    within = [(at, shown) for at, shown in curve if begin < at < end]
    return [(begin, low), *within, (end, high)]


def _made(entry: LogEntry, curve: Curve) -> Imported:
    (started, first), (ended, last) = curve[0], curve[-1]
    intervals = tuple(intervals_along(entry, curve))
    identity, counted = entry.identity, entry.register is not None
    record = SessionRecord(
        id=session_id(entry.connector, started, first if counted else None),
        connector=entry.connector,
        started=started,
        ended=ended,
        energy_in=last - first,
        taken=Ends(start=first, stop=last) if counted else Ends(),
        vehicle=identity.vehicle,
        driver=identity.driver,
        card=identity.card,
        known_by=identity.known_by if identity.driver is not None else identity.vehicle_by,
        tariff=identity.tariff,
        currency=entry.currency,
        marks=frozenset({Mark.IMPORTED}).union(*(interval.marks for interval in intervals)),
    )
    return Imported(record=record, intervals=intervals)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edge:
    """Where one interval ends and the next begins.

    `told` is whether the charger noted the register just then, `near` whether it did so often enough before.
    """

    at: datetime
    shown: int
    told: bool = True
    near: bool = True


def intervals_along(entry: LogEntry, curve: Curve) -> Iterator[Interval]:
    """Yield the intervals: on the quarter hours as far as readings lie near enough, else from one to the next."""
    marks = frozenset({Mark.IMPORTED, Mark.PROVISIONAL} if entry.currency is not None else {Mark.IMPORTED})
    for before, after in pairwise(_edges(curve)):
        energy, seconds = after.shown - before.shown, (after.at - before.at).total_seconds()
        sure = before.told and after.told and after.near
        yield Interval(
            start=before.at,
            end=after.at,
            energy_in=energy,
            unattributed=energy,
            mean_power=round(energy * 3600 / seconds, 1) if seconds else None,
            driver=entry.identity.driver,
            tariff=entry.identity.tariff,
            marks=marks if sure else marks | {Mark.RECONSTRUCTED},
        )


def _edges(curve: Curve) -> Iterator[_Edge]:
    edge = _Edge(at=curve[0][0], shown=curve[0][1])
    yield edge
    for (start, before), (end, after) in pairwise(curve):
        if end - start <= _NEAR:
            for quarter in quarters_within(start, end):
                part = (quarter - start) / (end - start)
                edge = _Edge(at=quarter, shown=round(before + (after - before) * part), told=quarter == end)
                yield edge
            continue
        if start > edge.at:
            yield _Edge(at=start, shown=before)
        edge = _Edge(at=end, shown=after, near=False)
        yield edge
    at, shown = curve[-1]
    if at > edge.at or shown > edge.shown:
        yield _Edge(at=at, shown=shown)
