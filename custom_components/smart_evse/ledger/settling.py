"""After records came back from a copy: nothing that they tell is told once more by what was put on record since."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection, select

from ..engine.sessions.imported import Imported
from ..engine.sessions.model import Interval, SessionRecord
from ..engine.sessions.retelling import skip, untold_record
from .booking import loaded, session_from
from .chain import Kind, Record
from .encoding import session_of
from .ledger import Ledger
from .recording import Change, correction, put_on_record
from .schema import RECORD, SESSION
from .totals import Booked
from .writing import append

WHY = "restored"
"""What is noted as the reason of a correction."""

_CORRECTED = ("started", "ended", "energy_in", "energy_out", "taken", "given", "soc", "odometer")


def settle(ledger: Ledger, epochs: Collection[int]) -> tuple[SessionRecord, ...]:
    """Leave what was put on record after these epochs with what they do not tell; return all sessions that they do.

    It may be done any number of times.
    """
    if not epochs:
        return ()
    with ledger.database.write() as connection:
        since = _since(connection, ledger.site, max(epochs))
        told = _told(connection, ledger.site, {record.subject for record in since}, max(epochs))
        known = {one.id for one in told}
        for record in since:
            session, intervals, _ = session_of(record.read())
            mine = [one for one in told if one.connector == session.connector]
            if session.ended is None or not mine:
                continue
            if session.id not in known:
                booked = loaded(connection, ledger.site, session.id)
                _correct(connection, ledger, booked, untold_record(booked.record, booked.intervals, mine))
            elif (rest := untold_record(session, intervals, mine)) is not None:
                # The first end that was told holds: what this one has beyond it is a session of its own.
                put_on_record(connection, ledger, rest.record, rest.intervals)
    return told


def _since(connection: Connection, site: str, epoch: int) -> tuple[Record, ...]:
    """Return what tells of sessions after an epoch."""
    mine = (RECORD.c.site == site) & (RECORD.c.epoch > epoch) & (RECORD.c.kind == Kind.SESSION)
    rows = select(RECORD).where(mine).order_by(RECORD.c.epoch, RECORD.c.sequence)
    return tuple(Record(**row) for row in connection.execute(rows).mappings())


def _told(connection: Connection, site: str, since: Collection[str], epoch: int) -> tuple[SessionRecord, ...]:
    """Return the sessions that have ended, without those that were first told after an epoch."""
    mine = (RECORD.c.site == site) & (RECORD.c.epoch <= epoch) & (RECORD.c.kind == Kind.SESSION)
    before = set(connection.execute(select(RECORD.c.subject).where(mine, RECORD.c.subject.in_(since))).scalars())
    rows = select(SESSION).where(SESSION.c.site == site, SESSION.c.ended.is_not(None))
    sessions = map(session_from, connection.execute(rows).mappings())
    return tuple(one for one in sessions if one.id not in since or one.id in before)


def _correct(connection: Connection, ledger: Ledger, booked: Booked, rest: Imported | None) -> None:
    """Put on record that a session has only this much that is its own."""
    record = booked.record
    if rest is not None and rest.record is record:
        return
    left = replace(record, started=record.ended or record.started, energy_in=0, energy_out=0)
    left = left if rest is None else rest.record
    less = record.energy_in - left.energy_in, record.energy_out - left.energy_out
    change = Change(
        fields={name: getattr(left, name) for name in _CORRECTED},
        intervals=tuple(map(partial(_within, left), skip(booked.intervals, *less))),
        by=None,
        why=WHY,
        at=datetime.now(UTC),
    )
    append(connection, ledger.site, (correction(connection, ledger, record.id, change),))


def _within(session: SessionRecord, interval: Interval) -> Interval:
    """Let an interval begin no earlier than its session; one of which nothing is left has no length any more."""
    if interval.energy_in or interval.energy_out:
        return replace(interval, start=min(max(interval.start, session.started), interval.end))
    end = max(interval.end, session.started)
    return replace(interval, start=min(max(interval.start, session.started), end), end=end)
