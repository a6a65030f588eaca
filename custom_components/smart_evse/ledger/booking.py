"""Sessions between records and tables: a record comes in, rows go out, and rows become sessions again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from itertools import batched
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from ..engine.sessions.model import Ends, Interval, Rung, SessionRecord
from . import totals
from .chain import Json, Record
from .costs import cost_of, reference_of
from .encoding import marks_as_text, marks_of, micros, moment
from .errors import NotOnRecord
from .folding import Folded, fold, told_of
from .schema import INTERVAL, OPEN_INTERVAL, OPEN_STATE, PART, SESSION, SPLIT, WORTH
from .totals import Booked

ENDS = ("taken", "given", "soc", "odometer")
_AS_THEY_ARE = ("connector", "vehicle", "driver", "card", "tariff", "currency")
PRICES = ("import_price", "export_price", "battery_price")
_AS_TOLD = ("mean_power", "peak_power", "vehicle_energy", "co2", "battery_sun", "demand", "driver", "tariff")
_MANY = 500


def put_told(connection: Connection, record: Record) -> None:
    """Project a record that tells of a session or corrects one: the tables show what holds now.

    All records of the session are read for it, so that one that comes late, from before a backup that was restored,
    is taken in its place and not at the end.
    """
    told = told_of(connection, record.site, record.subject)
    put(connection, fold(told), load(connection, record.site, record.subject))


def put(connection: Connection, folded: Folded, old: Booked | None) -> None:
    """Write down what a session comes to, in the place of what was there."""
    new, record = folded.booked, folded.last
    if new is None:
        return
    site = record.site
    row = session_row(record, new) | {"corrections": folded.corrections}
    if old is None:
        key = connection.execute(insert(SESSION).values(row).returning(SESSION.c.key)).scalar_one()
    else:
        here = (SESSION.c.site == site) & (SESSION.c.id == new.record.id)
        key = connection.execute(update(SESSION).where(here).values(row).returning(SESSION.c.key)).scalar_one()
        connection.execute(delete(INTERVAL).where(INTERVAL.c.session == key))
        connection.execute(delete(PART).where(PART.c.session == key))
    if new.intervals:
        rows = [interval_row(key, number, one) for number, one in enumerate(new.intervals)]
        connection.execute(insert(INTERVAL), rows)
    if parts := part_rows(key, site, new):
        connection.execute(insert(PART), parts)
    totals.keep(connection, site, totals.difference(old, new))


def drop_open(connection: Connection, site: str, session: str, connector: str) -> None:
    """Forget what was kept of a session while it ran: it is on record now."""
    mine = (OPEN_STATE.c.session == session) | OPEN_STATE.c.session.is_(None)
    connection.execute(delete(OPEN_STATE).where(OPEN_STATE.c.site == site, OPEN_STATE.c.connector == connector, mine))
    connection.execute(delete(OPEN_INTERVAL).where(OPEN_INTERVAL.c.site == site, OPEN_INTERVAL.c.session == session))


def load(connection: Connection, site: str, session: str) -> Booked | None:
    """Return a session as it stands."""
    row = connection.execute(select(SESSION).where(SESSION.c.site == site, SESSION.c.id == session)).mappings().first()
    if row is None:
        return None
    intervals = intervals_of(connection, [row["key"]])[row["key"]]
    return Booked(record=session_from(row), intervals=intervals, zone=row["zone"])


def loaded(connection: Connection, site: str, session: str) -> Booked:
    """Return a session as it stands; `NotOnRecord` if there is none."""
    booked = load(connection, site, session)
    if booked is None:
        raise NotOnRecord(session)
    return booked


def intervals_of(connection: Connection, keys: Iterable[int]) -> dict[int, tuple[Interval, ...]]:
    """Return the intervals of several sessions by the session's key, in order."""
    found: dict[int, list[Interval]] = defaultdict(list)
    for some in batched(keys, _MANY, strict=False):
        rows = select(INTERVAL).where(INTERVAL.c.session.in_(some)).order_by(INTERVAL.c.session, INTERVAL.c.number)
        for row in connection.execute(rows).mappings():
            found[row["session"]].append(_interval_from(row))
    return defaultdict(tuple, {key: tuple(intervals) for key, intervals in found.items()})


def session_row(record: Record, booked: Booked) -> Json:
    """Return what the tables show of a session that this record told last."""
    session = booked.record
    ends = {f"{name}_{end}": value for name in ENDS for end, value in asdict(getattr(session, name)).items()}
    return {
        "site": record.site,
        "id": session.id,
        "started": micros(session.started),
        "ended": micros(session.ended) if session.ended else None,
        "zone": booked.zone,
        "known_by": str(session.known_by),
        "marks": marks_as_text(session.marks),
        "epoch": record.epoch,
        "sequence": record.sequence,
        **{name: getattr(session, name) for name in _AS_THEY_ARE},
        **dict(zip((*SPLIT, *WORTH), totals.amounts(booked), strict=True)),
        "energy_in": session.energy_in,
        "energy_out": session.energy_out,
        **ends,
    }


def part_rows(key: int, site: str, booked: Booked) -> list[Json]:
    """Return who took something in a session and is not its own driver."""
    session = booked.record
    drivers = {one.driver for one in booked.intervals if one.driver is not None} - {session.driver}
    started = micros(session.started)
    return [{"session": key, "driver": driver, "site": site, "started": started} for driver in sorted(drivers)]


def session_from(row: RowMapping) -> SessionRecord:
    """Return a row of sessions as what it tells."""
    ends: Any = {name: Ends(start=row[f"{name}_start"], stop=row[f"{name}_stop"]) for name in ENDS}
    return SessionRecord(
        id=row["id"],
        started=moment(row["started"]),
        ended=None if row["ended"] is None else moment(row["ended"]),
        energy_in=row["energy_in"],
        energy_out=row["energy_out"],
        known_by=Rung(row["known_by"]),
        marks=marks_of(row["marks"]),
        **{name: row[name] for name in _AS_THEY_ARE},
        **ends,
    )


def interval_row(key: int, number: int, one: Interval) -> Json:
    """Return what the tables show of an interval, by its session's key and its place there."""
    return {
        "session": key,
        "number": number,
        "start_at": micros(one.start),
        "end_at": micros(one.end),
        **{name: getattr(one, name) for name in SPLIT},
        **{name: None if (price := getattr(one, name)) is None else str(price) for name in PRICES},
        **{name: getattr(one, name) for name in _AS_TOLD},
        "marks": marks_as_text(one.marks),
        "cost": cost_of(one),
        "reference": reference_of(one),
    }


def _interval_from(row: RowMapping) -> Interval:
    prices: Any = {name: None if (price := row[name]) is None else Decimal(price) for name in PRICES}
    return Interval(
        start=moment(row["start_at"]),
        end=moment(row["end_at"]),
        **{name: row[name] for name in SPLIT},
        **{name: row[name] for name in _AS_TOLD},
        **prices,
        marks=marks_of(row["marks"]),
    )
