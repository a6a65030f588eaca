"""Bills single sessions by themselves: those of guests, and of drivers whose card is charged after each.

A session is billed when it has ended, a tariff was promised while it ran, and its prices are final. Its statement has
an id that the session makes: whenever the power goes, it is issued once. Its card is charged if nobody has tried yet to
get the statement paid; from then on the till follows it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Final
import uuid

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import SiteCoordinator
from .engine.access.model import Driver
from .engine.sessions.model import Interval, SessionRecord
from .engine.sessions.parts import driver_of
from .ledger import Ledger, SessionFilter, SessionsBook, StatementsBook
from .ledger.statements import StatementOnRecord
from .parties import issuers
from .pay_links import request_for
from .payments import PaymentError
from .payments.port import PaymentState
from .statement_ask import Ask
from .statement_desk import async_issue

_LOGGER = logging.getLogger(__name__)

GUEST: Final = "guest"
"""The preset of a session's statement: it asks for no more than names."""

_BACK: Final = timedelta(days=35)
"""What has not been billed after that never had a price; prices are kept for not much longer."""

_EVERY: Final = timedelta(minutes=15)

_LATER: Final = frozenset({"statement_not_final", "statement_still_runs", "statement_not_over"})
"""Why a session cannot be billed yet."""

_NAMES: Final = uuid.UUID("2b0d3c5e-5d3e-4a57-9c43-6f1f2f0b7a10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a driver or guest is to be asked for: their part of a session."""

    driver: Driver
    record: SessionRecord

    @property
    def key(self) -> tuple[str, str]:
        """What names it."""
        return self.record.id, self.driver.id


def bill_id(site: str, session: str, driver: str) -> str:
    """Return the id of a session's statement: always the same one."""
    return uuid.uuid5(_NAMES, f"{site}/{session}/{driver}").hex


class SessionBilling:
    """Looks after one site."""

    def __init__(self, site: SiteCoordinator) -> None:
        self._site = site
        self._over: set[tuple[str, str]] = set()
        self._told: set[tuple[str, str]] = set()
        self._looking = self._again = False

    @callback
    def start(self) -> None:
        """Begin to look: now, whenever something is put on record, and now and then."""
        site, unload = self._site, self._site.config_entry.async_on_unload
        unload(site.sessions.books.async_listen(self.wake))
        unload(async_track_time_interval(site.hass, self._timer, _EVERY))
        self.wake()

    @callback
    def wake(self) -> None:
        """Look again, in the background."""
        self._again = True
        if not self._looking and issuers(self._site.config_entry):
            self._looking = True
            entry = self._site.config_entry
            entry.async_create_background_task(self._site.hass, self._look(), f"{DOMAIN} {entry.title} billing")

    @callback
    def _timer(self, _now: datetime) -> None:
        self.wake()

    async def _look(self) -> None:
        try:
            while self._again:
                self._again = False
                for bill in await self._site.sessions.books.async_read(self._due):
                    await self._settle(bill)
        except HomeAssistantError:
            # The ledger is closed for a moment: whoever opens it tells.
            return
        except Exception:
            _LOGGER.exception("Sessions cannot be billed by themselves")
        finally:
            self._looking = False

    def _due(self, ledger: Ledger) -> list[Bill]:
        """Return what is not over yet; in a thread."""
        book, since = SessionsBook(ledger), dt_util.utcnow() - _BACK
        found = []
        for driver, begin in self._billed():
            which = SessionFilter(since=since if begin is None else max(since, begin), driver=driver.id)
            for record, intervals in book.with_intervals(which):
                bill = Bill(driver=driver, record=record)
                if bill.key not in self._over and self._is_due(bill, intervals):
                    found.append(bill)
        return found

    def _billed(self) -> Iterator[tuple[Driver, datetime | None]]:
        """Yield whose sessions are billed one by one, and from when on."""
        people = self._site.access.desk.people
        for driver in people.drivers.values():
            if driver.id in people.guests:
                yield driver, None
            elif driver.charged_from is not None and self._site.tills.of_driver(driver) is not None:
                yield driver, driver.charged_from

    def _is_due(self, bill: Bill, intervals: tuple[Interval, ...]) -> bool:
        record, driver = bill.record, bill.driver.id
        if record.ended is None:
            return False
        mine = [each for each in intervals if driver_of(record, each) == driver]
        # What was free while it ran stays so, whatever tariff was made later.
        promised = any(each.tariff or record.tariff for each in mine) or (driver == record.driver and record.tariff)
        priced = self._site.tariffs.priced(record, intervals, driver=driver) if promised else None
        return priced is not None and (priced.gross > 0 or priced.unpriced > 0)

    async def _settle(self, bill: Bill) -> None:
        """Issue the statement of a session, and charge the card where that is agreed."""
        record, driver = bill.record, bill.driver
        if record.ended is None:
            return
        known = bill_id(self._site.config_entry.entry_id, record.id, driver.id)
        card = self._site.tills.of_driver(driver) if driver.charged_from is not None else None
        ask = Ask(
            preset=GUEST,
            since=record.started,
            until=record.ended,
            id=known,
            driver=driver.id,
            session=record.id,
            issuer=None if card is None else card[0].issuer.id,
        )
        # Asked for first: whatever is written wakes us again.
        found = await self._site.sessions.books.async_read(lambda ledger: StatementsBook(ledger).statement(known))
        if found is None:
            try:
                found = await async_issue(self._site, ask)
            except ServiceValidationError as err:
                self._cannot(bill, err)
                return
        if card is None or await self._is_charged(driver, found):
            self._over.add(bill.key)

    def _cannot(self, bill: Bill, err: ServiceValidationError) -> None:
        if err.translation_key in _LATER:
            return
        if err.translation_key == "statement_claimed":
            self._over.add(bill.key)
        elif bill.key not in self._told:
            self._told.add(bill.key)
            _LOGGER.warning("Session %s cannot be billed by itself: %s", bill.record.id, err)

    async def _is_charged(self, driver: Driver, found: StatementOnRecord) -> bool:
        """Charge the card once; says whether there is nothing more to do about it here."""
        site, statement, standing = self._site, found.statement, found.standing
        card = site.tills.of_driver(driver)
        if card is None or standing.open <= 0:
            return True
        till, saved = card
        if site.tills.book.collection(statement.id) is not None:
            # Somebody has tried: whatever came of it, the till follows it.
            return True
        request = request_for(site.config_entry.entry_id, found)
        try:
            payment = await till.async_charge(request, saved)
        except PaymentError as err:
            _LOGGER.warning("The card on file cannot be charged for %s yet: %s", statement.number, err)
            return till.collection(statement.id) is not None
        if payment.state is PaymentState.PENDING and payment.url is not None:
            _LOGGER.info("The card on file was not taken for %s: there is a page to pay it", statement.number)
        return True
