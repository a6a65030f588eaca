"""The tills of a site: one for each issuer who has an account with a provider, and what they tell."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
import logging
import secrets
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .engine.access.model import CardOnFile, Driver
from .engine.statements.model import Statement, StatementKind, StatementState
from .engine.statements.states import Standing, StatementEvent
from .ledger import Ledger, StatementsBook
from .ledger.errors import NotOnRecord
from .ledger.statements import StatementOnRecord
from .parties import Issuer, issuers
from .payments import News, PaymentError
from .payments.errors import KeyRefused
from .payments.port import CardRequest, SavedCard
from .payments.statement_events import statement_event
from .people import Books, Desk
from .repairs import Issue
from .statement_parties import issuer_of
from .till import Till
from .till_book import CardWish, TillBook

_LOGGER = logging.getLogger(__name__)


type Enter = Callable[[StatementEvent], Awaitable[Standing]]
"""Puts on record what happened to a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """News of a payment, and the statement as it stands after it; `None` where the ledger has none of this id."""

    news: News
    found: StatementOnRecord | None


class Tills:
    """Who takes money at one site."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], book: TillBook, books: Books, desk: Desk) -> None:
        self._hass = hass
        self._entry = entry
        self._books = books
        self._desk = desk
        self._listeners: list[Callable[[Heard], None]] = []
        self._enter: Enter = _nobody
        self.book = book
        desk.leaving = self._leaving
        self.all = {
            each.id: Till(hass, entry, each, book, self._tell, self._left, self._over)
            for each in issuers(entry)
            if each.stripe_key
        }

    @callback
    def start(self, enter: Enter) -> None:
        """Begin to look. `enter` puts on record what happens to statements."""
        self._enter = enter
        for till in self.all.values():
            self._entry.async_on_unload(till.end)
            till.wake()

    @callback
    def wake(self) -> None:
        """Look again: something else is on record."""
        for till in self.all.values():
            till.wake()

    @callback
    def async_listen(self, heard: Callable[[Heard], None]) -> Callable[[], None]:
        """Call `heard` with all news; returns how to stop."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    @property
    def first(self) -> Till | None:
        """The till of the first issuer who has one."""
        return next(iter(self.all.values()), None)

    def of(self, statement: Statement) -> Till | None:
        """Return the till that an invoice is paid at: where that was begun, else its issuer's. Others are not paid."""
        if statement.kind is not StatementKind.INVOICE:
            return None
        begun = self.book.issuer_of(statement.id)
        if begun is not None:
            return self.all.get(begun)
        by = issuer_of(self._entry, statement)
        return None if by is None else self.all.get(by.id)

    def of_driver(self, driver: Driver) -> tuple[Till, SavedCard] | None:
        """Return the card of a driver and the till that may charge it."""
        card = driver.card_on_file
        till = None if card is None else self.all.get(card.issuer)
        if card is None or till is None:
            return None
        return till, SavedCard(provider=card.provider, customer=card.customer, method=card.method)

    async def async_forget_card(self, driver: Driver) -> None:
        """Forget a driver's card, at the provider as well."""
        await self._forgotten(driver)
        await self._desk.async_put(replace(driver, card_on_file=None, charged_from=None))

    def issues(self) -> Iterator[Issue]:
        """Yield what the owner should know of providers."""
        for till in self.all.values():
            trouble = till.trouble
            if trouble is not None:
                yield _issue(till.issuer, trouble)

    async def _forgotten(self, driver: Driver) -> None:
        """Let the provider forget a card, at whichever site it was left: all sites share their drivers."""
        for entry in self._hass.config_entries.async_loaded_entries(DOMAIN):
            tills: Tills = entry.runtime_data.tills
            if (found := tills.of_driver(driver)) is not None:
                till, card = found
                await till.async_forget(card)

    async def _leaving(self, driver: Driver) -> None:
        await self.book.async_wish(driver.id, None)
        try:
            await self._forgotten(driver)
        except PaymentError as err:
            _LOGGER.warning("The card of a driver who is forgotten is still known to the provider: %s", err)

    async def _tell(self, news: News) -> None:
        """Put on record what came or went, and tell of it."""
        found = await self._books.async_read(lambda ledger: StatementsBook(ledger).statement(news.statement))
        if found is None:
            _LOGGER.warning("A payment is of a statement that is not on record: %s", news.statement)
        elif (event := statement_event(news, found.standing, dt_util.utcnow())) is not None:
            try:
                found = replace(found, standing=await self._enter(event))
            except ServiceValidationError as err:
                _LOGGER.warning("What the provider tells of %s cannot be booked: %s", news.statement, err)
        for heard in tuple(self._listeners):
            heard(Heard(news=news, found=found))

    async def _over(self, statements: list[str]) -> set[str]:
        """Return which statements are paid or cancelled."""
        return await self._books.async_read(lambda ledger: _settled(ledger, statements))

    async def _left(self, wish: CardWish, card: SavedCard) -> None:
        """Keep the card that a driver has left, in what is personal of them; the one before is forgotten."""
        driver = self._desk.people.drivers.get(wish.driver)
        till = self.all[wish.issuer]
        if driver is None:
            await till.async_forget(card)
            return
        now, before = dt_util.utcnow(), driver.card_on_file
        kept = CardOnFile(
            provider=card.provider, customer=card.customer, method=card.method, issuer=wish.issuer, since=now
        )
        if before is not None and replace(before, since=now) == kept:
            return
        agreed = wish.charges or driver.charged_from is not None
        # Whoever was to be charged and had no card is charged from the card on.
        charged = (None if before is None else driver.charged_from) or now
        await self._desk.async_put(replace(driver, card_on_file=kept, charged_from=charged if agreed else None))
        if before is not None and before.method != card.method and before.issuer == wish.issuer:
            try:
                await till.async_forget(
                    SavedCard(provider=before.provider, customer=before.customer, method=before.method)
                )
            except PaymentError as err:
                _LOGGER.warning("The card that a driver had on file before is still known to the provider: %s", err)


def card_request(site: str, driver: Driver, *, language: str, return_url: str) -> CardRequest:
    """Return what is asked of a provider for a driver who wants to leave a card."""
    known = driver.card_on_file
    return CardRequest(
        id=secrets.token_hex(16),
        site=site,
        driver=driver.id,
        language=language,
        return_url=return_url,
        cancel_url=return_url,
        customer=None if known is None else known.customer,
    )


async def _nobody(event: StatementEvent) -> Standing:
    raise NotOnRecord(event.statement)


def _settled(ledger: Ledger, statements: list[str]) -> set[str]:
    book = StatementsBook(ledger)
    over = (StatementState.PAID, StatementState.CANCELLED)
    found = ((key, book.statement(key)) for key in statements)
    return {key for key, each in found if each is not None and each.standing.state in over}


def _issue(issuer: Issuer, trouble: PaymentError) -> Issue:
    key = "payment_key_refused" if isinstance(trouble, KeyRefused) else "payment_silent"
    return Issue(id=f"{key}_{issuer.id}", key=key, placeholders={"issuer": issuer.party.name})
