"""The one who writes: all that a site puts on record goes through here, one thing after the other, in a thread.

The ledger is a file beside Home Assistant's own, one for all sites of this Home Assistant. Whatever is wrong with it,
charging goes on: what could not be written waits, in memory and in the site's journal, and is written when it can be.
"""

import asyncio
from collections.abc import Callable
from importlib import import_module
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .journal import SOON, Journal, Page, Position

if TYPE_CHECKING:
    from .ledger import Ledger, SessionsBook, Tip
    from .ledger_pages import Standing

_LOGGER = logging.getLogger(__name__)

FILE: Final = Path("smart_evse") / "ledger.db"
"""Where the ledger is in the configuration folder."""

_PATIENCE = 30.0
"""How long the start of a site waits for its ledger, in s; after that it is opened beside everything else."""


class LedgerClosed(HomeAssistantError):
    """The ledger cannot be read or written now."""

    def __init__(self, why: str) -> None:
        super().__init__(
            why, translation_domain=DOMAIN, translation_key="ledger_closed", translation_placeholders={"error": why}
        )


class Bookkeeper:
    """Keeps one site's part of the ledger. `trouble` says why it cannot be used, `None` while it can."""

    def __init__(self, hass: HomeAssistant, site: str, journal: Journal) -> None:
        self.site = site
        self.file = Path(hass.config.path(str(FILE)))
        self.trouble: str | None = None
        self.book: SessionsBook | None = None
        self._hass = hass
        self._journal = journal
        self._ledger: Ledger | None = None
        self._opening = asyncio.Lock()
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._at_work: Page | None = None
        self._jobs: set[asyncio.Future[Any]] = set()
        self._listeners: list[Callable[[], None]] = []

    async def async_open(self) -> Standing | None:
        """Open the ledger, and return how it knows the sessions that ran; `None` where it cannot be opened."""
        opening = self._hass.async_create_background_task(self._try(_standing), f"{DOMAIN} {self.site} ledger")
        await asyncio.wait([opening], timeout=_PATIENCE)
        return opening.result() if opening.done() else None

    async def async_read[T](self, work: Callable[[Ledger], T]) -> T:
        """Return what `work` finds in the ledger, in a thread; `LedgerClosed` when it cannot be read."""
        ledger = await self._opened()
        try:
            result = await asyncio.shield(self._in_thread(work, ledger))
        except Exception as err:
            if not _is_out_of_order(err):
                raise
            raise self._out_of_order(err) from err
        if not self._journal.waiting:
            self._in_order()
        return result

    async def async_write[T](self, work: Callable[[Ledger], T]) -> T:
        """Let `work` put something on record when it is its turn, and return what it returns."""
        async with self._turn:
            result = await self.async_read(work)
            await self._remember()
        self.tell()
        return result

    @callback
    def put(self, page: Page) -> None:
        """Have a page written soon, in the place of those that it says all of."""
        connector = page.state.connector
        self._journal.waiting = [
            before
            for before in self._journal.waiting
            if before is self._at_work or not before.is_only_state or before.state.connector != connector
        ]
        self._journal.waiting.append(page)
        self._journal.save_within(SOON)
        self._wake.set()

    async def run(self) -> None:
        """Write whatever waits, whenever there is something."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.async_drain()

    async def async_drain(self) -> None:
        """Write all that waits; what cannot be written goes on waiting."""
        closed = False
        async with self._turn:
            if self._jobs:
                # Whoever waited for them is gone, they are not.
                await asyncio.wait(tuple(self._jobs))
            while self._journal.waiting:
                page = self._journal.waiting[0]
                if not await self._write(page):
                    return
                self._journal.waiting.remove(page)
                closed = closed or page.closed is not None
            if closed:
                await self._remember()
        if closed:
            self.tell()

    @callback
    def try_again(self) -> None:
        """Look whether a ledger that could not be used can be used by now."""
        if self._journal.waiting:
            self._wake.set()
        elif self.trouble is not None:
            self._hass.async_create_background_task(self._try(_tip), f"{DOMAIN} {self.site} ledger")

    @callback
    def tell(self) -> None:
        """Call everybody who listens: something else is on record."""
        for changed in tuple(self._listeners):
            changed()

    @callback
    def async_listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` whenever something new is on record; returns how to stop."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    async def async_hold(self, *, copying: bool) -> None:
        """Write nothing more until `release`: a backup copies the file. `copying` marks what it copies as a copy."""
        await self._turn.acquire()
        if copying:
            await self._try(lambda ledger: ledger.checkpoint(copying=True))

    async def async_release(self, *, copying: bool) -> None:
        """Go on writing after `async_hold`."""
        if not self._turn.locked():
            return
        if copying:
            await self._try(lambda ledger: ledger.checkpoint())
        self._turn.release()
        self._wake.set()

    async def async_close(self) -> None:
        """Write what waits, and let go of the file."""
        await self.async_drain()
        ledger, self._ledger, self.book = self._ledger, None, None
        if ledger is not None:
            await self._hass.async_add_executor_job(ledger.close)

    def _in_thread[T](self, work: Callable[[Ledger], T], ledger: Ledger) -> asyncio.Future[T]:
        job = self._hass.async_add_executor_job(work, ledger)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return job

    async def _write(self, page: Page) -> bool:
        self._at_work = page
        try:
            await self.async_read(lambda ledger: _write(ledger, page))
        except LedgerClosed:
            return False
        except Exception as err:
            _LOGGER.exception("A session could not be put on record")
            if not _is_on_record(err):
                self._journal.refused.append(page)
        else:
            self._in_order()
        finally:
            self._at_work = None
        return True

    async def _opened(self) -> Ledger:
        async with self._opening:
            if self._ledger is None:
                zone, tip = self._hass.config.time_zone, self._journal.tip
                try:
                    await self._hass.async_add_import_executor_job(_load)
                    book = await self._hass.async_add_executor_job(_open, self.file, self.site, zone, tip)
                except Exception as err:
                    if not _is_out_of_order(err):
                        _LOGGER.exception("The ledger cannot be opened")
                    raise self._out_of_order(err) from err
                self.book, self._ledger = book, book.ledger
            return self._ledger

    async def _remember(self) -> None:
        """Keep outside of the file which record is its last."""
        tip = await self._try(_tip)
        if tip is not None:
            self._journal.tip = Position(epoch=tip.epoch, sequence=tip.sequence, hash=tip.hash)
            self._journal.save_within(SOON)

    async def _try[T](self, work: Callable[[Ledger], T]) -> T | None:
        try:
            return await self.async_read(work)
        except LedgerClosed:
            return None

    def _out_of_order(self, err: Exception) -> LedgerClosed:
        if self.trouble is None:
            _LOGGER.warning("The ledger cannot be used, what goes on record waits: %s", err)
        self.trouble = str(err)
        return LedgerClosed(self.trouble)

    def _in_order(self) -> None:
        if self.trouble is not None:
            _LOGGER.info("The ledger can be used again")
            self.trouble = None


def _is_out_of_order(err: Exception) -> bool:
    """Say whether the ledger itself cannot be used, whatever was asked of it."""
    if isinstance(err, OSError | ImportError):
        return True
    from .ledger.errors import DriverMissing, NewerSchema, Unreadable  # noqa: PLC0415

    return isinstance(err, Unreadable | NewerSchema | DriverMissing)


def _is_on_record(err: Exception) -> bool:
    """Say whether there is something else on record in its place: that stands."""
    from .ledger.errors import OnRecord  # noqa: PLC0415

    return isinstance(err, OnRecord)


def _load() -> None:
    """Import what a ledger needs: that takes a while, and where it is missing everything else works."""
    import_module(f"{__package__}.ledger_pages")


def _open(file: Path, site: str, zone: str, tip: Position) -> SessionsBook:
    from .ledger_pages import open_book  # noqa: PLC0415

    return open_book(file, site, zone, tip)


def _tip(ledger: Ledger) -> Tip:
    return ledger.tip


def _standing(ledger: Ledger) -> Standing:
    from .ledger_pages import standing  # noqa: PLC0415

    return standing(ledger)


def _write(ledger: Ledger, page: Page) -> None:
    from .ledger_pages import write_page  # noqa: PLC0415

    write_page(ledger, page)
