"""Sessions with what they came to, without their intervals: those are many, and only asked for one by one.

What the grid alone would have cost is only compared for energy whose own cost is known: a price that is missing on one
side would look like money that was saved.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import batched

from sqlalchemy import Connection, RowMapping, Select, and_, case, func, or_, select

from ..engine.sessions.model import SessionRecord
from .booking import session_from
from .costs import money
from .encoding import micros
from .ledger import Ledger
from .schema import INTERVAL, SESSION
from .sessions import SessionFilter, SessionsBook

_MANY = 500
_LONGEST = timedelta(days=180)
"""No car stands at a charger for longer: without a bound all sessions there ever were would be looked at."""

_BOUGHT = INTERVAL.c.from_grid + INTERVAL.c.unattributed
_COMPARED = func.sum(case((INTERVAL.c.cost.is_not(None), INTERVAL.c.reference)))
_NOT_COMPARED = func.sum(case((and_(INTERVAL.c.cost.is_not(None), INTERVAL.c.reference.is_(None)), 1), else_=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A session and its sums: energies in Wh, money in its currency, `co2` in g.

    `cost` is that of all energy with a known price, `reference` what the grid alone would have cost for just that,
    `unpriced` the Wh without a price. `corrections` is how often it was corrected.
    """

    record: SessionRecord
    from_sun: int
    from_battery: int
    from_grid: int
    unattributed: int
    unpriced: int
    cost: Decimal
    reference: Decimal | None = None
    co2: float | None = None
    corrections: int = 0


def summaries(book: SessionsBook, which: SessionFilter) -> tuple[Summary, ...]:
    """Return sessions with their sums, the latest first."""
    with book.ledger.database.read() as connection:
        rows = connection.execute(book.selected(connection, which)).mappings().all()
        sums = _sums(connection, (row["key"] for row in rows))
    return tuple(_summary(row, sums.get(row["key"])) for row in rows)


def compared(ledger: Ledger, since: datetime, until: datetime, currency: str) -> Decimal | None:
    """Return what the grid alone would have cost for all priced energy of a time; `None` where that is not known.

    Intervals count by their beginning, as in the sums of months.
    """
    near = SESSION.c.started.between(micros(since - _LONGEST), micros(until))
    here = and_(SESSION.c.site == ledger.site, SESSION.c.currency == currency, near)
    ended_since = or_(SESSION.c.ended.is_(None), SESSION.c.ended >= micros(since))
    still = and_(ended_since, INTERVAL.c.start_at >= micros(since))
    query = select(_COMPARED.label("reference"), _NOT_COMPARED.label("lacking"))
    query = query.join(SESSION, SESSION.c.key == INTERVAL.c.session)
    with ledger.database.read() as connection:
        row = connection.execute(query.where(here, still, INTERVAL.c.start_at < micros(until))).mappings().one()
    return _reference(row)


def _reference(sums: RowMapping) -> Decimal | None:
    return None if sums["lacking"] else money(int(sums["reference"] or 0))


def _sums(connection: Connection, keys: Iterable[int]) -> dict[int, RowMapping]:
    found: dict[int, RowMapping] = {}
    for some in batched(keys, _MANY, strict=False):
        for row in connection.execute(_of_intervals(some)).mappings():
            found[row["session"]] = row
    return found


def _of_intervals(keys: tuple[int, ...]) -> Select[tuple[int, ...]]:
    return (
        select(
            INTERVAL.c.session,
            _COMPARED.label("reference"),
            _NOT_COMPARED.label("lacking"),
            func.sum(_BOUGHT * func.coalesce(INTERVAL.c.co2, 0.0)).label("co2"),
            func.sum(case((and_(_BOUGHT > 0, INTERVAL.c.co2.is_(None)), 1), else_=0)).label("unknown_co2"),
        )
        .where(INTERVAL.c.session.in_(keys))
        .group_by(INTERVAL.c.session)
    )


def _summary(row: RowMapping, sums: RowMapping | None) -> Summary:
    return Summary(
        record=session_from(row),
        from_sun=row["from_sun"],
        from_battery=row["from_battery"],
        from_grid=row["from_grid"],
        unattributed=row["unattributed"],
        unpriced=row["unpriced"],
        cost=money(row["cost"]),
        reference=Decimal(0) if sums is None else _reference(sums),
        co2=None if sums is None or sums["unknown_co2"] else float(sums["co2"]) / 1000,
        corrections=row["corrections"],
    )
