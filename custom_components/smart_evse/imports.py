"""Sessions that a charger kept itself, put on record later: by an action, or by whoever reads a charger's log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, callback

from .booked_prices import BookedPrices
from .bookkeeping import Bookkeeper
from .engine.model import ConnectorId
from .engine.sessions.imported import Imported, LogEntry, imported
from .engine.sessions.model import Interval, Mark, SessionRecord
from .engine.sessions.timing import timed
from .journal import Journal
from .late_prices import Prices, priced
from .ledger import Ledger, SessionFilter, SessionsBook
from .ledger.errors import OnRecord
from .restoring import Kept, reconcile

_APART: Final = timedelta(days=2)
"""The clock of a charger is wrong by less. Beyond that the same register is another meter's, or one that was reset."""

WHY: Final = "log"
"""What is noted as the reason of a correction."""

_TOLD: Final = ("started", "ended", "driver", "vehicle", "card", "known_by", "marks")

_LONGEST: Final = timedelta(days=90)
"""No car stays longer at a charger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of log entries.

    So many added something, told the hours of what nobody saw, were on record, took nothing, or belong to a session
    that still runs: those are told again once it has ended. `sessions` are the new ones.
    """

    new: int = 0
    timed: int = 0
    known: int = 0
    empty: int = 0
    running: int = 0
    sessions: tuple[SessionRecord, ...] = ()


class Imports:
    """Takes in what the chargers of one site noted while nobody listened."""

    def __init__(self, hass: HomeAssistant, books: Bookkeeper, prices: BookedPrices, journal: Journal) -> None:
        self._hass = hass
        self._books = books
        self._prices = prices
        self._journal = journal

    async def async_take(self, entries: Iterable[LogEntry]) -> Taken:
        """Put on record what is not yet: told twice it changes nothing. `LedgerClosed` if that cannot be done now."""
        currency = self._hass.config.currency if self._prices.known else None
        told = [replace(entry, currency=entry.currency or currency) for entry in entries]
        if not told:
            return Taken()
        # What was followed and only waits to be written is known as well.
        await self._books.async_drain()
        states = self._journal.states.items()
        running = {key: state.started for key, state in states if state.active or state.left is not None}
        taken = await self._books.async_write(
            partial(_take, entries=told, running=running, prices=self._prices.between)
        )
        # At a connector where a session runs nothing was taken in.
        go_on(self._books, self._journal, taken.sessions, {})
        return taken


@callback
def go_on(books: Bookkeeper, journal: Journal, records: Iterable[SessionRecord], kept: Kept) -> None:
    """Let connectors go on after sessions that ended later than anything that was heard of them.

    Else what their registers show next would be counted once more. `kept` is what the ledger has of those that run.
    """
    heard = {key: (state.id, state.until) for key, state in journal.states.items()}
    later = [record for record in records if _is_news(record, heard)]
    if not later:
        return
    for page in reconcile(journal, later, kept):
        books.put(page)


def _is_news(record: SessionRecord, heard: Mapping[ConnectorId, tuple[str, datetime]]) -> bool:
    session, until = heard.get(record.connector, ("", None))
    return record.ended is not None and until is not None and (record.id == session or record.ended > until)


def _take(
    ledger: Ledger, *, entries: Sequence[LogEntry], running: Mapping[ConnectorId, datetime], prices: Prices
) -> Taken:
    book, taken = SessionsBook(ledger), Taken()
    known = _known(book, entries)
    idle = {key: state for key, state in book.open_states().items() if key not in running}
    for entry in sorted(entries, key=lambda entry: entry.started):
        begun = running.get(entry.connector)
        if begun is not None and entry.ended > begun:
            taken = replace(taken, running=taken.running + 1)
            continue
        if not round(entry.energy):
            taken = replace(taken, empty=taken.empty + 1)
            continue
        mine, added = known[entry.connector], []
        for found in imported(entry, [record for record in mine if _is_near(record, entry)]):
            one = _priced(found, prices)
            try:
                book.close_session(one.record, one.intervals, state=idle.get(entry.connector))
            except OnRecord:
                continue
            added.append(one.record)
        hours = _in_their_hours(book, entry, mine, prices)
        mine.extend(added)
        taken = replace(
            taken,
            new=taken.new + bool(added),
            timed=taken.timed + hours,
            known=taken.known + (not added and not hours),
            sessions=(*taken.sessions, *added),
        )
    return taken


def _in_their_hours(book: SessionsBook, entry: LogEntry, records: list[SessionRecord], prices: Prices) -> bool:
    """Correct the hours of sessions that nobody saw; says whether a log entry told any."""
    found = False
    for place, record in enumerate(records):
        if Mark.RECONSTRUCTED not in record.marks or record.ended is None or not _is_near(record, entry):
            continue
        intervals = book.intervals(record.id)
        if (told := timed(entry, record, intervals)) is None:
            continue
        instead = {key: tuple(_at_its_price(each, prices) for each in parts) for key, parts in told.instead.items()}
        flowed = [each for key, one in enumerate(intervals) for each in instead.get(key, (one,))]
        marks = (told.record.marks - {Mark.PROVISIONAL}).union(*(each.marks for each in flowed))
        after = replace(told.record, marks=marks)
        changes = {name: value for name in _TOLD if (value := getattr(after, name)) != getattr(record, name)}
        records[place] = book.correct(record.id, changes, None, WHY, instead=instead)
        found = True
    return found


def _at_its_price(interval: Interval, prices: Prices) -> Interval:
    """Return an interval at the price of its own hours; at the one it had where that is known no more."""
    told = priced(replace(interval, import_price=None, export_price=None), prices)
    if Mark.PROVISIONAL not in told.marks or interval.import_price is None:
        return told
    return replace(interval, marks=interval.marks - {Mark.PROVISIONAL})


def _known(book: SessionsBook, entries: Sequence[LogEntry]) -> dict[ConnectorId, list[SessionRecord]]:
    since = min(entry.started for entry in entries) - _LONGEST
    until = max(entry.ended for entry in entries) + _APART
    return {
        connector: list(book.sessions(SessionFilter(connector=connector, since=since, until=until)))
        for connector in {entry.connector for entry in entries}
    }


def _is_near(record: SessionRecord, entry: LogEntry) -> bool:
    ended = record.ended or record.started
    return record.started < entry.ended + _APART and ended > entry.started - _APART


def _priced(found: Imported, prices: Prices) -> Imported:
    """Add the prices that are known; others come when they are."""
    intervals = tuple(priced(interval, prices) for interval in found.intervals)
    marks = (found.record.marks - {Mark.PROVISIONAL}).union(*(interval.marks for interval in intervals))
    return Imported(record=replace(found.record, marks=marks), intervals=intervals)
