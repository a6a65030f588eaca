"""What went through a connector hour by hour, as far as it is on record."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
import json

from sqlalchemy import ColumnElement, Connection, Select, func, select

from .chain import Kind
from .costs import money
from .encoding import decoded, micros, moment
from .epochs import Tip
from .ledger import Ledger
from .recording import MOVED
from .schema import INTERVAL, RECORD, SESSION
from .writing import later_than

_HOUR = timedelta(hours=1)
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

    What flowed over several hours while nobody looked is spread evenly.
    """
    mine = (SESSION.c.site == ledger.site) & (SESSION.c.connector == connector)
    begun = micros(since)
    hours: dict[datetime, Through] = defaultdict(Through)
    with ledger.database.read() as connection:
        sums = connection.execute(_before(mine & (INTERVAL.c.end_at <= begun))).one()
        rows = connection.execute(_rows(mine & (INTERVAL.c.end_at > begun))).all()
    before = Through(energy_in=float(sums[0]), energy_out=float(sums[1]), cost=money(int(sums[2])))
    for start, end, energy_in, energy_out, cost in rows:
        whole = Through(energy_in=energy_in, energy_out=energy_out, cost=money(cost or 0))
        for hour, share in _spread(moment(start), moment(end)):
            hours[hour] += whole.part(share)
    earlier = sum((hours.pop(hour) for hour in sorted(hours) if hour < since), Through())
    return before + earlier, dict(sorted(hours.items()))


def _before(where: ColumnElement[bool]) -> Select[tuple[int, int, int]]:
    parts = (INTERVAL.c.energy_in, INTERVAL.c.energy_out, INTERVAL.c.cost)
    sums = (func.coalesce(func.sum(part), 0) for part in parts)
    return select(*sums).join_from(INTERVAL, SESSION, SESSION.c.key == INTERVAL.c.session).where(where)


def _rows(where: ColumnElement[bool]) -> Select[tuple[int, int, int, int, int | None]]:
    columns = (INTERVAL.c.start_at, INTERVAL.c.end_at, INTERVAL.c.energy_in, INTERVAL.c.energy_out, INTERVAL.c.cost)
    return select(*columns).join_from(INTERVAL, SESSION, SESSION.c.key == INTERVAL.c.session).where(where)


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
