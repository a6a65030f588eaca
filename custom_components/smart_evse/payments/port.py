"""What a provider of payments looks like to us, and what is said to it and by it.

Amounts are `Decimal` in the currency's main unit, times aware UTC. References are the provider's own and opaque. What
is asked for can be asked twice: a double click, a lost answer or a crash in between makes no second payment.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable


class PaymentState(StrEnum):
    """How far a payment has come."""

    PREPARED = "prepared"
    """A saved card is about to be charged; nothing is taken until `collect`."""
    PENDING = "pending"
    """The payer may pay, or has paid and the money is on its way."""
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """What is to be paid, once. `number` and `description` are what the payer reads, in `language` (ISO 639-1).

    `statement`, `site` and `attempt` name the request: the same three again are the same payment. `return_url` is where
    the payer's browser goes afterwards, `cancel_url` where it goes if the payer turns back. `expires` is the end of a
    link; a provider may hold it to less. Nobody has asked for the statement's money before `since`.
    """

    statement: str
    site: str
    number: str
    amount: Decimal
    currency: str
    description: str
    language: str
    return_url: str
    cancel_url: str | None = None
    attempt: int = 1
    expires: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What the provider says of a payment now.

    `id` is what it is asked for by, `transaction` the money's own reference where that is another one, `url` the page
    while it can be paid there. `reason` is the provider's word for why the last try failed.
    """

    id: str
    provider: str
    state: PaymentState
    amount: Decimal
    currency: str
    refunded: Decimal = Decimal(0)
    transaction: str | None = None
    url: str | None = None
    created: datetime | None = None
    expires: datetime | None = None
    paid_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose key it is. With a test key no money moves."""

    id: str
    name: str | None
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a message of the provider's says: these may have changed. `id` is the message's, for those that come twice.

    `payments` are ids or transactions. It is not believed further: what a payment is, only `look` tells.
    """

    id: str
    payments: frozenset[str]


class PaymentProvider(Protocol):
    """Where pay links come from. Every method raises a `PaymentError` and nothing else."""

    @property
    def key(self) -> str:
        """The provider's name in `PROVIDERS`."""

    async def account(self) -> Account:
        """Tell whose key it is: the trial of a key."""

    async def link(self, request: PaymentRequest) -> Payment:
        """Make a page where the request can be paid once, or return the one that was made for it."""

    async def look(self, payment_id: str) -> Payment:
        """Tell what has become of a payment: the truth."""

    async def withdraw(self, payment_id: str) -> Payment:
        """End what is not paid yet and tell what has become of it: it may be too late, or still on its way."""

    async def refund(self, payment_id: str, total: Decimal) -> Payment:
        """Give back so much that `total` of the payment has been given back; twice is once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedCard:
    """A card as we know it: the provider's references, nothing of the card."""

    provider: str
    customer: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRequest:
    """A driver wants to leave a card. `id` names the request: the same again is the same page.

    `driver` is the ledger's id of the driver; no name goes to the provider with it. `customer` is the provider's
    reference from an earlier card.
    """

    id: str
    site: str
    driver: str
    language: str
    return_url: str
    cancel_url: str | None = None
    customer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPage:
    """Where a card is left; `url` is gone when the page is over."""

    id: str
    url: str | None
    expires: datetime | None = None


@runtime_checkable
class KeepsCards(Protocol):
    """A provider that charges a card which a driver has left with it."""

    async def ask_for_card(self, request: CardRequest) -> CardPage:
        """Make a page where the driver leaves a card."""

    async def saved_card(self, page_id: str) -> SavedCard | None:
        """Return the card that was left on a page, `None` while there is none."""

    async def prepare(self, request: PaymentRequest, card: SavedCard) -> Payment:
        """Name a charge before any money moves, so that whatever happens next can be asked for."""

    async def collect(self, payment_id: str) -> Payment:
        """Take a prepared charge, at most once, and tell what became of it: paid, declined, or on its way."""

    async def forget(self, card: SavedCard) -> None:
        """Make the provider forget a card; one that is forgotten already is no error."""


@runtime_checkable
class FindsPayments(Protocol):
    """A provider that knows what it was asked for by a book that has forgotten it."""

    async def made_for(self, request: PaymentRequest) -> tuple[Payment, ...]:
        """Return all payments that were ever made for the request's statement, the first first."""
