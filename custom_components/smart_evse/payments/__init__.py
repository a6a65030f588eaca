"""Where money comes from: pay links and saved cards of a provider, or a transfer to a bank account.

`PROVIDERS` is the table: a second one is one file that fulfils `port.PaymentProvider`, and one row. A `Cashier` asks a
provider and follows what becomes of it; it needs a `Book` to keep what it is about to do, and somebody to `tell`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import ClientSession

from .book import Book
from .cashier import Cashier
from .errors import PaymentError
from .following import Attempt, Collection, News, NewsKind
from .port import Hint, PaymentProvider
from .stripe import Stripe
from .stripe_line import API, StripeLine
from .stripe_shapes import KEY as STRIPE
from .stripe_webhook import read_stripe_message

__all__ = [
    "PROVIDERS",
    "Attempt",
    "Book",
    "Cashier",
    "Collection",
    "News",
    "NewsKind",
    "PaymentError",
    "Provider",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What is needed to take up a provider.

    `build` takes the HTTP session, the secret key and the address of its API. `read` checks what it calls to say: the
    raw body, the value of `signature_header`, the webhook's secret and the time; it raises `Forged`.
    """

    name: str
    build: Callable[[ClientSession, str, str], PaymentProvider]
    base_url: str
    signature_header: str
    read: Callable[[bytes, str, str, datetime], Hint]


PROVIDERS: Mapping[str, Provider] = {
    STRIPE: Provider(
        name="Stripe",
        build=lambda session, secret, base_url: Stripe(StripeLine(session, secret, base_url=base_url)),
        base_url=API,
        signature_header="Stripe-Signature",
        read=read_stripe_message,
    ),
}
