"""After a backup came back: asks the providers what was paid of open bills since it was made.

Neither the ledger nor the book of the tills knows of that. Until all are asked it is tried again and again.
"""

from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_time_interval

from .const import DOMAIN
from .coordinator import SiteCoordinator
from .engine.statements.model import StatementKind
from .ledger import Ledger, StatementFilter, StatementsBook
from .ledger.statements import StatementOnRecord
from .pay_links import request_for
from .payments import PaymentError

_LOGGER = logging.getLogger(__name__)

_EVERY: Final = timedelta(minutes=15)


class LostPayments:
    """Looks after one site."""

    def __init__(self, site: SiteCoordinator) -> None:
        self._site = site
        self._known = self._looking = False

    @callback
    def start(self) -> None:
        """Begin to look: now, and whenever it turns out later that the ledger is an older one."""
        site, unload = self._site, self._site.config_entry.async_on_unload
        unload(site.sessions.books.async_listen(self.wake))
        unload(async_track_time_interval(site.hass, self._timer, _EVERY))
        self.wake()

    @callback
    def wake(self) -> None:
        """Look in the background, if there is something to look for."""
        site = self._site
        came_back = site.sessions.books.came_back and not self._known
        if site.tills.all and not self._looking and (came_back or site.tills.book.is_unsure):
            self._looking = True
            entry = site.config_entry
            entry.async_create_background_task(site.hass, self._look(), f"{DOMAIN} {entry.title} lost payments")

    @callback
    def _timer(self, _now: datetime) -> None:
        self.wake()

    async def _look(self) -> None:
        site = self._site
        try:
            if site.sessions.books.came_back and not self._known:
                # Kept first: it is known from the file only once.
                await site.tills.book.async_doubt(unsure=True)
                self._known = True
            if await self._sought():
                await site.tills.book.async_doubt(unsure=False)
        except HomeAssistantError:
            # The ledger is closed for a moment.
            return
        except Exception:
            _LOGGER.exception("What was paid since the backup cannot be found out")
        finally:
            self._looking = False

    async def _sought(self) -> bool:
        """Ask for each bill that is open; says whether all have been answered."""
        site, answered = self._site, True
        for found in await site.sessions.books.async_read(_open):
            if (till := site.tills.of(found.statement)) is None:
                continue
            try:
                await till.async_seek(request_for(site.config_entry.entry_id, found))
            except PaymentError as err:
                _LOGGER.debug("What was paid of %s is not known yet: %s", found.statement.number, err)
                answered = False
        return answered


def _open(ledger: Ledger) -> list[StatementOnRecord]:
    books = StatementsBook(ledger)
    summaries = [each for each in books.statements(StatementFilter(kind=StatementKind.INVOICE)) if each.open > 0]
    found = [books.statement(each.id) for each in summaries if each.corrects is None]
    return [each for each in found if each is not None]
