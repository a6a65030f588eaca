"""Prices that come later: what was on record without one is corrected once the market has told it."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util import dt as dt_util

from .booked_prices import BookedPrices
from .bookkeeping import Bookkeeper, LedgerClosed
from .const import DOMAIN
from .engine.sessions.model import Interval, Mark
from .engine.sessions.pricing import PriceSpan, filled
from .ledger import Ledger, SessionFilter, SessionsBook

_EVERY = timedelta(hours=1)
_SOON = 120.0
"""How long after the start prices are usually known, in s."""

_BACK = timedelta(days=35)
"""Prices are kept for not much longer."""

WHY = "price"
"""What is noted as the reason of a correction."""

type Prices = Callable[[datetime, datetime], Iterable[PriceSpan]]


class LatePrices:
    """Looks after the sessions of one site whose cost is provisional."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], books: Bookkeeper, prices: BookedPrices) -> None:
        self._hass = hass
        self._entry = entry
        self._books = books
        self._prices = prices

    @callback
    def start(self) -> None:
        """Begin to look."""
        if self._prices.known:
            unload = self._entry.async_on_unload
            unload(async_call_later(self._hass, _SOON, self._look))
            unload(async_track_time_interval(self._hass, self._look, _EVERY))

    @callback
    def _look(self, _now: datetime) -> None:
        self._entry.async_create_background_task(self._hass, self._fill(), f"{DOMAIN} {self._entry.title} late prices")

    async def _fill(self) -> None:
        now = dt_util.utcnow()
        prices, since = self._prices.between, now - _BACK
        try:
            if await self._books.async_read(partial(_lacking, prices=prices, since=since)):
                await self._books.async_write(partial(fill, prices=prices, since=since, now=now))
        except LedgerClosed:
            return


def fill(ledger: Ledger, *, prices: Prices, since: datetime, now: datetime) -> None:
    """Correct the sessions of which a price is known by now."""
    book = SessionsBook(ledger)
    for session, intervals in _lacking(ledger, prices=prices, since=since).items():
        provisional = any(Mark.PROVISIONAL in interval.marks for interval in intervals)
        known = book.session(session)
        if known is not None:
            marks = known.marks if provisional else known.marks - {Mark.PROVISIONAL}
            book.correct(session, {"marks": marks}, None, WHY, intervals=intervals, at=now)


def _lacking(ledger: Ledger, *, prices: Prices, since: datetime) -> dict[str, tuple[Interval, ...]]:
    """Return the intervals, as they should be, of sessions of which a price is known by now."""
    found: dict[str, tuple[Interval, ...]] = {}
    book = SessionsBook(ledger)
    for record in book.sessions(SessionFilter(since=since)):
        if Mark.PROVISIONAL not in record.marks:
            continue
        before = book.intervals(record.id)
        after = tuple(priced(interval, prices) for interval in before)
        if after != before:
            found[record.id] = after
    return found


def priced(interval: Interval, prices: Prices) -> Interval:
    """Return an interval with its prices, as far as they are known; one that had them stays as it is."""
    if Mark.PROVISIONAL not in interval.marks:
        return interval
    # One that has no length has a price all the same.
    end = max(interval.end, interval.start + timedelta(seconds=1))
    return filled(interval, prices(interval.start, end))
