"""Brings what is on record into the database that the owner chose, whenever that can be reached."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.requirements import async_process_requirements
from homeassistant.util import dt as dt_util

from .bookkeeping import Bookkeeper, LedgerClosed
from .const import CONF_REPLICA_URL, DOMAIN
from .journal import Journal
from .ledger.database import POSTGRESQL
from .ledger.errors import LedgerError
from .ledger.outbox import Replica
from .ledger_pages import Delivered, bring, take_back
from .restoring import reconcile

_LOGGER = logging.getLogger(__name__)

PATIENCE: Final = timedelta(days=3)
"""A database that is away for longer deserves a word."""

_FIRST = 10.0
"""How long after a failure it is tried again at first, in s; each time twice as long."""

_LONGEST = 900.0
_HELLO = 60.0
"""How long a database may take to answer at all, its library to be installed included, in s."""

_AT_ONCE = 500
"""So many records go in one step: in between others may use the ledger."""


class Replication:
    """The outbox of one site. `since` is when the database was last reached, or when we began to try."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], books: Bookkeeper, journal: Journal) -> None:
        self._hass = hass
        self._entry = entry
        self._books = books
        self._journal = journal
        self._url: str | None = entry.options.get(CONF_REPLICA_URL)
        self._replica: Replica | None = None
        self._tried = False
        self._news = asyncio.Event()
        self.since: datetime = dt_util.utcnow()
        self.waiting: int | None = None
        self.conflict: str | None = None
        self.is_lost = False

    @property
    def is_overdue(self) -> bool:
        """Whether nothing could be brought for so long that somebody should know."""
        return self.is_lost and dt_util.utcnow() - self.since > PATIENCE

    @callback
    def start(self) -> None:
        """Begin to bring records, where there is a database to bring them to."""
        if self._url:
            self._entry.async_on_unload(self._books.async_listen(self._news.set))
            name = f"{DOMAIN} {self._entry.title} replication"
            self._entry.async_create_background_task(self._hass, self._run(self._url), name)

    async def _run(self, url: str) -> None:
        pause = _FIRST
        try:
            while True:
                self._news.clear()
                if await self._bring(url):
                    pause = _FIRST
                    await self._news.wait()
                else:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST)
        finally:
            await self._let_go()

    async def _bring(self, url: str) -> bool:
        """Bring all that waits; says whether that worked."""
        try:
            replica = self._replica or await self._connect(url)
            more = True
            while more:
                done = await self._books.async_read(partial(bring, replica=replica, most=_AT_ONCE))
                more = self._took(done)
        except (LedgerClosed, LedgerError, HomeAssistantError, TimeoutError) as err:
            self._failed(err)
            await self._let_go()
            return False
        except Exception:
            _LOGGER.exception("The records of %s could not be brought to its database", self._entry.title)
            self.is_lost = True
            await self._let_go()
            return False
        if self.is_lost:
            _LOGGER.info("The database of %s can be reached again", self._entry.title)
        self.is_lost, self.since = False, dt_util.utcnow()
        return True

    async def _connect(self, url: str) -> Replica:
        """Connect, and find out whether this ledger is an older state of what the database has.

        At first nobody writes before that is known: what was lost would get its number once more.
        """
        async with AsyncExitStack() as stack:
            first, self._tried = not self._tried, True
            if first:
                await stack.enter_async_context(self._books.turn())
            async with asyncio.timeout(_HELLO):
                await async_process_requirements(self._hass, DOMAIN, list(POSTGRESQL), False)
                replica = await self._hass.async_add_executor_job(Replica, url)
                self._replica = replica
                tip = await self._hass.async_add_executor_job(replica.tip, self._books.site)
            if not first:
                await stack.enter_async_context(self._books.turn())
            if await self._books.async_meet(tip):
                _LOGGER.warning("The ledger of %s came back from an older backup", self._entry.title)
                done = await self._books.async_read(partial(take_back, replica=replica))
                self._took(done)
                for page in reconcile(self._journal, done.sessions, done.kept):
                    self._books.put(page)
        self._books.tell()
        return replica

    def _took(self, done: Delivered) -> bool:
        if done.error is not None:
            raise done.error
        self.waiting = done.waiting if done.waiting is not None else self.waiting
        self.conflict = done.conflict or self.conflict
        return bool(done.waiting) and done.seen > 0

    def _failed(self, err: Exception) -> None:
        if not self.is_lost:
            _LOGGER.warning("The database of %s cannot be reached, its records wait", self._entry.title)
        # What a database says of itself may name who logs in to it.
        _LOGGER.debug("The database of %s: %s", self._entry.title, type(err).__name__)
        self.is_lost = True

    async def _let_go(self) -> None:
        replica, self._replica = self._replica, None
        if replica is not None:
            await self._hass.async_add_executor_job(replica.close)
