"""The one who writes: all that a site puts on record goes through here, one thing after the other, in a thread.

The ledger is a file beside Home Assistant's own, one for all sites of this Home Assistant. Whatever is wrong with it,
charging goes on: what could not be written waits, in memory and in the site's journal, and is written when it can be.
"""

import asyncio
from collections.abc import Callable, Mapping
from importlib import import_module
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .engine.model import ConnectorId
from .engine.sessions.opened import OpenSession
from .journal import SOON, Journal, Page, Position

if TYPE_CHECKING:
    from .ledger import Ledger

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
        self._hass = hass
        self._journal = journal
        self._ledger: Ledger | None = None
        self._opening = asyncio.Lock()
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    async def async_open(self) -> Mapping[ConnectorId, OpenSession]:
        """Open the ledger, and return how it knows the sessions that run; none where it cannot be opened."""
        opening = self._hass.async_create_background_task(self._try(_open_states), f"{DOMAIN} {self.site} ledger")
        await asyncio.wait([opening], timeout=_PATIENCE)
        return opening.result() or {} if opening.done() else {}

    async def async_read[T](self, work: Callable[[Ledger], T]) -> T:
        """Return what `work` finds in the ledger, in a thread; `LedgerClosed` when it cannot be read."""
        ledger = await self._opened()
        try:
            result = await self._hass.async_add_executor_job(work, ledger)
        except Exception as err:
            if not _is_out_of_order(err):
                raise
            raise self._out_of_order(err) from err
        self._in_order()
        return result

    async def async_write[T](self, work: Callable[[Ledger], T]) -> T:
        """Let `work` put something on record when it is its turn, and return what it returns."""
        async with self._turn:
            result = await self.async_read(work)
            await self._remember()
        self._tell()
        return result

    @callback
    def put(self, page: Page) -> None:
        """Have a page written soon. What was not written yet of the same session goes with it."""
        waiting, connector = self._journal.waiting, page.state.connector
        for index, before in enumerate(waiting):
            if before.state.connector == connector and before.closed is None and before.session == page.session:
                waiting[index] = Page(
                    state=page.state,
                    session=page.session,
                    intervals=(*before.intervals, *page.intervals),
                    closed=page.closed,
                )
                break
        else:
            waiting.append(page)
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
        waiting, closed = self._journal.waiting, False
        async with self._turn:
            while waiting:
                page = waiting[0]
                if not await self._write(page):
                    return
                # While it was written more may have been added to it: then it is not done.
                if waiting[0] is page:
                    waiting.pop(0)
                    closed = closed or page.closed is not None
            if closed:
                await self._remember()
        if closed:
            self._tell()

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
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            await self._hass.async_add_executor_job(ledger.close)

    async def _write(self, page: Page) -> bool:
        try:
            await self.async_read(lambda ledger: _write(ledger, page))
        except LedgerClosed:
            return False
        except Exception as err:
            _LOGGER.exception("A session could not be put on record")
            if not _is_on_record(err):
                self._journal.refused.append(page)
        return True

    async def _opened(self) -> Ledger:
        async with self._opening:
            if self._ledger is None:
                zone, tip = self._hass.config.time_zone, self._journal.tip
                try:
                    await self._hass.async_add_import_executor_job(_load)
                    self._ledger = await self._hass.async_add_executor_job(_open, self.file, self.site, zone, tip)
                except Exception as err:
                    if not _is_out_of_order(err):
                        _LOGGER.exception("The ledger cannot be opened")
                    raise self._out_of_order(err) from err
            return self._ledger

    async def _remember(self) -> None:
        """Keep outside of the file which record is its last."""
        tip = await self._try(lambda ledger: ledger.tip)
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
            self._wake.set()

    def _tell(self) -> None:
        for changed in tuple(self._listeners):
            changed()


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


def _open(file: Path, site: str, zone: str, tip: Position) -> Ledger:
    from .ledger_pages import open_ledger  # noqa: PLC0415

    return open_ledger(file, site, zone, tip)


def _open_states(ledger: Ledger) -> Mapping[ConnectorId, OpenSession]:
    from .ledger_pages import open_states  # noqa: PLC0415

    return open_states(ledger)


def _write(ledger: Ledger, page: Page) -> None:
    from .ledger_pages import write_page  # noqa: PLC0415

    write_page(ledger, page)
