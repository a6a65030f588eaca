"""Closes months and years: what was counted up then is on record, and what comes later says that it came later."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import json

from sqlalchemy import Connection, select

from ..engine.sessions.ending import record as as_it_stands
from ..engine.sessions.model import Ends, Mark, SessionRecord
from ..engine.sessions.opened import OpenSession
from ..records import made
from .chain import Entry, Kind, Record
from .encoding import marks_of, micros
from .errors import NotOver, PeriodClosed
from .ledger import Ledger
from .periods import ClosedPeriod, closed_periods, closed_spans, totals_at_closing
from .recording import put_on_record
from .running import kept_intervals
from .schema import INTERVAL, OPEN_STATE, SESSION
from .totals import month_of
from .writing import append

_LONGEST = timedelta(days=180)
"""No car stands at a charger for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """What may still change in a period: sessions that run, and those of which a price is not known yet, by id."""

    running: tuple[str, ...] = ()
    provisional: tuple[str, ...] = ()


class PeriodsBook:
    """The periods of one site: `2026-03` or `2026`."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def close_period(self, span: str, *, by: str | None = None, at: datetime | None = None) -> Record:
        """Put the totals of a period on record as they are. `PeriodClosed` if it is, `NotOver` if it has not ended.

        A session that began in it or before and still runs is put on record first, as far as its intervals go.
        """
        site, now = self.ledger.site, at or datetime.now(UTC)
        with self.ledger.database.write() as connection:
            self._check(connection, span, now)
            for state in _running(connection, self.ledger, span):
                if kept_intervals(connection, site, state.id):
                    put_on_record(connection, self.ledger, _so_far(state), ())
            body = {"totals": totals_at_closing(connection, site, span), "by": by}
            (record,) = append(connection, site, (Entry(kind=Kind.PERIOD, subject=span, body=body, at=now),))
        return record

    def check(self, span: str, now: datetime) -> None:
        """Raise what `close_period` would."""
        with self.ledger.database.read() as connection:
            self._check(connection, span, now)

    def unsettled(self, span: str) -> Unsettled:
        """Return what may still change in a period: to close it now means that it comes later, as a correction."""
        with self.ledger.database.read() as connection:
            running = tuple(state.id for state in _running(connection, self.ledger, span))
            return Unsettled(running=running, provisional=tuple(_provisional(connection, self.ledger, span)))

    def closed(self) -> tuple[ClosedPeriod, ...]:
        """Return the periods that are closed, in order, with their totals as they were then."""
        with self.ledger.database.read() as connection:
            return tuple(closed_periods(connection, self.ledger.site))

    def _check(self, connection: Connection, span: str, now: datetime) -> None:
        # On the clock of the site.
        if span >= month_of(now, self.ledger.zone)[: len(span)]:
            raise NotOver(span)
        if span in closed_spans(connection, self.ledger.site):
            raise PeriodClosed(span)


def _running(connection: Connection, ledger: Ledger, span: str) -> Iterator[OpenSession]:
    """Yield the sessions that began in a period or before, and still run."""
    mine = (OPEN_STATE.c.site == ledger.site) & OPEN_STATE.c.session.is_not(None)
    for row in connection.execute(select(OPEN_STATE).where(mine).order_by(OPEN_STATE.c.connector)).all():
        try:
            state = made(OpenSession, json.loads(row.body))
        except ValueError, TypeError, KeyError:
            # It is of another version, and will be begun anew by its register.
            continue
        if state.active and month_of(state.started, ledger.zone)[: len(span)] <= span:
            yield state


def _so_far(state: OpenSession) -> SessionRecord:
    """Return a session that runs, without what has no interval yet."""
    return replace(
        as_it_stands(state),
        energy_in=state.interval.taken,
        energy_out=state.interval.given,
        taken=Ends(start=state.taken.first),
        given=Ends(start=state.given.first),
    )


def _provisional(connection: Connection, ledger: Ledger, span: str) -> Iterator[str]:
    """Yield the sessions that have taken something in a period of which nobody knows the price yet."""
    begin, end = _bounds(span, ledger)
    mine = (SESSION.c.site == ledger.site) & SESSION.c.started.between(micros(begin - _LONGEST), micros(end))
    here = (INTERVAL.c.start_at >= micros(begin)) & (INTERVAL.c.start_at < micros(end))
    rows = select(SESSION.c.id, SESSION.c.marks).join(INTERVAL, INTERVAL.c.session == SESSION.c.key)
    rows = rows.where(mine, here, INTERVAL.c.cost.is_(None), INTERVAL.c.energy_in > 0)
    for row in connection.execute(rows.distinct().order_by(SESSION.c.id)):
        if Mark.PROVISIONAL in marks_of(row.marks):
            yield row.id


def _bounds(span: str, ledger: Ledger) -> tuple[datetime, datetime]:
    """Return when a month or a year began and ended on the clock of the site."""
    year, month = int(span[:4]), int(span[5:] or 1)
    begin = datetime(year, month, 1, tzinfo=ledger.zone)
    months = year * 12 + month - 1 + (1 if span[5:] else 12)
    return begin, datetime(months // 12, months % 12 + 1, 1, tzinfo=ledger.zone)
