"""Sums of months and years, kept up with each session: what a sensor shows must not add up a million sessions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..engine.sessions.model import Interval, SessionRecord
from .costs import cost_of, reference_of
from .database import insert_into
from .schema import SPLIT, TOTAL, WORTH

KEYS = ("span", "driver", "vehicle", "connector", "currency")
SCOPED = ("scope", *KEYS)
AMOUNTS = ("sessions", *SPLIT, *WORTH)

EACH, WHOLE = "each", "site"
GROUPS = ("driver", "vehicle", "connector")
"""Totals are kept for each combination that there was, for each of these alone, and for the whole site."""

type Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A session as it stands, with all its intervals. `zone` is the site's when it was put on record."""

    record: SessionRecord
    intervals: tuple[Interval, ...]
    zone: str

    def __iter__(self) -> Iterator[Interval]:
        """Yield what its energy flowed in; a session of which only the register is known is one piece."""
        if self.intervals or self.record.ended is None:
            return iter(self.intervals)
        record = self.record
        whole = Interval(
            start=record.started,
            end=self.record.ended,
            energy_in=record.energy_in,
            energy_out=record.energy_out,
            unattributed=record.energy_in,
        )
        return iter((whole,))


def amounts(intervals: Iterable[Interval]) -> list[int]:
    """Return the sums of `SPLIT` and `WORTH`."""
    sums = [0] * (len(SPLIT) + len(WORTH))
    for one in intervals:
        cost = cost_of(one)
        parts = (
            one.energy_in,
            one.energy_out,
            one.from_sun,
            one.from_battery,
            one.from_grid,
            one.unattributed,
            cost or 0,
            reference_of(one) or 0,
            one.energy_in if cost is None else 0,
        )
        for index, part in enumerate(parts):
            sums[index] += part
    return sums


def contributions(booked: Booked | None) -> dict[Key, list[int]]:
    """Return what a session adds to which total."""
    if booked is None:
        return {}
    record, zone = booked.record, ZoneInfo(booked.zone)
    counted = month_of(record.ended, zone) if record.ended else None
    pieces: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    if counted:
        pieces[counted, record.driver or ""] = []
    for one in booked:
        pieces[month_of(one.start, zone), one.driver or record.driver or ""].append(one)
    tail = (record.vehicle or "", record.connector, record.currency or "")
    found: dict[Key, list[int]] = {}
    for (month, driver), intervals in pieces.items():
        parts = [int((month, driver) == (counted, record.driver or "")), *amounts(intervals)]
        for span in (month, month[:4]):
            add(found, (span, driver, *tail), parts)
    return found


def month_of(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.year:04}-{local.month:02}"


def month_begin(at: datetime, zone: ZoneInfo) -> datetime:
    """Return when the month began in which something is, on the clock of a zone."""
    return at.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def add(sums: dict[Key, list[int]], key: Key, parts: Iterable[int], sign: int = 1) -> None:
    known = sums.get(key) or [0] * len(AMOUNTS)
    sums[key] = [one + sign * other for one, other in zip(known, parts, strict=True)]


def difference(old: Booked | None, new: Booked) -> dict[Key, list[int]]:
    """Return what changes in the totals when one takes the place of the other."""
    sums = dict(contributions(new))
    for key, parts in contributions(old).items():
        add(sums, key, parts, -1)
    return {key: parts for key, parts in sums.items() if any(parts)}


def scope_of(names: Collection[str]) -> str:
    """Return in which totals to look for what is told apart by these of `GROUPS`."""
    if len(names) > 1:
        return EACH
    return next(iter(names), WHOLE)


def scoped(sums: Mapping[Key, list[int]]) -> dict[Key, list[int]]:
    """Return what is added to the totals of every scope."""
    found: dict[Key, list[int]] = {}
    for key, parts in sums.items():
        span, *who, currency = key
        add(found, (EACH, *key), parts)
        add(found, (WHOLE, span, "", "", "", currency), parts)
        for name, own in zip(GROUPS, who, strict=True):
            alone = (own if name == other else "" for other in GROUPS)
            add(found, (name, span, *alone, currency), parts)
    return found


def keep(connection: Connection, site: str, changes: Mapping[Key, list[int]]) -> None:
    """Add changes to the totals."""
    if not changes:
        return
    whole = scoped(changes)
    # In one order for everybody, so that no two writers wait for each other.
    rows = [
        {"site": site, **dict(zip(SCOPED, key, strict=True)), **dict(zip(AMOUNTS, whole[key], strict=True))}
        for key in sorted(whole)
    ]
    statement = insert_into(connection, TOTAL)
    statement = statement.on_conflict_do_update(
        index_elements=["site", *SCOPED],
        set_={name: TOTAL.c[name] + statement.excluded[name] for name in AMOUNTS},
    )
    connection.execute(statement, rows)
