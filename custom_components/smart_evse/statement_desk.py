"""Where statements are looked at in advance, put on record, paid and cancelled: whoever does so comes through here."""

from dataclasses import replace

from homeassistant.util import dt as dt_util

from .all_sites import Search
from .coordinator import SiteCoordinator
from .engine.statements.credit import CREDIT_NOTE, credit_note, needs_credit_note
from .engine.statements.errors import IllegalStep
from .engine.statements.model import StatementState
from .engine.statements.states import EventKind, Standing, StatementEvent
from .errors import said_wrong
from .ledger import Ledger, StatementsBook
from .ledger.chain import Kind
from .ledger.errors import Claimed
from .ledger.statement_rows import told_of
from .ledger.statements import StatementOnRecord
from .parties import numbering_of
from .session_desk import async_drivers
from .statement_ask import Ask
from .statement_making import Draft, Maker, found_in


async def async_preview(site: SiteCoordinator, ask: Ask, search: Search | None = None) -> Draft:
    """Return what a statement would be, also where something is missing: nothing is kept, no number is taken.

    With a `search` it is over all places where that looks.
    """
    lenient = replace(ask, provisional=True, incomplete=True)
    with said_wrong(site.hass):
        maker = await _async_maker(site, lenient, search)
        draft = await site.sessions.books.async_read(maker.draft)
        try:
            await _async_unclaimed(search, draft)
        except Claimed as err:
            draft = replace(draft, claimed=err.number or err.statement)
        return draft


async def async_issue(site: SiteCoordinator, ask: Ask, search: Search | None = None) -> StatementOnRecord:
    """Make a statement and put it on record, with the next number; asked for with an `id`, only once.

    With a `search` it is over all places where that looks.
    """
    with said_wrong(site.hass):
        maker = await _async_maker(site, ask, search)
        if search is not None and search.replica is not None and not ask.again:
            await _async_unclaimed(search, await site.sessions.books.async_read(maker.draft))
        return await site.sessions.books.async_write(maker.issue)


async def _async_maker(site: SiteCoordinator, ask: Ask, search: Search | None) -> Maker:
    """Return who makes it, with what other sites bring to it."""
    drivers = await async_drivers(site)
    # What was followed and is not written yet belongs to it, and nothing may be followed before the maker looks.
    for one in (site,) if search is None else search.sites:
        await one.sessions.books.async_drain()
    maker = Maker(site, ask, drivers, search)
    if search is not None:
        maker.elsewhere = [found async for found in search.others.each(lambda book, _: maker.taken(book.ledger))]
    return maker


async def _async_unclaimed(search: Search | None, draft: Draft) -> None:
    if search is not None:
        await search.claimed(draft.statement)


async def async_book(site: SiteCoordinator, event: StatementEvent) -> Standing:
    """Put on record what happened to a statement, and return how it stands. Told once more it changes nothing."""
    with said_wrong(site.hass):
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
        books.issue(note, numbering_of(site.config_entry, issuer, today.year), prefix=prefix, at=now)
        return found_in(books, note.id)

    with said_wrong(site.hass):
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
