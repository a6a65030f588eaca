"""The one who writes: all that a site puts on record goes through here, one thing after the other, in a thread.

The ledger is a file beside Home Assistant's own, one for all sites of this Home Assistant. Whatever is wrong with it,
charging goes on: what could not be written waits, in memory and in the site's journal, and is written when it can be.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .journal import SOON, Journal, Page, Position
from .ledger import Ledger, Tip
from .ledger.errors import OnRecord
from .ledger_pages import Standing, checkpointed, is_out_of_order, open_ledger, standing, write_page
from .standstill import Standstill

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
    """Keeps one site's part of the ledger. `trouble` says why it cannot be used, `None` while it can.

    `came_back` says that since the start it turned out to be an older state of itself, from a backup.
    """

    def __init__(self, hass: HomeAssistant, site: str, journal: Journal) -> None:
        self.site = site
        self.file = Path(hass.config.path(str(FILE)))
        self.trouble: str | None = None
        self.came_back = False
        self._hass = hass
        self._journal = journal
        self._ledger: Ledger | None = None
        self._opening: asyncio.Future[Ledger] | None = None
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._at_work: Page | None = None
        self._standstill = Standstill(hass, self._turn, self.release)
        self._closed = False
        self._writing: asyncio.Future[Tip] | None = None
        self._at_the_file: set[asyncio.Future[Any]] = set()
        self._listeners: list[Callable[[], None]] = []

    async def async_open(self) -> Standing | None:
        """Open the ledger, and return how it knows the sessions that ran; `None` where it cannot be opened."""
        opening = self._hass.async_create_background_task(self._try(standing), f"{DOMAIN} {self.site} ledger")
        await asyncio.wait([opening], timeout=_PATIENCE)
        return opening.result() if opening.done() else None

    async def async_read[T](self, work: Callable[[Ledger], T]) -> T:
        """Return what `work` finds in the ledger, in a thread; `LedgerClosed` when it cannot be read."""
        result = await self._do(work)
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
            while self._journal.waiting:
                page = self._journal.waiting[0]
                if not await self._write(page):
                    return
                self._journal.waiting.remove(page)
                closed = closed or page.closed is not None
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

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Let nobody else write meanwhile."""
        async with self._turn:
            yield

    async def async_meet(self, tip: Tip) -> bool:
        """Go on in an epoch of its own if a replica has a record of this site that was lost here; says whether so.

        Whoever calls it has the `turn`.
        """
        if not tip.sequence:
            return False
        known = Position(epoch=tip.epoch, sequence=tip.sequence, hash=tip.hash)
        zone = self._hass.config.time_zone

        def meet(ledger: Ledger) -> bool:
            before = ledger.tip
            open_ledger(self.file, self.site, zone, known).close()
            return ledger.tip != before

        met = await self._do(meet)
        self.came_back = self.came_back or met
        await self._remember()
        return met

    async def async_hold(self) -> None:
        """Write nothing more until `release`: the file is being copied."""
        await self._standstill.async_begin()

    @callback
    def release(self) -> None:
        """Go on writing after `async_hold`."""
        if self._standstill.end():
            self._wake.set()

    async def async_checkpoint(self, *, copying: bool) -> bool:
        """Bring everything into the one file, as a copy of itself or not; says whether that worked."""
        return await self._try(lambda ledger: checkpointed(ledger, copying=copying)) is not None

    async def async_close(self) -> None:
        """Write what waits, and let go of the file."""
        self.release()
        await self.async_drain()
        # Nobody who comes late opens it again.
        self._closed = True
        if self._at_the_file:
            await asyncio.wait(self._at_the_file)
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            await self._hass.async_add_executor_job(ledger.close)

    async def _do[T](self, work: Callable[[Ledger], T]) -> T:
        ledger = await self._opened()
        try:
            return await asyncio.shield(self._in_thread(work, ledger))
        except Exception as err:
            if not is_out_of_order(err):
                raise
            raise self._out_of_order(err) from err

    async def _write(self, page: Page) -> bool:
        """Write a page; says whether it is settled. Who is told to stop meanwhile leaves the thread to its work."""
        self._at_work = page
        try:
            if self._writing is not None:
                await asyncio.wait([self._writing])
            ledger = await self._opened()
            self._writing = self._in_thread(_written, ledger, page)
            # Known before it waits no more: whoever sees nothing waiting sees what is on record.
            self._keep_tip(await asyncio.shield(self._writing))
        except LedgerClosed:
            return False
        except OnRecord as err:
            _LOGGER.warning("What is on record of a session stands: %s", err)
        except Exception as err:
            if is_out_of_order(err):
                self._out_of_order(err)
                return False
            _LOGGER.exception("A session could not be put on record")
            self._journal.refused.append(replace(page, refused=True))
        else:
            self._in_order()
        finally:
            self._at_work = None
        return True

    async def _opened(self) -> Ledger:
        if self._closed:
            raise LedgerClosed("its site has ended")
        if self._opening is not None:
            # A disk that hangs must not make everybody hang who only wants to look.
            raise LedgerClosed("it is being opened")
        if self._ledger is not None:
            return self._ledger
        zone, tip = self._hass.config.time_zone, self._journal.tip
        self._opening = self._in_thread(open_ledger, self.file, self.site, zone, tip)
        self._opening.add_done_callback(self._keep)
        try:
            return await asyncio.shield(self._opening)
        except Exception as err:
            if not is_out_of_order(err):
                _LOGGER.exception("The ledger cannot be opened")
            raise self._out_of_order(err) from err

    @callback
    def _keep(self, opening: asyncio.Future[Ledger]) -> None:
        self._opening = None
        if not opening.cancelled() and opening.exception() is None:
            self._ledger = opening.result()
            opened = self._ledger.opened
            self.came_back = self.came_back or (opened is not None and opened.restored)

    def _in_thread[*Ts, T](self, work: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Start work on the file. Whoever waits for it shields it: a thread cannot be told to stop."""
        job = self._hass.async_add_executor_job(work, *args)
        self._at_the_file.add(job)
        job.add_done_callback(self._at_the_file.discard)
        return job

    async def _remember(self) -> None:
        tip = await self._try(_tip)
        if tip is not None:
            self._keep_tip(tip)

    @callback
    def _keep_tip(self, tip: Tip) -> None:
        """Keep outside of the file which record is its last."""
        known = Position(epoch=tip.epoch, sequence=tip.sequence, hash=tip.hash)
        if known != self._journal.tip:
            self._journal.tip = known
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


def _written(ledger: Ledger, page: Page) -> Tip:
    write_page(ledger, page)
    return ledger.tip


def _tip(ledger: Ledger) -> Tip:
    return ledger.tip
