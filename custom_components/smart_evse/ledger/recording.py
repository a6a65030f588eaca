"""How a session gets on record, and how what is on record is corrected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, and_, select

from ..engine.sessions.model import Interval, Rung, SessionRecord
from ..records import plain
from .booking import drop_open, load, loaded
from .chain import Entry, Json, Kind, Record
from .encoding import changed, decoded, encoded, plain_changes, session_body
from .errors import OnRecord
from .ledger import Ledger
from .periods import closed_before
from .running import joined, kept_intervals
from .schema import RECORD, SESSION
from .totals import Booked
from .writing import append

IDENTITY = frozenset({"driver", "vehicle"})

MOVED = "moved"
"""What a correction says that tells energy in other hours than before."""


def put_on_record(
    connection: Connection, ledger: Ledger, record: SessionRecord, intervals: Iterable[Interval]
) -> Record:
    """Put a session on record; return the record that tells it, also when it was there."""
    new = joined(kept_intervals(connection, ledger.site, record.id), tuple(intervals))
    old = load(connection, ledger.site, record.id)
    if old and old.record.ended is not None:
        on_record = _first_told(connection, ledger.site, record, new)
        drop_open(connection, ledger.site, record.id, record.connector)
        return on_record
    body = session_body(record, new, ledger.zone.key)
    moments = [one.start for one in new] or [record.started]
    if late := closed_before(connection, ledger.site, moments, ledger.zone):
        body["after"] = late
    at = record.ended or max((one.end for one in new), default=record.started)
    entry = Entry(kind=Kind.SESSION, subject=record.id, body=body, at=at)
    (written,) = append(connection, ledger.site, (entry,))
    drop_open(connection, ledger.site, record.id, record.connector if record.ended else "")
    return written


def _first_told(connection: Connection, site: str, record: SessionRecord, intervals: tuple[Interval, ...]) -> Record:
    """Return the record that ended this session; `OnRecord` if it tells something else."""
    mine = (RECORD.c.site == site) & (RECORD.c.subject == record.id) & (RECORD.c.kind == Kind.SESSION)
    rows = connection.execute(select(RECORD).where(mine).order_by(RECORD.c.epoch, RECORD.c.sequence)).mappings()
    told = [Record(**row) for row in rows]
    bodies = [one.read() for one in told]
    known = tuple(one for body in bodies for one in decoded(body["intervals"]))
    # Whoever kept most of them before tells only the last.
    if bodies[-1]["session"] != plain(record) or known[len(known) - len(intervals) :] != intervals:
        raise OnRecord(record.id)
    return told[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody corrects: fields of a session, what its intervals should be, and why. `by` is an id.

    `instead` has several intervals in the place of one, by its number: when its energy flowed is known better now.
    """

    fields: Mapping[str, object]
    intervals: tuple[Interval, ...] | None
    by: str | None
    why: str
    at: datetime
    instead: Mapping[int, tuple[Interval, ...]] = MappingProxyType({})


def correction(connection: Connection, ledger: Ledger, session_id: str, change: Change) -> Entry:
    """Return a correction that says what it corrects, what was there, and which closed periods it comes after.

    The reason is text that somebody typed, perhaps with a name in it: it goes when the driver goes.
    """
    booked = loaded(connection, ledger.site, session_id)
    told = plain_changes(change.fields)
    if IDENTITY & told.keys():
        told.setdefault("known_by", str(Rung.CORRECTED))
    changed(booked.record, told)
    before = plain(booked.record)
    pairs = _paired(booked.intervals, _whose(booked, change, told), change.instead)
    body: Json = {
        "corrects": _latest(connection, ledger.site, session_id),
        "changes": told,
        "before": {name: before[name] for name in told},
        "numbers": [number for number, (_, new) in pairs.items() for _ in new],
        "intervals": encoded(one for _, new in pairs.values() for one in new),
        "intervals_before": encoded(old for old, _ in pairs.values()),
        "by": change.by,
    }
    if change.instead:
        body[MOVED] = True
    moments = [one.start for one in booked] or [booked.record.started]
    if late := closed_before(connection, ledger.site, moments, ledger.zone):
        body["after"] = late
    return Entry(
        kind=Kind.CORRECTION,
        subject=session_id,
        body=body,
        at=change.at,
        personal={"why": change.why},
        # Of a session of nobody it is whose it becomes.
        owner=booked.record.driver or told.get("driver"),
    )


def _whose(booked: Booked, change: Change, told: Json) -> tuple[Interval, ...]:
    """Return the intervals as they should be: whoever gets a session gets what was taken in it by whose it was."""
    intervals = booked.intervals if change.intervals is None else change.intervals
    before, driver = booked.record.driver, told.get("driver", booked.record.driver)
    return tuple(replace(one, driver=driver) if one.driver == before else one for one in intervals)


def _paired(
    old: tuple[Interval, ...], new: tuple[Interval, ...], instead: Mapping[int, tuple[Interval, ...]]
) -> dict[int, tuple[Interval, tuple[Interval, ...]]]:
    """Return what was and what should be of those that differ.

    `ValueError` if it is not one for one, or if several have not the energy of the one in whose place they are.
    """
    pairs: dict[int, tuple[Interval, tuple[Interval, ...]]] = {
        number: (before, (after,)) for number, (before, after) in enumerate(zip(old, new, strict=True))
    }
    for number, several in instead.items():
        before = old[number]
        flowed = sum(one.energy_in for one in several), sum(one.energy_out for one in several)
        if flowed != (before.energy_in, before.energy_out):
            raise ValueError(several)
        pairs[number] = before, several
    return {number: (before, after) for number, (before, after) in pairs.items() if after != (before,)}


def _latest(connection: Connection, site: str, session_id: str) -> list[object]:
    """Return the place and the hash of the record that says what holds now."""
    same = and_(*(SESSION.c[name] == RECORD.c[name] for name in ("site", "epoch", "sequence")))
    place = select(RECORD.c.epoch, RECORD.c.sequence, RECORD.c.hash).join(SESSION, same)
    return [*connection.execute(place.where(SESSION.c.site == site, SESSION.c.id == session_id)).one()]
