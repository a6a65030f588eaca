"""Who takes money for one issuer: asks the provider in the background, and tells what is wrong with it.

Home Assistant can rarely be reached from outside, so everything works by looking: at the start, after whatever was
asked, and whenever the cashier says that it is worth while.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .parties import Issuer
from .payments import PROVIDERS, Cashier, News, PaymentError
from .payments.errors import Refused
from .payments.following import Collection
from .payments.port import CardPage, CardRequest, Hint, KeepsCards, Payment, PaymentRequest, SavedCard
from .payments.stripe_shapes import KEY as STRIPE
from .till_book import CardWish, TillBook

_LOGGER = logging.getLogger(__name__)

ADDRESSES: HassKey[Mapping[str, str]] = HassKey(f"{DOMAIN}_payment_addresses")
"""Where providers are, by key, if elsewhere than in the world: for tests and for the demo, nothing an owner sets."""

_SHORTLY: Final = timedelta(minutes=1)
"""When to come again after something went wrong that no provider has to do with."""

_LATER: Final = timedelta(minutes=15)

_CARD_LOOKS: Final = timedelta(seconds=30)
_CARD_PAGE: Final = timedelta(hours=25)
"""A page on which a card is left lives for a day."""

type CardLeft = Callable[[CardWish, SavedCard], Awaitable[None]]
type IsOver = Callable[[list[str]], Awaitable[set[str]]]


def address_of(hass: HomeAssistant, provider: str) -> str:
    """Return where a provider is."""
    return hass.data.get(ADDRESSES, {}).get(provider, PROVIDERS[provider].base_url)


class Till:
    """The till of one issuer. `tell` takes news, `left` a card, `over` says which statements need no money any more."""

    def __init__(  # noqa: PLR0913, PLR0917 (what is around it is handed to it once)
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        issuer: Issuer,
        book: TillBook,
        tell: Callable[[News], Awaitable[None]],
        left: CardLeft,
        over: IsOver,
    ) -> None:
        self.issuer = issuer
        self._hass = hass
        self._entry = entry
        self._book = book
        self._left = left
        self._over = over
        self._line = PROVIDERS[STRIPE]
        address = address_of(hass, STRIPE)
        self._provider = self._line.build(async_get_clientsession(hass), issuer.stripe_key or "", address)
        self.cashier = Cashier(self._provider, book.of(issuer.id), tell, dt_util.utcnow)
        self._waiting: CALLBACK_TYPE | None = None
        self._looking = self._again = self._ended = self._stumbled = False

    @property
    def trouble(self) -> PaymentError | None:
        """What the owner should know of the provider."""
        return self.cashier.trouble

    @property
    def signature_header(self) -> str:
        """The header in which the provider signs what it calls to say."""
        return self._line.signature_header

    def collection(self, statement: str) -> Collection | None:
        """Return how a statement is being paid."""
        return self._book.collection(statement)

    def read(self, body: bytes, signature: str) -> Hint:
        """Return what the provider calls to say; `Forged` if it was somebody else."""
        return self._line.read(body, signature, self.issuer.webhook_secret or "", dt_util.utcnow())

    async def async_link(self, request: PaymentRequest) -> Payment:
        """Return the page where a statement can be paid, or its payment."""
        return await self._then(self.cashier.link(request))

    async def async_charge(self, request: PaymentRequest, card: SavedCard) -> Payment:
        """Charge a saved card."""
        return await self._then(self.cashier.charge(request, card))

    async def async_seek(self, request: PaymentRequest) -> None:
        """Look what was paid of a statement that nobody here remembers."""
        await self._then(self.cashier.seek(request))

    async def async_refund(self, statement: str, total: Decimal) -> Payment:
        """Give back so much that `total` has been given back."""
        return await self._then(self.cashier.refund(statement, total))

    async def async_hear(self, hint: Hint) -> None:
        """Look at what a message names."""
        for wish in self._wishes():
            if wish.page in hint.payments:
                await self._look_for_card(wish)
        await self._then(self.cashier.hear(hint))

    async def async_look(self, statement: str) -> None:
        """Look at a statement's payments now."""
        collection = self._book.collection(statement)
        if collection is not None:
            await self._then(self.cashier.hear(Hint(id="", payments=collection.names)))

    async def async_ask_for_card(self, request: CardRequest, *, charges: bool) -> CardPage:
        """Return the page on which a driver leaves a card."""
        page = await self._cards().ask_for_card(request)
        wish = CardWish(
            driver=request.driver, issuer=self.issuer.id, page=page.id, asked=dt_util.utcnow(), charges=charges
        )
        await self._book.async_wish(request.driver, wish)
        self.wake()
        return page

    async def async_forget(self, card: SavedCard) -> None:
        """Make the provider forget a card."""
        await self._cards().forget(card)

    async def async_look_for_cards(self, driver: str) -> None:
        """Look at once whether a driver has left a card."""
        for wish in self._wishes():
            if wish.driver == driver:
                with suppress(PaymentError):
                    await self._look_for_card(wish)

    @callback
    def wake(self) -> None:
        """Look at all that is due, in the background."""
        if self._looking:
            self._again = True
        elif not self._ended:
            self._looking = True
            name = f"{DOMAIN} {self._entry.title} till"
            self._entry.async_create_background_task(self._hass, self._look(), name)

    @callback
    def end(self) -> None:
        """Ask nothing more."""
        self._ended = True
        self._wait_until(None)

    async def _then[T](self, asking: Awaitable[T]) -> T:
        """Look again after something was asked, whatever came of it."""
        try:
            return await asking
        finally:
            self.wake()

    async def _look(self) -> None:
        again: datetime | None = None
        try:
            while True:
                self._again = False
                again = await self._look_at_all()
                if not self._again:
                    break
        except HomeAssistantError:
            # The ledger is closed for a moment: what could not be told is told then.
            again = dt_util.utcnow() + _SHORTLY
        except Exception:
            if not self._stumbled:
                _LOGGER.exception("Payments to %s cannot be followed", self.issuer.party.name)
            self._stumbled, again = True, dt_util.utcnow() + _LATER
        finally:
            self._looking = False
            if not self._ended:
                self._wait_until(again)

    async def _look_at_all(self) -> datetime | None:
        await self._close_what_is_over()
        moments = [await self.cashier.poll(), *[await self._again_for_card(wish) for wish in self._wishes()]]
        return min((moment for moment in moments if moment is not None), default=None)

    async def _close_what_is_over(self) -> None:
        """Let nobody pay any more what was paid otherwise or cancelled."""
        awaited = [each.statement for each in self._book.collections(self.issuer.id) if _awaits(each)]
        for statement in await self._over(awaited) if awaited else ():
            # What cannot be closed now is closed by polling.
            with suppress(PaymentError):
                await self.cashier.settle(statement)

    async def _again_for_card(self, wish: CardWish) -> datetime | None:
        """Look whether a card was left, and return when to look again."""
        now = dt_util.utcnow()
        if now - wish.asked > _CARD_PAGE:
            await self._book.async_wish(wish.driver, None)
            return None
        try:
            found = await self._look_for_card(wish)
        except PaymentError:
            found = False
        return None if found else now + max(_CARD_LOOKS, (now - wish.asked) / 10)

    async def _look_for_card(self, wish: CardWish) -> bool:
        card = await self._cards().saved_card(wish.page)
        if card is None:
            return False
        await self._left(wish, card)
        if self._book.wishes.get(wish.driver) == wish:
            await self._book.async_wish(wish.driver, None)
        return True

    def _wishes(self) -> list[CardWish]:
        return [wish for wish in self._book.wishes.values() if wish.issuer == self.issuer.id]

    def _cards(self) -> KeepsCards:
        if not isinstance(self._provider, KeepsCards):
            raise Refused(f"{self._provider.key} keeps no cards")
        return self._provider

    @callback
    def _wait_until(self, when: datetime | None) -> None:
        if self._waiting is not None:
            self._waiting()
        self._waiting = None if when is None else async_track_point_in_utc_time(self._hass, self._due, when)

    @callback
    def _due(self, _now: datetime) -> None:
        self._waiting = None
        self.wake()


def _awaits(collection: Collection) -> bool:
    return not collection.settled and collection.paid is None
