"""The book of statements: what was stated to whom, under which number, and what has become of it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from ..engine.statements.credit import needs_credit_note
from ..engine.statements.model import Statement, StatementKind, StatementState
from ..engine.statements.states import EventKind, Standing, StatementEvent, after
from ..records import plain
from .chain import Entry, Kind, Numbering
from .claims import claimed_before
from .costs import money
from .database import lock
from .encoding import micros, moment
from .errors import CreditNoteNeeded, NotOnRecord, OnRecord, Unnumbered
from .ledger import Ledger
from .schema import STATEMENT
from .statement_bodies import parted, statement_of
from .statement_rows import standing_of, told_of
from .writing import append, sites_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFilter:
    """Which statements, the latest first; `None` means any. Their spans touch what lies between `since` and `until`.

    `everywhere` asks for all sites of a ledger that holds several.
    """

    driver: str | None = None
    vehicle: str | None = None
    state: StatementState | None = None
    kind: StatementKind | None = None
    preset: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSummary:
    """A statement in a list: what it is and how it stands, without a name and without its sessions."""

    site: str
    id: str
    number: str | None
    kind: StatementKind
    preset: str
    method: str | None
    driver: str | None
    vehicle: str | None
    currency: str
    since: datetime
    until: datetime
    made_on: date
    due_on: date | None
    energy: int
    net: Decimal
    total: Decimal
    received: Decimal
    open: Decimal
    state: StatementState
    corrects: str | None
    credit_note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOnRecord:
    """A statement as it was issued, and how it stands."""

    statement: Statement
    standing: Standing


class StatementsBook:
    """The statements of one site."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def issue(
        self,
        statement: Statement,
        numbering: Numbering | None = None,
        *,
        prefix: str = "",
        again: bool = False,
        at: datetime | None = None,
    ) -> Statement:
        """Put a statement on record and return it with its number, the next of the issuer's year: `2026-0001`.

        Issued once more, it is what it was; `OnRecord` if something else has its id. `Unnumbered` for an invoice
        without numbering, `Claimed` if some energy of it is on another one, unless it is to be there `again`. A credit
        note cancels what it corrects in the same step.
        """
        site, now = self.ledger.site, at or datetime.now(UTC)
        with self.ledger.database.write() as connection:
            lock(connection, f"site {site}")
            known = self._found(connection, statement.id)
            if known is not None:
                return _same(known.statement, statement)
            if numbering is None and statement.kind is StatementKind.INVOICE:
                raise Unnumbered(statement.id)
            entries = [*_entries(statement, numbering, prefix, now)]
            if statement.corrects is not None:
                entries.append(self._cancelling(connection, statement, now))
            elif not again:
                claimed_before(connection, statement)
            append(connection, site, entries)
            issued = self._found(connection, statement.id)
        if issued is None:
            raise NotOnRecord(statement.id)
        return issued.statement

    def book(self, event: StatementEvent) -> Standing:
        """Put on record what happened to a statement and return how it stands. What was told before changes nothing.

        `NotOnRecord` for an unknown statement, `IllegalStep` for what cannot happen to it, `CreditNoteNeeded` for an
        invoice with a number, which is cancelled by a credit note alone.
        """
        with self.ledger.database.write() as connection:
            lock(connection, f"site {self.ledger.site}")
            found = self._loaded(connection, event.statement)
            new = after(found.standing, event)
            if new is found.standing:
                return new
            if event.kind is EventKind.CANCELLED and needs_credit_note(found.statement):
                raise CreditNoteNeeded(event.statement)
            append(connection, self.ledger.site, (_event(event),))
        return new

    def statement(self, statement_id: str) -> StatementOnRecord | None:
        """Return a statement as it was issued, without what was forgotten since, and how it stands."""
        with self.ledger.database.read() as connection:
            return self._found(connection, statement_id)

    def statements(self, which: StatementFilter | None = None) -> tuple[StatementSummary, ...]:
        """Return statements, the latest first."""
        with self.ledger.database.read() as connection:
            rows = connection.execute(self._selected(connection, which or StatementFilter()))
            return tuple(_summary(row) for row in rows.mappings())

    def _cancelling(self, connection: Connection, note: Statement, now: datetime) -> Entry:
        original = note.corrects or ""
        event = StatementEvent(statement=original, kind=EventKind.CANCELLED, at=now, credit_note=note.id)
        after(self._loaded(connection, original).standing, event)
        return _event(event)

    def _found(self, connection: Connection, statement_id: str) -> StatementOnRecord | None:
        records = told_of(connection, self.ledger.site, statement_id)
        statement = statement_of(connection, records)
        if statement is None:
            return None
        return StatementOnRecord(statement=statement, standing=standing_of(statement, records))

    def _loaded(self, connection: Connection, statement_id: str) -> StatementOnRecord:
        found = self._found(connection, statement_id)
        if found is None:
            raise NotOnRecord(statement_id)
        return found

    def _selected(self, connection: Connection, which: StatementFilter) -> Select[tuple[object, ...]]:
        table = STATEMENT.c
        sites = sites_of(connection) if which.everywhere else (self.ledger.site,)
        rows = select(STATEMENT).where(table.site.in_(sites))
        rows = rows.order_by(table.epoch.desc(), table.sequence.desc(), table.site)
        for name in ("driver", "vehicle", "state", "kind", "preset"):
            if (value := getattr(which, name)) is not None:
                rows = rows.where(table[name] == str(value))
        if which.since is not None:
            rows = rows.where(table.until_at > micros(which.since))
        if which.until is not None:
            rows = rows.where(table.since_at < micros(which.until))
        return rows if which.limit is None else rows.limit(which.limit)


def _entries(statement: Statement, numbering: Numbering | None, prefix: str, now: datetime) -> list[Entry]:
    """Return what is put on record of a statement: itself, and what is personal of each further driver."""
    body, groups = parted(replace(statement, number=None))
    first = Entry(
        kind=Kind.STATEMENT,
        subject=statement.id,
        body={"statement": body, "prefix": prefix},
        at=now,
        personal=groups.pop(statement.driver),
        owner=statement.driver,
        numbering=numbering,
    )
    return [first] + [
        Entry(kind=Kind.STATEMENT_PERSON, subject=statement.id, body={}, at=now, personal=personal, owner=owner)
        for owner, personal in groups.items()
    ]


def _event(event: StatementEvent) -> Entry:
    body = {name: value for name, value in plain(event).items() if name not in ("statement", "at")}
    return Entry(kind=Kind.STATEMENT_EVENT, subject=event.statement, body=body, at=event.at)


def _same(known: Statement, told: Statement) -> Statement:
    if replace(known, number=None) != replace(told, number=None):
        raise OnRecord(told.id)
    return known


def _summary(row: RowMapping) -> StatementSummary:
    plainly: Any = {name: row[name] for name in _AS_THEY_ARE}
    sums: Any = {name: money(row[name]) for name in ("net", "total", "received", "open")}
    return StatementSummary(
        kind=StatementKind(row["kind"]),
        state=StatementState(row["state"]),
        since=moment(row["since_at"]),
        until=moment(row["until_at"]),
        made_on=date.fromisoformat(row["made_on"]),
        due_on=date.fromisoformat(row["due_on"]) if row["due_on"] else None,
        **plainly,
        **sums,
    )


_AS_THEY_ARE = (
    "site",
    "id",
    "number",
    "preset",
    "method",
    "driver",
    "vehicle",
    "currency",
    "energy",
    "corrects",
    "credit_note",
)
