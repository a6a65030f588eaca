"""A cashier with everything around it: the fake account, a book that survives, and ears for the news."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
import json

from aiohttp import ClientSession

from custom_components.smart_evse.payments.cashier import Cashier
from custom_components.smart_evse.payments.collection_json import as_json, from_json
from custom_components.smart_evse.payments.following import Collection, News
from custom_components.smart_evse.payments.port import CardRequest, PaymentRequest, SavedCard
from custom_components.smart_evse.payments.stripe import Stripe
from custom_components.smart_evse.payments.stripe_line import StripeLine
from simulator.payments import CardNetwork
from simulator.sockets.stripe import StripeServer

SECRET = "sk_test_of_the_house"
WEBHOOK_SECRET = "whsec_of_the_house"
START = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


class Clock:
    """Time stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def go(self, **span: float) -> None:
        self.now += timedelta(**span)


class PowerCut(Exception):
    """The house is dark before the book could be written."""


class PaperBook:
    """A book that keeps what was put as text, as a disk would; `cuts` lets the power fail at the next writing."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.written = 0
        self.cuts = False

    async def get(self, statement: str) -> Collection | None:
        page = self.pages.get(statement)
        return None if page is None else from_json(json.loads(page))

    async def put(self, collection: Collection) -> None:
        if self.cuts:
            self.cuts = False
            raise PowerCut
        self.written += 1
        self.pages[collection.statement] = json.dumps(as_json(collection))

    async def all(self) -> Sequence[Collection]:
        return [from_json(json.loads(page)) for page in self.pages.values()]


class Till:
    """One house that takes money, and the account it has."""

    def __init__(self, server: StripeServer, session: ClientSession, clock: Clock, book: PaperBook) -> None:
        self.server = server
        self.network: CardNetwork = server.network
        self.clock = clock
        self.book = book
        self.news: list[News] = []
        self.waits: list[float] = []
        self.tells: int | None = None
        """After how many news the power fails, if it does."""
        self._session = session
        self.stripe = self.provider(SECRET)
        self.cashier = Cashier(self.stripe, book, self._tell, clock)

    def provider(self, secret: str) -> Stripe:
        return Stripe(StripeLine(self._session, secret, base_url=self.server.url, wait=self._wait))

    def restart(self) -> None:
        """Only what is in the book is left."""
        self.cashier = Cashier(self.stripe, self.book, self._tell, self.clock)

    def heard(self) -> list[tuple[str, str]]:
        """Tell the news so far, each once."""
        return [(each.statement, each.kind.value) for each in {each.key: each for each in self.news}.values()]

    async def saved_card(self, bank: str = "ok", driver: str = "driver") -> SavedCard:
        page = await self.stripe.ask_for_card(card_request(driver))
        self.network.leave_card(page.id, bank)
        card = await self.stripe.saved_card(page.id)
        assert card is not None
        return card

    async def _tell(self, news: News) -> None:
        if self.tells is not None:
            self.tells -= 1
            if self.tells < 0:
                raise PowerCut
        self.news.append(news)

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def bill(statement: str = "S1", amount: str = "12.34", currency: str = "EUR") -> PaymentRequest:
    return PaymentRequest(
        statement=statement,
        site="house",
        number=f"2026-{statement}",
        amount=Decimal(amount),
        currency=currency,
        description=f"Invoice 2026-{statement}",
        language="nl",
        return_url="https://home.example/paid",
        cancel_url="https://home.example/later",
    )


def card_request(driver: str = "driver") -> CardRequest:
    return CardRequest(
        id=f"page-{driver}", site="house", driver=driver, language="en", return_url="https://home.example/saved"
    )
