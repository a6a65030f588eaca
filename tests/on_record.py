"""Reading a site's ledger in tests: the real file, as somebody else would who opens it."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from custom_components.smart_evse.engine.sessions.model import Interval, SessionRecord
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from tests.home import Site

type Told = list[tuple[SessionRecord, tuple[Interval, ...]]]

_LOOKS = 3000


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
    for _ in range(_LOOKS):
        found = await read(site, look)
        if true(found):
            return found
        await pause(site)
    pytest.fail(f"it does not become so: {found}")


async def until(site: Site, true: Callable[[], bool]) -> None:
    """Wait until a thread has done its work, and not a moment longer."""
    for _ in range(_LOOKS):
        if true():
            return
        await pause(site)
    pytest.fail("it does not become so")


async def pause(site: Site) -> None:
    """Let threads work for a moment: they know nothing of the time that stands still."""
    await site.hass.async_add_executor_job(Event().wait, 0.01)
    await site.settle()
