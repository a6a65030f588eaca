"""How a page of the journal becomes part of the ledger, and back: runs in a thread."""

from dataclasses import dataclass, field
from pathlib import Path

from .engine.model import ConnectorId
from .engine.sessions.model import SessionRecord
from .engine.sessions.opened import OpenSession
from .journal import Page, Position, state_of
from .ledger import Ledger, LedgerError, SessionsBook, Tip
from .ledger.errors import DriverMissing, NewerSchema, OnRecord, Refused, Unreadable
from .ledger.outbox import Outbox, Replica
from .ledger.receiving import noted
from .ledger.settling import settle
from .records import plain
from .restoring import Kept

_NUMBER = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the sessions stood when the ledger was written last, and the last page of each connector."""

    states: dict[ConnectorId, OpenSession] = field(default_factory=dict)
    numbers: dict[ConnectorId, int] = field(default_factory=dict)


def open_ledger(file: Path, site: str, zone: str, last: Position) -> Ledger:
    """Open the file, made if there is none; `last` is the last record that we know of."""
    file.parent.mkdir(parents=True, exist_ok=True)
    known = (Tip(epoch=last.epoch, sequence=last.sequence, hash=last.hash),) if last.sequence else ()
    return Ledger.open(file, site, zone=zone, known=known)


def is_out_of_order(err: Exception) -> bool:
    """Say whether the ledger itself cannot be used, whatever was asked of it."""
    return isinstance(err, OSError | Unreadable | NewerSchema | DriverMissing) and not isinstance(err, Refused)


def checkpointed(ledger: Ledger, *, copying: bool) -> bool:
    """Bring everything into the one file, as a copy of itself or not."""
    ledger.checkpoint(copying=copying)
    return True


def standing(ledger: Ledger) -> Standing:
    """Return how the sessions stood."""
    known = SessionsBook(ledger).open_states()
    states = ((key, state_of(data)) for key, data in known.items())
    return Standing(
        states={key: state for key, state in states if state is not None},
        numbers={key: int(data.get(_NUMBER, 0)) for key, data in known.items()},
    )


def write_page(ledger: Ledger, page: Page) -> None:
    """Write a page, all of it or nothing; one that was written before is left out."""
    book, connector = SessionsBook(ledger), page.state.connector
    if standing(ledger).numbers.get(connector, 0) >= page.number:
        if page.refused:
            _write_late(book, page)
        return
    book.forget_open(page.forget)
    state = {**plain(page.state), _NUMBER: page.number}
    if page.closed is None:
        book.save_open(connector, state, session=page.session, intervals=page.intervals)
    else:
        book.close_session(page.closed, page.intervals, state=state)


def _write_late(book: SessionsBook, page: Page) -> None:
    """Write what was refused before: how the connector stands by now is left as it is."""
    if page.closed is not None:
        book.close_session(page.closed, page.intervals, state=book.open_states()[page.state.connector])
    elif page.session is not None:
        if (known := book.session(page.session)) is not None and known.ended is not None:
            raise OnRecord(page.session)
        kept = book.intervals(page.session)
        book.add_intervals(page.session, [each for each in page.intervals if each not in kept])


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came of bringing records to a replica: how many were `seen`, how many wait, which one is another there.

    `sessions` are all on record once something was taken back, and `kept` the finished intervals of those that run.
    `error` is the replica's, not the ledger's.
    """

    seen: int = 0
    sessions: tuple[SessionRecord, ...] = ()
    kept: Kept = field(default_factory=dict)
    waiting: int | None = None
    conflict: str | None = None
    error: LedgerError | None = None


def bring(ledger: Ledger, *, replica: Replica, most: int) -> Delivered:
    """Bring what waits to a replica, at most so many records."""
    outbox = Outbox(ledger, replica)
    try:
        received = outbox.upload(most=most)
        waiting = outbox.waiting()
    except LedgerError as err:
        return Delivered(error=err)
    with ledger.database.read() as connection:
        first = next(iter((*received.conflicts, *noted(connection, ledger.site))), None)
    told = None if first is None else f"{first.epoch}/{first.sequence}"
    return Delivered(seen=received.seen, waiting=waiting, conflict=told)


def take_back(ledger: Ledger, *, replica: Replica) -> Delivered:
    """Take back from a replica what a restored backup has lost."""
    outbox = Outbox(ledger, replica)
    try:
        epochs = outbox.missing_epochs()
        seen = outbox.recover().seen
    except LedgerError as err:
        return Delivered(error=err)
    told = settle(ledger, epochs)
    return Delivered(seen=seen, sessions=told, kept=SessionsBook(ledger).open_intervals())
