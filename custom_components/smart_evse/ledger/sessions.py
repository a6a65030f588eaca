"""The book of sessions: what has ended, what was corrected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from types import MappingProxyType
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, Table, select, union_all

from ..engine.sessions.model import Interval, SessionRecord
from .accounts import Accounts
from .booking import intervals_of, load, loaded, session_from
from .chain import Json, Record
from .encoding import micros
from .ledger import Ledger
from .recording import Change, correction, put_on_record
from .running import RunningSessions, keep_state, kept_intervals
from .schema import OPEN_STATE, PART, SESSION
from .writing import append, sites_of

_WHOSE = ("vehicle", "connector")
_MANY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """Which sessions, the latest first. They began at `since` or later and before `until`; `None` means any.

    With a `driver` also those of somebody else in which they took something. `everywhere` asks for all sites of a
    ledger that holds several.
    """

    since: datetime | None = None
    until: datetime | None = None
    driver: str | None = None
    vehicle: str | None = None
    connector: str | None = None
    limit: int | None = None
    everywhere: bool = False


class SessionsBook(RunningSessions, Accounts):
    """The sessions of one site: those that run, those on record, and their sums."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)

    def close_session(
        self, record: SessionRecord, intervals: Iterable[Interval] = (), *, state: Json | None = None
    ) -> Record:
        """Put a session on record, with the intervals that were kept and these.

        Told again it changes nothing; `OnRecord` if something else is there. One without an end is put on record as
        far as it goes, and goes on. `state` is what is kept of the connector from then on, in the same step.
        """
        with self.ledger.database.write() as connection:
            written = put_on_record(connection, self.ledger, record, intervals)
            if state is not None:
                keep_state(connection, self.ledger.site, record.connector, state)
            return written

    def correct(  # noqa: PLR0913 - who, what, when and why belong together
        self,
        session_id: str,
        changes: Mapping[str, object],
        by: str | None,
        why: str,
        *,
        intervals: Iterable[Interval] | None = None,
        instead: Mapping[int, tuple[Interval, ...]] = MappingProxyType({}),
        at: datetime | None = None,
    ) -> SessionRecord:
        """Change fields of a session or what is in its intervals, and keep what was there before.

        `by` is the id of whoever does it, `intervals` are all of the session's, as they should be: a price that came
        later, say. `instead` puts several with the same energy in the place of one, by its number, when its hours are
        known at last. `NotOnRecord` for an unknown session, `KeyError` for a field that a session has not or that makes
        it the one that it is, `ValueError` if there are more or fewer intervals than before.
        """
        told = None if intervals is None else tuple(intervals)
        change = Change(
            fields=changes, intervals=told, by=by, why=why, at=at or datetime.now(UTC), instead=dict(instead)
        )
        with self.ledger.database.write() as connection:
            entry = correction(connection, self.ledger, session_id, change)
            append(connection, self.ledger.site, (entry,))
            return loaded(connection, self.ledger.site, session_id).record

    def session(self, session_id: str) -> SessionRecord | None:
        """Return a session as it stands, corrections included."""
        with self.ledger.database.read() as connection:
            booked = load(connection, self.ledger.site, session_id)
        return booked.record if booked else None

    def sessions(self, which: SessionFilter | None = None) -> tuple[SessionRecord, ...]:
        """Return sessions, the latest first."""
        with self.ledger.database.read() as connection:
            rows = connection.execute(self.selected(connection, which or SessionFilter()))
            return tuple(session_from(row) for row in rows.mappings())

    def with_intervals(self, which: SessionFilter) -> tuple[tuple[SessionRecord, tuple[Interval, ...]], ...]:
        """Return sessions with their intervals, the latest first."""
        with self.ledger.database.read() as connection:
            rows = connection.execute(self.selected(connection, which)).mappings().all()
            intervals = intervals_of(connection, [row["key"] for row in rows])
        return tuple((session_from(row), intervals[row["key"]]) for row in rows)

    def unended(self) -> tuple[tuple[SessionRecord, tuple[Interval, ...]], ...]:
        """Return the sessions that are on record as far as they went when a period was closed, and go on."""
        running = select(OPEN_STATE.c.session).where(OPEN_STATE.c.site == self.ledger.site)
        mine = (SESSION.c.site == self.ledger.site) & SESSION.c.id.in_(running) & SESSION.c.ended.is_(None)
        with self.ledger.database.read() as connection:
            rows = connection.execute(select(SESSION).where(mine)).mappings().all()
            intervals = intervals_of(connection, [row["key"] for row in rows])
        return tuple((session_from(row), intervals[row["key"]]) for row in rows)

    def others(self, session_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return who took something in sessions of somebody else's, by session; those of one driver are left out."""
        found: dict[str, frozenset[str]] = {}
        with self.ledger.database.read() as connection:
            for some in batched(session_ids, _MANY, strict=False):
                here = (SESSION.c.site == self.ledger.site) & SESSION.c.id.in_(some)
                rows = select(SESSION.c.id, PART.c.driver).join(PART, PART.c.session == SESSION.c.key).where(here)
                for row in connection.execute(rows):
                    found[row.id] = found.get(row.id, frozenset()) | {row.driver}
        return found

    def intervals(self, session_id: str) -> tuple[Interval, ...]:
        """Return the intervals of a session in order, of one that still runs those that were kept."""
        with self.ledger.database.read() as connection:
            booked = load(connection, self.ledger.site, session_id)
            kept = kept_intervals(connection, self.ledger.site, session_id)
        return (*booked.intervals, *kept) if booked else kept

    def selected(self, connection: Connection, which: SessionFilter) -> Select[Any]:
        """Return what asks for the rows of sessions, the latest first."""
        rows = select(SESSION).order_by(SESSION.c.started.desc(), SESSION.c.key.desc())
        whose = {name: value for name in _WHOSE if (value := getattr(which, name)) is not None}
        if not which.everywhere:
            sites: tuple[str, ...] = (self.ledger.site,)
        else:
            # Sites are named even where all are asked for: the keys of what is looked for begin with them.
            sites = sites_of(connection) if whose or which.driver is not None else ()
        if which.driver is not None:
            rows = rows.where(SESSION.c.key.in_(_keys_of(which.driver, sites, which)))
        rows = _within(rows, SESSION, sites, which)
        for name, value in whose.items():
            rows = rows.where(SESSION.c[name] == value)
        return rows if which.limit is None else rows.limit(which.limit)


def _keys_of(driver: str, sites: tuple[str, ...], which: SessionFilter) -> CompoundSelect[Any]:
    """Return what asks for the sessions of a driver and those in which they took something, each by its own key."""
    own = select(SESSION.c.key).where(SESSION.c.driver == driver).order_by(SESSION.c.started.desc())
    shared = select(PART.c.session).where(PART.c.driver == driver).order_by(PART.c.started.desc())
    parts = (_within(own, SESSION, sites, which), _within(shared, PART, sites, which))
    # Of neither are more wanted than of both together, unless something else leaves out some of them.
    most = which.limit if which.vehicle is None and which.connector is None else None
    latest = (part if most is None else part.limit(most) for part in parts)
    return union_all(*(select(part.subquery()) for part in latest))


def _within(rows: Select[Any], table: Table, sites: tuple[str, ...], which: SessionFilter) -> Select[Any]:
    if len(sites) == 1:
        rows = rows.where(table.c.site == sites[0])
    elif sites:
        rows = rows.where(table.c.site.in_(sites))
    if which.since is not None:
        rows = rows.where(table.c.started >= micros(which.since))
    return rows if which.until is None else rows.where(table.c.started < micros(which.until))
