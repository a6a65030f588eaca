"""Reading a site's ledger in tests: the real file, as somebody else would who opens it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from custom_components.smart_evse.engine.sessions.model import Interval, SessionRecord
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from tests.home import Site

type Told = list[tuple[SessionRecord, tuple[Interval, ...]]]

_PATIENCE = 20.0


def ledger_file(site: Site) -> Path:
    return Path(site.hass.config.path("smart_evse/ledger.db"))


async def read[T](site: Site, look: Callable[[SessionsBook], T]) -> T:
    """Look something up in the file."""

    def open_and_look() -> T:
        ledger = Ledger.open(ledger_file(site), site.entry.entry_id)
        try:
            return look(SessionsBook(ledger))
        finally:
            ledger.close()

    return await site.hass.async_add_executor_job(open_and_look)


async def on_record(site: Site, true: Callable[[Told], bool] = bool) -> Told:
    """Return the sessions on record with their intervals, the first first, once that is true of them."""

    def look(book: SessionsBook) -> Told:
        return [(record, book.intervals(record.id)) for record in reversed(book.sessions())]

    found: Told = []
    try:
        async with asyncio.timeout(_PATIENCE):
            while not true(found):
                # What writes it is a thread.
                await site.settle()
                found = await read(site, look)
    except TimeoutError:
        pytest.fail(f"it does not become so: {found}")
    return found


async def until(site: Site, true: Callable[[], bool]) -> None:
    """Wait until a thread has done its work, and not a moment longer."""
    async with asyncio.timeout(_PATIENCE):
        while not true():  # noqa: ASYNC110 - what is waited for is in another thread
            await asyncio.sleep(0.01)
    await site.settle()
