"""What the tables show of statements: how each stands, and which energy is on it."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from sqlalchemy import Connection, delete, insert, select

from ..engine.statements.model import Statement
from ..engine.statements.presets import claim_of
from ..engine.statements.states import Standing, StatementEvent, following
from ..records import made
from .chain import Json, Kind, Record
from .encoding import micros
from .parties import is_forgotten
from .schema import PERSON, RECORD, STATEMENT, STATEMENT_PART
from .statement_bodies import joined, statement_body

_KINDS = (Kind.STATEMENT, Kind.STATEMENT_EVENT)


def put_statement(connection: Connection, record: Record) -> None:
    """Project a record of a statement or of what happened to it: all are read, as they may come in any order."""
    forget_personal(connection, record)
    _put(connection, told_of(connection, record.site, record.subject))


def forget_personal(connection: Connection, record: Record) -> None:
    """Keep nothing of who has left already."""
    body = record.read()
    if is_forgotten(connection, body.get("owner")):
        connection.execute(delete(PERSON).where(PERSON.c.digest == body.get("personal")))


def told_of(connection: Connection, site: str, subject: str) -> tuple[Record, ...]:
    """Return all records of a statement, in order."""
    mine = (RECORD.c.site == site) & (RECORD.c.subject == subject)
    mine &= RECORD.c.kind.in_((*_KINDS, Kind.STATEMENT_PERSON))
    rows = connection.execute(select(RECORD).where(mine).order_by(RECORD.c.epoch, RECORD.c.sequence))
    return tuple(Record(**row) for row in rows.mappings())


def standing_of(statement: Statement, records: tuple[Record, ...]) -> Standing:
    """Return how a statement stands after what its records tell. A credit note stands for nothing by itself."""
    events = (
        made(StatementEvent, record.read() | {"statement": record.subject, "at": record.at})
        for record in records
        if record.kind == Kind.STATEMENT_EVENT
    )
    return following(Decimal(0) if statement.corrects else statement.total, events)


def billionths(amount: Decimal) -> int:
    """Return an amount as tables keep it."""
    return int(amount.scaleb(9))


def differing_statements(connection: Connection, site: str) -> Iterator[Record]:
    """Yield the last record of each statement of which the tables do not say what its records say."""
    for records in _all(connection, site):
        told = _rows(records)
        if told is None:
            continue
        row, parts = told
        key = (STATEMENT.c.site == site) & (STATEMENT.c.id == records[0].subject)
        kept = connection.execute(select(STATEMENT).where(key)).mappings().first()
        mine = (STATEMENT_PART.c.site == site) & (STATEMENT_PART.c.statement == records[0].subject)
        rows = connection.execute(select(STATEMENT_PART).where(mine).order_by(STATEMENT_PART.c.number)).mappings()
        if kept is None or dict(kept) != row or [dict(one) for one in rows] != parts:
            yield records[-1]


def rebuild_statements(connection: Connection, site: str) -> None:
    """Make the tables of statements anew from the records."""
    for table in (STATEMENT_PART, STATEMENT):
        connection.execute(delete(table).where(table.c.site == site))
    for records in _all(connection, site):
        _put(connection, records)


def _all(connection: Connection, site: str) -> Iterator[tuple[Record, ...]]:
    mine = (RECORD.c.site == site) & RECORD.c.kind.in_(_KINDS)
    rows = select(RECORD).where(mine).order_by(RECORD.c.subject, RECORD.c.epoch, RECORD.c.sequence)
    records = [Record(**row) for row in connection.execute(rows).mappings()]
    for _, told in groupby(records, key=lambda record: record.subject):
        yield tuple(told)


def _put(connection: Connection, records: tuple[Record, ...]) -> None:
    told = _rows(records)
    if told is None:
        return
    row, parts = told
    site, subject = row["site"], row["id"]
    connection.execute(
        delete(STATEMENT_PART).where(STATEMENT_PART.c.site == site, STATEMENT_PART.c.statement == subject)
    )
    connection.execute(delete(STATEMENT).where(STATEMENT.c.site == site, STATEMENT.c.id == subject))
    connection.execute(insert(STATEMENT).values(row))
    if parts:
        connection.execute(insert(STATEMENT_PART), parts)


def _rows(records: tuple[Record, ...]) -> tuple[Json, list[Json]] | None:
    """Return the rows of a statement and its parts; `None` while only events of it are known."""
    body = statement_body(records)
    if body is None:
        return None
    first = next(record for record in records if record.kind == Kind.STATEMENT)
    statement = joined(body, ())
    return _row(first, statement, standing_of(statement, records)), _parts(first, statement)


def _row(record: Record, statement: Statement, standing: Standing) -> Json:
    return {
        "site": record.site,
        "id": record.subject,
        "number": statement.number,
        "kind": str(statement.kind),
        "preset": statement.preset,
        "method": statement.method,
        "driver": statement.driver,
        "vehicle": statement.vehicle,
        "currency": statement.currency,
        "since_at": micros(statement.since),
        "until_at": micros(statement.until),
        "made_on": statement.made_on.isoformat(),
        "due_on": statement.due_on.isoformat() if statement.due_on else None,
        "energy": statement.energy,
        "net": billionths(statement.net),
        "total": billionths(statement.total),
        "received": billionths(standing.received),
        "open": billionths(standing.open),
        "state": str(standing.state),
        "sent_at": _micros(standing.sent_at),
        "paid_at": _micros(standing.paid_at),
        "corrects": statement.corrects,
        "credit_note": standing.credit_note,
        "epoch": record.epoch,
        "sequence": record.sequence,
    }


def _parts(record: Record, statement: Statement) -> list[Json]:
    claim = None if statement.corrects else claim_of(statement.preset, statement.kind)
    return [
        {
            "site": record.site,
            "statement": record.subject,
            "number": number,
            "session": one.id,
            "driver": one.driver_id,
            "start_at": micros(one.started),
            "end_at": micros(one.ended),
            "energy": one.energy,
            "gross": billionths(one.gross),
            "claim": claim,
        }
        for number, one in enumerate(statement.sessions)
    ]


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)
