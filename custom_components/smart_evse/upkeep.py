"""What a ledger needs besides being written: seals looked at, late prices, a copy, statistics, who may be forgotten."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.helpers.issue_registry import IssueSeverity
from homeassistant.util import dt as dt_util

from .booked_prices import BookedPrices
from .bookkeeping import FILE, Bookkeeper, LedgerClosed
from .configuration import Connector
from .const import DOMAIN
from .engine.model import ConnectorId
from .hourly_statistics import HourlyStatistics
from .idle_drivers import IdleDrivers
from .journal import Journal
from .late_prices import LatePrices
from .ledger import Finding
from .repairs import Issue
from .replication import Replication

_LOGGER = logging.getLogger(__name__)

_FIRST_LOOK = 600.0
"""How long after the start the seals are looked at first, in s: there is more to do at first."""

_LOOK = timedelta(days=1)


class Upkeep:
    """Looks after one site's part of the ledger."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], books: Bookkeeper, prices: BookedPrices, journal: Journal
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._books = books
        self._late = LatePrices(hass, entry, books, prices)
        self._statistics = HourlyStatistics(hass, entry, books, journal)
        self.replication = Replication(hass, entry, books, journal)
        self.idle = IdleDrivers(entry, books, journal)
        self.broken: Finding | None = None

    @callback
    def start(self, connectors: Mapping[ConnectorId, Connector]) -> None:
        """Begin."""
        unload = self._entry.async_on_unload
        unload(async_call_later(self._hass, _FIRST_LOOK, self._look))
        unload(async_track_time_interval(self._hass, self._look, _LOOK))
        self._late.start()
        self._statistics.start(connectors)
        self.replication.start()

    def issues(self) -> Iterator[Issue]:
        """Yield what the owner should know of the ledger."""
        site, entry_id = {"site": self._entry.title}, self._entry.entry_id
        if self._books.trouble is not None:
            yield Issue(
                id=f"ledger_closed_{entry_id}",
                key="ledger_closed",
                placeholders={"file": str(FILE), "error": self._books.trouble},
                severity=IssueSeverity.ERROR,
            )
        if self.broken is not None:
            yield Issue(
                id=f"ledger_broken_{entry_id}",
                key="ledger_broken",
                placeholders={**site, "record": f"{self.broken.epoch}/{self.broken.sequence} ({self.broken.flaw})"},
                severity=IssueSeverity.ERROR,
            )
        if (conflict := self.replication.conflict) is not None:
            yield Issue(
                id=f"ledger_conflict_{entry_id}",
                key="ledger_conflict",
                placeholders={**site, "record": conflict},
                severity=IssueSeverity.ERROR,
            )
        if self.replication.is_overdue:
            away = (dt_util.utcnow() - self.replication.since).days
            yield Issue(
                id=f"replica_unreachable_{entry_id}",
                key="replica_unreachable",
                placeholders={**site, "days": str(away), "waiting": _count(self.replication.waiting)},
            )
        if (question := self.idle.issue()) is not None:
            yield question

    @callback
    def _look(self, _now: datetime) -> None:
        self._entry.async_create_background_task(self._hass, self._verify(), f"{DOMAIN} {self._entry.title} seals")

    async def _verify(self) -> None:
        try:
            # What is made of the records is compared by who asks for it: that takes long.
            verified = await self._books.async_read(lambda ledger: ledger.verify(tables=False))
            await self.idle.async_look()
        except LedgerClosed:
            return
        self.broken = next(iter(verified.findings), None)
        if self.broken is not None:
            _LOGGER.error("The ledger of %s is not what was written: %s", self._entry.title, self.broken)


def _count(number: int | None) -> str:
    return "?" if number is None else str(number)
