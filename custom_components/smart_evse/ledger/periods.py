"""Closed periods: what was counted up then stays as it was, what comes later says that it came later."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
import json
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from .chain import Json, Record, canonical
from .database import insert_into
from .schema import PERIOD, TOTAL
from .totals import AMOUNTS, EACH, KEYS, month_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPeriod:
    """A closed month or year: the `hash` of the record that closed it, and its `totals` as they were then.

    It is `corrected` where what came later makes them other ones by now.
    """

    span: str
    hash: str
    totals: tuple[Json, ...]
    corrected: bool


def put_period(connection: Connection, record: Record) -> None:
    """Project that a period was closed."""
    connection.execute(insert_into(connection, PERIOD).on_conflict_do_nothing(), period_row(record))


def period_row(record: Record) -> Json:
    """Return what the tables show of a closed period."""
    totals = canonical(record.read()["totals"])
    return {"site": record.site, "span": record.subject, "at": record.at, "hash": record.hash, "totals": totals}


def closed_spans(connection: Connection, site: str) -> dict[str, str]:
    """Return the hash of the record that closed it, by period."""
    rows = connection.execute(select(PERIOD.c.span, PERIOD.c.hash).where(PERIOD.c.site == site))
    return {row.span: row.hash for row in rows}


def closed_before(connection: Connection, site: str, moments: Iterable[datetime], zone: ZoneInfo) -> Sequence[str]:
    """Return the hashes of what closed the periods that these moments lie in."""
    closed = closed_spans(connection, site)
    if not closed:
        return ()
    months = {month_of(moment, zone) for moment in moments}
    spans = months | {month[:4] for month in months}
    return sorted(closed[span] for span in spans if span in closed)


def totals_at_closing(connection: Connection, site: str, span: str) -> list[Json]:
    """Return the totals of a period as they are put on record."""
    columns = [TOTAL.c[name] for name in (*KEYS[1:], *AMOUNTS)]
    rows = select(*columns).where(TOTAL.c.site == site, TOTAL.c.scope == EACH, TOTAL.c.span == span)
    return [dict(row) for row in connection.execute(rows.order_by(*columns[: len(KEYS) - 1])).mappings()]


def closed_periods(connection: Connection, site: str) -> Iterator[ClosedPeriod]:
    """Yield the closed periods in order."""
    rows = select(PERIOD.c.span, PERIOD.c.hash, PERIOD.c.totals).where(PERIOD.c.site == site).order_by(PERIOD.c.span)
    for row in connection.execute(rows).all():
        now = canonical(totals_at_closing(connection, site, row.span))
        known = tuple(json.loads(row.totals))
        yield ClosedPeriod(span=row.span, hash=row.hash, totals=known, corrected=now != row.totals)
