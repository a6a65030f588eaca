"""Where statements are looked at in advance, put on record, paid and cancelled: whoever does so comes through here."""

from dataclasses import replace

from homeassistant.util import dt as dt_util

from .coordinator import SiteCoordinator
from .engine.statements.credit import CREDIT_NOTE, credit_note, needs_credit_note
from .engine.statements.errors import IllegalStep
from .engine.statements.model import StatementState
from .engine.statements.states import EventKind, Standing, StatementEvent
from .errors import said_wrong
from .ledger import Ledger, Numbering, StatementsBook
from .ledger.chain import Kind
from .ledger.statement_rows import told_of
from .ledger.statements import StatementOnRecord
from .session_desk import async_drivers
from .statement_ask import Ask
from .statement_making import Draft, Maker, found_in


async def async_preview(site: SiteCoordinator, ask: Ask) -> Draft:
    """Return what a statement would be, also where something is missing: nothing is kept, no number is taken."""
    lenient = replace(ask, provisional=True, incomplete=True)
    with said_wrong():
        maker = Maker(site, lenient, await async_drivers(site))
        return await site.sessions.books.async_read(maker.draft)


async def async_issue(site: SiteCoordinator, ask: Ask) -> StatementOnRecord:
    """Make a statement and put it on record, with the next number; asked for with an `id`, only once."""
    # What was followed and is not written yet belongs to it.
    await site.sessions.books.async_drain()
    with said_wrong():
        maker = Maker(site, ask, await async_drivers(site))
        return await site.sessions.books.async_write(maker.issue)


async def async_book(site: SiteCoordinator, event: StatementEvent) -> Standing:
    """Put on record what happened to a statement, and return how it stands. Told once more it changes nothing."""
    with said_wrong():
        return await site.sessions.books.async_write(lambda ledger: StatementsBook(ledger).book(event))


async def async_cancel(site: SiteCoordinator, statement: str, by: str | None) -> StatementOnRecord | None:
    """Cancel a statement, and return the credit note that this takes where it is an invoice with a number."""
    now, today = dt_util.utcnow(), dt_util.now().date()

    def cancel(ledger: Ledger) -> StatementOnRecord | None:
        books = StatementsBook(ledger)
        before = found_in(books, statement)
        if before.standing.state is StatementState.CANCELLED:
            raise IllegalStep(before.standing.state, EventKind.CANCELLED)
        if before.statement.corrects is not None:
            # What it takes back stays taken back: whoever wants that again makes it anew.
            raise IllegalStep(CREDIT_NOTE, EventKind.CANCELLED)
        if not needs_credit_note(before.statement):
            books.book(StatementEvent(statement=statement, kind=EventKind.CANCELLED, at=now, by=by))
            return None
        note = credit_note(before.statement, id=f"{statement}-c", made_on=today)
        issuer, prefix = _numbered(ledger, statement)
        books.issue(note, Numbering(issuer=issuer, year=today.year), prefix=prefix, at=now)
        return found_in(books, note.id)

    with said_wrong():
        return await site.sessions.books.async_write(cancel)


async def async_statement(site: SiteCoordinator, named: str) -> StatementOnRecord | None:
    """Return a statement on record, by its id or its number; `None` where nobody knows which one is meant."""

    def look(ledger: Ledger) -> StatementOnRecord | None:
        books = StatementsBook(ledger)
        if (found := books.statement(named)) is not None:
            return found
        numbered = [each.id for each in books.statements() if each.number == named]
        return books.statement(numbered[0]) if len(numbered) == 1 else None

    return await site.sessions.books.async_read(look)


def _numbered(ledger: Ledger, statement: str) -> tuple[str, str]:
    """Return whose numbers a statement took, and what stands before them: its credit note goes on with those."""
    with ledger.database.read() as connection:
        told = told_of(connection, ledger.site, statement)
    body = next(record.read() for record in told if record.kind == Kind.STATEMENT)
    return body["issuer"], body["prefix"]
