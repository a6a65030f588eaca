"""What went through a connector hour by hour, as far as it is on record."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
import json
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, CompoundSelect, Connection, exists, func, select, union_all

from .chain import Kind
from .costs import money
from .encoding import decoded, micros, moment
from .epochs import Tip
from .ledger import Ledger
from .recording import MOVED
from .schema import INTERVAL, RECORD, SESSION, TOTAL
from .totals import month_of
from .writing import later_than

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_LONGEST = timedelta(days=180)
"""No car stands at a charger for longer."""

_TELLING = (Kind.SESSION, Kind.CORRECTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Through:
    """Energies in Wh, `cost` in the currency's unit, as far as it is known."""

    energy_in: float = 0.0
    energy_out: float = 0.0
    cost: Decimal = Decimal(0)

    def __add__(self, other: Through) -> Through:
        return Through(
            energy_in=self.energy_in + other.energy_in,
            energy_out=self.energy_out + other.energy_out,
            cost=self.cost + other.cost,
        )

    def part(self, share: float) -> Through:
        """Return a part of it, 0 to 1."""
        return Through(
            energy_in=self.energy_in * share, energy_out=self.energy_out * share, cost=self.cost * Decimal(share)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """That something else is on record since an hour; in the `moved` hours something was told before."""

    since: datetime
    moved: frozenset[datetime] = frozenset()


def told_since(ledger: Ledger, after: Tip) -> Mapping[str, News]:
    """Return the connectors of which something else is on record than at a place."""
    mine = (RECORD.c.site == ledger.site) & later_than(after) & RECORD.c.kind.in_(_TELLING)
    same = (SESSION.c.site == RECORD.c.site) & (SESSION.c.id == RECORD.c.subject)
    rows = select(SESSION.c.connector, func.min(SESSION.c.started)).join(RECORD, same).where(mine)
    with ledger.database.read() as connection:
        found = connection.execute(rows.group_by(SESSION.c.connector)).all()
        moved = _moved(connection, mine, same)
    return {
        connector: News(since=min((hour_of(moment(started)), *moved[connector])), moved=frozenset(moved[connector]))
        for connector, started in found
    }


def _moved(connection: Connection, mine: ColumnElement[bool], same: ColumnElement[bool]) -> Mapping[str, set[datetime]]:
    """Return the hours in which energy was that is in others now, by connector."""
    rows = select(SESSION.c.connector, RECORD.c.body).join(RECORD, same).where(mine, RECORD.c.kind == Kind.CORRECTION)
    found: dict[str, set[datetime]] = defaultdict(set)
    for connector, body in connection.execute(rows.where(RECORD.c.body.contains(f'"{MOVED}":true'))):
        for one in decoded(json.loads(body)["intervals_before"]):
            found[connector].update(hour for hour, _ in _spread(one.start, one.end))
    return found


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour in which something is."""
    return at.replace(minute=0, second=0, microsecond=0)


def through(ledger: Ledger, connector: str, since: datetime) -> tuple[Through, Mapping[datetime, Through]]:
    """Return what went through before an hour, and what in each from then on. `since` is the beginning of an hour.

    What flowed over several hours while nobody looked is spread evenly. The months before are not looked at again:
    their sums are known.
    """
    month = month_of(since, ledger.zone)
    hours: dict[datetime, Through] = defaultdict(Through)
    with ledger.database.read() as connection:
        before = _months_before(connection, ledger.site, connector, month)
        rows = connection.execute(_rows(ledger, connector, month)).all()
    for start, end, energy_in, energy_out, cost, zone in rows:
        whole = Through(energy_in=energy_in, energy_out=energy_out, cost=money(cost or 0))
        if month_of(moment(start), ZoneInfo(zone)) < month:
            if moment(end) <= since:
                continue
            # It is in the sums of the months before, and some of it flowed later.
            before += whole.part(-1)
        for hour, share in _spread(moment(start), moment(end)):
            hours[hour] += whole.part(share)
    earlier = sum((hours.pop(hour) for hour in sorted(hours) if hour < since), Through())
    return before + earlier, dict(sorted(hours.items()))


def _months_before(connection: Connection, site: str, connector: str, month: str) -> Through:
    mine = (TOTAL.c.site == site) & (TOTAL.c.scope == "connector") & (TOTAL.c.connector == connector)
    earlier = (TOTAL.c.span < month) & (func.length(TOTAL.c.span) == len(month))
    sums = (func.coalesce(func.sum(TOTAL.c[name]), 0) for name in ("energy_in", "energy_out", "cost"))
    row = connection.execute(select(*sums).where(mine, earlier)).one()
    return Through(energy_in=float(row[0]), energy_out=float(row[1]), cost=money(int(row[2])))


def _rows(ledger: Ledger, connector: str, month: str) -> CompoundSelect[Any]:
    """Return what asks for all that flowed since a month began, and a little before: clocks of sites are moved."""
    begun = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=ledger.zone) - _DAY
    mine = (SESSION.c.site == ledger.site) & (SESSION.c.connector == connector)
    mine &= SESSION.c.started >= micros(begun - _LONGEST)
    mine &= SESSION.c.ended.is_(None) | (SESSION.c.ended > micros(begun))
    names = ("start_at", "end_at", "energy_in", "energy_out", "cost")
    flowed = select(*(INTERVAL.c[name] for name in names), SESSION.c.zone)
    flowed = flowed.join_from(INTERVAL, SESSION, SESSION.c.key == INTERVAL.c.session)
    flowed = flowed.where(mine, INTERVAL.c.end_at > micros(begun))
    # One of which only the register is known is one piece.
    known = exists().where(INTERVAL.c.session == SESSION.c.key)
    whole = select(
        SESSION.c.started, SESSION.c.ended, SESSION.c.energy_in, SESSION.c.energy_out, SESSION.c.cost, SESSION.c.zone
    ).where(mine, SESSION.c.ended.is_not(None), ~known)
    return union_all(flowed, whole)


def _spread(start: datetime, end: datetime) -> list[tuple[datetime, float]]:
    """Return the hours of a time, and the share of it that lies in each."""
    hour = hour_of(start)
    if end <= hour + _HOUR:
        return [(hour, 1.0)]
    parts = []
    while hour < end:
        parts.append((hour, (min(end, hour + _HOUR) - max(start, hour)) / (end - start)))
        hour += _HOUR
    return parts
