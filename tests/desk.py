"""A ledger to test with: a real file, read and written at once and in the same thread."""

from collections.abc import Callable
from pathlib import Path

from custom_components.smart_evse.engine.access.model import Card, Driver, Guest
from custom_components.smart_evse.ledger import Ledger
from custom_components.smart_evse.people_pages import put
from tests.home import Site


class OpenBooks:
    """The books of one site."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    async def async_read[T](self, work: Callable[[Ledger], T]) -> T:
        return work(self.ledger)

    async def async_write[T](self, work: Callable[[Ledger], T]) -> T:
        return work(self.ledger)


async def open_books(site: Site, folder: Path, *parties: Driver | Card | Guest) -> OpenBooks:
    """Open a site's ledger with these people in it."""
    books = OpenBooks(Ledger.open(folder / "ledger.db", site.entry.entry_id))
    put(books.ledger, *parties)
    await site.coordinator.access.async_open(books)
    await site.settle()
    return books
