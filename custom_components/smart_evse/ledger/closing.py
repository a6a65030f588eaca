"""Closes months and years: what was counted up then is on record, and what comes later says that it came later."""

from datetime import UTC, datetime

from .chain import Entry, Json, Kind, Record
from .errors import NotOver, PeriodClosed
from .ledger import Ledger
from .periods import closed_spans, totals_as_closed, totals_at_closing
from .totals import month_of
from .writing import append


class PeriodsBook:
    """The periods of one site: `2026-03` or `2026`."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def close_period(self, span: str, *, by: str | None = None, at: datetime | None = None) -> Record:
        """Put the totals of a period on record as they are. `PeriodClosed` if it is, `NotOver` if it has not ended.

        Put a session that still runs on record as far as it goes first (`close_session` without an end).
        """
        site, now = self.ledger.site, at or datetime.now(UTC)
        if span >= month_of(now, self.ledger.zone)[: len(span)]:
            raise NotOver(span)
        with self.ledger.database.write() as connection:
            if span in closed_spans(connection, site):
                raise PeriodClosed(span)
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
