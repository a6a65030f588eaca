"""Reads what entities show of the sessions on record, anew whenever something is put there and when a month begins."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
import logging

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_change, async_track_time_interval
from homeassistant.util import dt as dt_util

from .bookkeeping import LedgerClosed
from .const import DOMAIN
from .coordinator import SiteCoordinator
from .documents.account import Account
from .engine.model import ConnectorId
from .exports import EXPORTS
from .figures import Figures, Sums
from .ledger import Ledger, PeopleBook, SessionFilter, SessionsBook, Total
from .ledger.summaries import compared
from .session_accounts import Names, find
from .session_desk import names_of
from .statement_news import read_statements, tell_changes
from .viewers import Viewer

_MONTH = timedelta(days=32)
_TRY_AGAIN = timedelta(minutes=5)

_LOGGER = logging.getLogger(__name__)


class FiguresReader:
    """Keeps the figures of one site, and beats when there is something new."""

    def __init__(self, site: SiteCoordinator) -> None:
        self._site = site
        self._hass = site.hass
        self._entry = site.config_entry
        self._running = self._again = False

    @callback
    def start(self) -> None:
        """Begin to read."""
        unload = self._entry.async_on_unload
        unload(self._site.sessions.books.async_listen(self.ask))
        unload(async_track_time_change(self._hass, self._midnight, hour=0, minute=0, second=1))
        unload(async_track_time_interval(self._hass, self._again_if_unknown, _TRY_AGAIN))
        self.ask()

    @callback
    def ask(self) -> None:
        """Read now, or once more when what is being read was read; a site that is leaving lets go of its ledger."""
        if self._entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS:
            return
        self._again = self._running
        if not self._running:
            self._running = True
            name = f"{DOMAIN} {self._entry.title} figures"
            self._entry.async_create_task(self._hass, self._read(), name)

    @callback
    def _midnight(self, now: datetime) -> None:
        if now.day == 1:
            self.ask()

    @callback
    def _again_if_unknown(self, _now: datetime) -> None:
        if self._site.figures.since is None:
            self.ask()

    async def _read(self) -> None:
        try:
            before = self._site.figures
            after = self._site.figures = await self._site.sessions.books.async_read(self._look)
            if before.since is not None:
                tell_changes(self._hass, self._entry.entry_id, before.statements, after.statements)
            for forgotten in {driver.id for driver in before.people} - {driver.id for driver in after.people}:
                await self._hass.data[EXPORTS].async_remove_driver(forgotten)
        except LedgerClosed as err:
            _LOGGER.debug("Nothing can be told of the sessions on record: %s", err)
        finally:
            self._running = False
        if self._again:
            self.ask()
        else:
            self._site.beat()

    def _look(self, ledger: Ledger) -> Figures:
        people = PeopleBook(ledger).drivers()
        names, currency = names_of(self._site, people), self._hass.config.currency
        book, begun = SessionsBook(ledger), dt_util.start_of_local_day().replace(day=1)
        until = (begun + _MONTH).replace(day=1)
        month = begun.year, begun.month
        return Figures(
            since=dt_util.as_utc(begun),
            last={key: account for key in names.chargers for account in _last(book, key, names)},
            site=replace(
                _sums(book.month_totals(*month, by=()), currency), reference=compared(ledger, begun, until, currency)
            ),
            vehicles=_by(book.month_totals(*month, by=("vehicle",)), lambda total: total.vehicle, currency),
            drivers=_by(book.month_totals(*month, by=("driver",)), lambda total: total.driver, currency),
            people=people,
            statements=read_statements(ledger),
            currency=currency,
        )


def _last(book: SessionsBook, connector: ConnectorId, names: Names) -> list[Account]:
    return find(book, SessionFilter(connector=connector, limit=1), Viewer(), names)


def _by(totals: Iterable[Total], key: Callable[[Total], str | None], currency: str) -> dict[str, Sums]:
    found: dict[str, list[Total]] = {}
    for total in totals:
        if (name := key(total)) is not None:
            found.setdefault(name, []).append(total)
    return {name: _sums(several, currency) for name, several in found.items()}


def _sums(totals: Iterable[Total], currency: str) -> Sums:
    """Add up what is in several currencies: its energy, and the money that is in the site's own."""
    known = tuple(totals)
    priced = [total for total in known if total.currency == currency and total.unpriced < max(1, total.energy_in)]
    return Sums(
        energy=sum(total.energy_in for total in known),
        from_sun=sum(total.from_sun for total in known),
        cost=sum((total.cost for total in priced), Decimal(0)) if priced else None,
    )
