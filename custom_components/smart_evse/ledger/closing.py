"""Closes months and years: what was counted up then is on record, and what comes later says that it came later."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
import json

from sqlalchemy import Connection, select

from ..engine.sessions.ending import record as as_it_stands
from ..engine.sessions.model import Ends, SessionRecord
from ..engine.sessions.opened import OpenSession
from ..records import made
from .chain import Entry, Json, Kind, Record
from .errors import NotOver, PeriodClosed
from .ledger import Ledger
from .periods import closed_spans, totals_as_closed, totals_at_closing
from .recording import put_on_record
from .running import kept_intervals
from .schema import OPEN_STATE
from .totals import month_of
from .writing import append


class PeriodsBook:
    """The periods of one site: `2026-03` or `2026`."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def close_period(self, span: str, *, by: str | None = None, at: datetime | None = None) -> Record:
        """Put the totals of a period on record as they are. `PeriodClosed` if it is, `NotOver` if it has not ended.

        A session that began in it or before and still runs is put on record first, as far as its intervals go.
        """
        site, now = self.ledger.site, at or datetime.now(UTC)
        if span >= month_of(now, self.ledger.zone)[: len(span)]:
            raise NotOver(span)
        with self.ledger.database.write() as connection:
            if span in closed_spans(connection, site):
                raise PeriodClosed(span)
            for running in _running(connection, self.ledger, span):
                put_on_record(connection, self.ledger, running, ())
            body = {"totals": totals_at_closing(connection, site, span), "by": by}
            (record,) = append(connection, site, (Entry(kind=Kind.PERIOD, subject=span, body=body, at=now),))
        return record

    def closed(self) -> tuple[str, ...]:
        """Return the periods that are closed, in order."""
        with self.ledger.database.read() as connection:
            return tuple(sorted(closed_spans(connection, self.ledger.site)))

    def as_closed(self, span: str) -> list[Json] | None:
        """Return the totals as they were when the period was closed, whatever was corrected since."""
        with self.ledger.database.read() as connection:
            return totals_as_closed(connection, self.ledger.site, span)


def _running(connection: Connection, ledger: Ledger, span: str) -> Iterator[SessionRecord]:
    """Yield the sessions that run since then, of which there is something to tell, without what has no interval yet."""
    mine = (OPEN_STATE.c.site == ledger.site) & OPEN_STATE.c.session.is_not(None)
    for row in connection.execute(select(OPEN_STATE).where(mine).order_by(OPEN_STATE.c.connector)).all():
        try:
            state = made(OpenSession, json.loads(row.body))
        except ValueError, TypeError, KeyError:
            # It is of another version, and will be begun anew by its register.
            continue
        began = month_of(state.started, ledger.zone)[: len(span)]
        if state.active and began <= span and kept_intervals(connection, ledger.site, state.id):
            yield replace(
                as_it_stands(state),
                energy_in=state.interval.taken,
                energy_out=state.interval.given,
                taken=Ends(start=state.taken.first),
                given=Ends(start=state.given.first),
            )
