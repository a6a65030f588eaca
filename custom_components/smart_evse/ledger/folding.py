"""What the records of one session come to: told once or in parts, and corrected since."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from ..engine.sessions.model import Interval
from .chain import Json, Kind, Record
from .encoding import changed, decoded, session_of
from .schema import RECORD
from .totals import Booked


@dataclass(frozen=True, slots=True)
class Folded:
    """What some records of a session come to. `last` is the last of them that changed anything."""

    booked: Booked | None
    last: Record
    corrections: int = 0
    changes: Json = field(default_factory=dict)

    def after(self, record: Record) -> Folded:
        """Return what they come to with one more. The first end that was told holds, until it is corrected."""
        old, body = self.booked, record.read()
        if record.kind == Kind.SESSION:
            if old and old.record.ended is not None:
                return self
            session, intervals, zone = session_of(body)
            whole = (*old.intervals, *intervals) if old else intervals
            # What was corrected while it ran stays so when it ends.
            ended = Booked(record=changed(session, self.changes), intervals=whole, zone=zone)
            return replace(self, booked=ended, last=record)
        if old is None or record.kind != Kind.CORRECTION:
            return self
        told: dict[int, tuple[Interval, ...]] = {}
        # In the place of one there may be several: a number is told once for each of them.
        for number, one in zip(body["numbers"], decoded(body["intervals"]), strict=True):
            told[number] = (*told.get(number, ()), one)
        corrected = Booked(
            record=changed(old.record, body["changes"]),
            intervals=tuple(each for number, one in enumerate(old.intervals) for each in told.get(number, (one,))),
            zone=old.zone,
        )
        changes = self.changes | body["changes"]
        return Folded(booked=corrected, last=record, corrections=self.corrections + 1, changes=changes)


def fold(records: Iterable[Record]) -> Folded:
    """Return what all records of a session come to."""
    first, *rest = records
    folded = Folded(booked=None, last=first).after(first)
    for record in rest:
        folded = folded.after(record)
    return folded


def told_of(connection: Connection, site: str, subject: str) -> tuple[Record, ...]:
    """Return all records of a session, in order."""
    mine = (RECORD.c.site == site) & (RECORD.c.subject == subject)
    mine &= RECORD.c.kind.in_((Kind.SESSION, Kind.CORRECTION))
    rows = connection.execute(select(RECORD).where(mine).order_by(RECORD.c.epoch, RECORD.c.sequence))
    return tuple(Record(**row) for row in rows.mappings())
