"""The tables beside the records: do they say the same, and if not, make them anew."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, select

from .booking import load, part_rows, put
from .chain import Json, Kind, Record
from .database import Database
from .folding import fold
from .numbers import number_row
from .parties import party_row
from .periods import period_row
from .schema import INTERVAL, NUMBER, PART, PARTY, PERIOD, RECORD, SESSION, TOTAL
from .signed_values import differing_values, rebuild_values
from .statement_rows import differing_statements, rebuild_statements
from .totals import AMOUNTS, SCOPED, Booked, Key, add, contributions, scoped
from .verification import Finding, Flaw


def differing_tables(connection: Connection, site: str) -> Iterator[Finding]:
    """Yield each session whose tables do not say what its records say, and each total that is not their sum."""
    sums: dict[Key, list[int]] = {}
    for subject, records in _told(connection, site):
        folded = fold(records)
        kept = load(connection, site, subject)
        if folded.booked != kept or not _has_parts(connection, site, subject, kept):
            yield _at(folded.last)
        for key, parts in contributions(folded.booked).items():
            add(sums, key, parts)
    for key in sorted(_unlike(scoped(sums), _sums(connection, site))):
        yield Finding(flaw=Flaw.TABLES, site=site, subject=" ".join(("total", *key)))
    yield from _side_tables(connection, site)
    yield from map(_at, differing_values(connection, site))
    yield from map(_at, differing_statements(connection, site))


def rebuild(database: Database, site: str) -> int:
    """Make the tables of a site anew from its records; return how many sessions there are."""
    count = 0
    with database.write() as connection:
        mine = select(SESSION.c.key).where(SESSION.c.site == site)
        connection.execute(delete(INTERVAL).where(INTERVAL.c.session.in_(mine)))
        connection.execute(delete(PART).where(PART.c.site == site))
        connection.execute(delete(SESSION).where(SESSION.c.site == site))
        connection.execute(delete(TOTAL).where(TOTAL.c.site == site))
        for count, (_, records) in enumerate(_told(connection, site), 1):  # noqa: B007 - the last is the answer
            put(connection, fold(records), None)
        rebuild_values(connection, site)
        rebuild_statements(connection, site)
    return count


def _has_parts(connection: Connection, site: str, session: str, kept: Booked | None) -> bool:
    """Say whether it is known of a session who has a part in it."""
    mine = (SESSION.c.site == site) & (SESSION.c.id == session)
    rows = select(PART).join(SESSION, SESSION.c.key == PART.c.session).where(mine).order_by(PART.c.driver)
    found = [dict(row) for row in connection.execute(rows).mappings()]
    key = found[0]["session"] if found else 0
    return found == ([] if kept is None else part_rows(key, site, kept))


def _told(connection: Connection, site: str) -> Iterator[tuple[str, Iterator[Record]]]:
    """Yield what was told of each session."""
    mine = (RECORD.c.site == site) & RECORD.c.kind.in_((Kind.SESSION, Kind.CORRECTION))
    rows = select(RECORD).where(mine).order_by(RECORD.c.subject, RECORD.c.epoch, RECORD.c.sequence)
    streamed = connection.execute(rows.execution_options(yield_per=1000))
    yield from groupby((Record(**row) for row in streamed.mappings()), key=lambda record: record.subject)


def _sums(connection: Connection, site: str) -> dict[Key, list[int]]:
    rows = connection.execute(select(TOTAL).where(TOTAL.c.site == site)).mappings()
    return {tuple(row[name] for name in SCOPED): [row[name] for name in AMOUNTS] for row in rows}


def _unlike(told: dict[Key, list[int]], kept: dict[Key, list[int]]) -> Iterator[Key]:
    nothing = [0] * len(AMOUNTS)
    for key in told.keys() | kept.keys():
        if told.get(key, nothing) != kept.get(key, nothing):
            yield key


def _side_tables(connection: Connection, site: str) -> Iterator[Finding]:
    """Yield periods, numbers and parties that are not what their records say."""
    periods = select(RECORD).where(RECORD.c.site == site, RECORD.c.kind == Kind.PERIOD)
    for record in _records(connection, periods):
        mine = select(PERIOD).where(PERIOD.c.site == site, PERIOD.c.span == record.subject)
        if not _same(connection, mine, period_row(record)):
            yield _at(record)
    for table in (NUMBER, PARTY):
        place = and_(*(RECORD.c[name] == table.c[name] for name in ("site", "epoch", "sequence")))
        for record in _records(connection, select(RECORD).join(table, place).where(table.c.site == site)):
            mine = select(table).where(
                *(table.c[name] == getattr(record, name) for name in ("site", "epoch", "sequence"))
            )
            if not _same(connection, mine, number_row(record) if table is NUMBER else party_row(record)):
                yield _at(record)


def _records(connection: Connection, rows: Select[Any]) -> list[Record]:
    return [Record(**row) for row in connection.execute(rows).mappings()]


def _same(connection: Connection, kept: Select[Any], told: Json | None) -> bool:
    row = connection.execute(kept).mappings().first()
    # That a party is gone is told by another record.
    return row is not None and told is not None and all(row[name] == told[name] for name in told if name != "gone")


def _at(record: Record) -> Finding:
    return Finding(
        flaw=Flaw.TABLES, site=record.site, epoch=record.epoch, sequence=record.sequence, subject=record.subject
    )
