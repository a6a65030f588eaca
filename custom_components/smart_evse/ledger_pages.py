"""How a page of the journal becomes part of the ledger, and back: runs in a thread, and needs a database library."""

from collections.abc import Mapping
from pathlib import Path

from .engine.model import ConnectorId
from .engine.sessions.opened import OpenSession
from .journal import Page, Position, state_of
from .ledger import Ledger, SessionsBook, Tip
from .records import plain


def open_ledger(file: Path, site: str, zone: str, last: Position) -> Ledger:
    """Open the file, made if there is none; `last` is the last record that we know of."""
    file.parent.mkdir(parents=True, exist_ok=True)
    known = (Tip(epoch=last.epoch, sequence=last.sequence, hash=last.hash),) if last.sequence else ()
    return Ledger.open(file, site, zone=zone, known=known)


def open_states(ledger: Ledger) -> Mapping[ConnectorId, OpenSession]:
    """Return how the sessions stood that ran when the ledger was written last."""
    known = SessionsBook(ledger).open_states().items()
    return {key: state for key, data in known if (state := state_of(data)) is not None}


def write_page(ledger: Ledger, page: Page) -> None:
    """Write a page, all of it or nothing; written once more it changes nothing."""
    book, state = SessionsBook(ledger), plain(page.state)
    if page.closed is None:
        book.save_open(page.state.connector, state, session=page.session, intervals=page.intervals)
    else:
        book.close_session(page.closed, page.intervals, state=state)
