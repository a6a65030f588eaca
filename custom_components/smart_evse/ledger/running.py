"""Sessions that run: kept so that a power cut takes nothing, and not on record before they end."""

from collections.abc import Collection, Iterable
import json

from sqlalchemy import Connection, delete, insert, select

from ..engine.sessions.model import Interval
from ..records import made, plain
from .chain import Json, canonical
from .database import insert_into
from .ledger import Ledger
from .schema import OPEN_INTERVAL, OPEN_STATE


class RunningSessions:
    """What is going on at the connectors of one site."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def save_open(
        self, connector: str, state: Json, *, session: str | None = None, intervals: Iterable[Interval] = ()
    ) -> None:
        """Keep the state of a session that runs, and the intervals that it has finished since, both or neither."""
        with self.ledger.database.write() as connection:
            keep_state(connection, self.ledger.site, connector, state, session)
            if session is not None:
                keep_intervals(connection, self.ledger.site, session, intervals)

    def open_states(self) -> dict[str, Json]:
        """Return the states that were saved last, by connector."""
        rows = select(OPEN_STATE).where(OPEN_STATE.c.site == self.ledger.site)
        with self.ledger.database.read() as connection:
            return {row.connector: json.loads(row.body) for row in connection.execute(rows)}

    def open_intervals(self) -> dict[str, tuple[Interval, ...]]:
        """Return the finished intervals of all sessions that run, by session."""
        rows = select(OPEN_INTERVAL).where(OPEN_INTERVAL.c.site == self.ledger.site)
        found: dict[str, tuple[Interval, ...]] = {}
        with self.ledger.database.read() as connection:
            for row in connection.execute(rows.order_by(OPEN_INTERVAL.c.session, OPEN_INTERVAL.c.number)):
                found[row.session] = (*found.get(row.session, ()), made(Interval, json.loads(row.body)))
        return found

    def forget_open(self, sessions: Collection[str]) -> None:
        """Forget the intervals that were kept of sessions: others have told them."""
        if sessions:
            mine = (OPEN_INTERVAL.c.site == self.ledger.site) & OPEN_INTERVAL.c.session.in_(sessions)
            with self.ledger.database.write() as connection:
                connection.execute(delete(OPEN_INTERVAL).where(mine))

    def add_intervals(self, session_id: str, intervals: Iterable[Interval]) -> None:
        """Keep finished intervals of a session that runs after those from before, each once however often it is told.

        `save_open` does so together with the state that knows of them, so that a power cut never parts the two.
        """
        with self.ledger.database.write() as connection:
            keep_intervals(connection, self.ledger.site, session_id, intervals)


def keep_state(connection: Connection, site: str, connector: str, state: Json, session: str | None = None) -> None:
    """Keep how a connector stands, in the place of what was kept of it."""
    row = {"site": site, "connector": connector, "session": session, "body": canonical(state)}
    statement = insert_into(connection, OPEN_STATE).values(row)
    kept = {name: statement.excluded[name] for name in ("session", "body")}
    connection.execute(statement.on_conflict_do_update(index_elements=["site", "connector"], set_=kept))


def keep_intervals(connection: Connection, site: str, session: str, intervals: Iterable[Interval]) -> None:
    """Keep intervals after those from before; of those only as many are looked at as may be told once more."""
    told = tuple(canonical(plain(one)) for one in intervals)
    if not told:
        return
    mine = (OPEN_INTERVAL.c.site == site) & (OPEN_INTERVAL.c.session == session)
    latest = select(OPEN_INTERVAL.c.number, OPEN_INTERVAL.c.body).where(mine).order_by(OPEN_INTERVAL.c.number.desc())
    kept = connection.execute(latest.limit(len(told))).all()[::-1]
    known = tuple(row.body for row in kept)
    new, number = joined(known, told)[len(known) :], kept[-1].number + 1 if kept else 0
    rows = [{"site": site, "session": session, "number": place, "body": body} for place, body in enumerate(new, number)]
    if rows:
        connection.execute(insert(OPEN_INTERVAL), rows)


def joined[T](kept: tuple[T, ...], told: tuple[T, ...]) -> tuple[T, ...]:
    """Return what was kept with what is told after it; what is told once more is not there twice.

    Not by their time alone: a clock that is set back lives through the same quarter of an hour twice.
    """
    for again in range(min(len(kept), len(told)), 0, -1):
        if kept[-again:] == told[:again]:
            return (*kept, *told[again:])
    return (*kept, *told)


def kept_intervals(connection: Connection, site: str, session: str) -> tuple[Interval, ...]:
    """Return what was kept of a session, in order."""
    mine = (OPEN_INTERVAL.c.site == site) & (OPEN_INTERVAL.c.session == session)
    bodies = connection.execute(select(OPEN_INTERVAL.c.body).where(mine).order_by(OPEN_INTERVAL.c.number)).scalars()
    return tuple(made(Interval, json.loads(body)) for body in bodies)
