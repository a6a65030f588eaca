"""How a statement is being paid: what was tried, what is worth a look and when, and what is news.

Pure: a `Collection` is the memory, what the provider says goes in, and what a statement should hear comes out. The same
again changes nothing. A collection is written down *before* anything is asked of the provider, so that whatever happens
in between can be found again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from .port import Payment, PaymentRequest, PaymentState, SavedCard

RECEIVED = frozenset({PaymentState.PAID, PaymentState.PARTLY_REFUNDED, PaymentState.REFUNDED})
"""The money has come, whatever was given back of it since."""

LIVE = frozenset({PaymentState.PREPARED, PaymentState.PENDING})
"""Money may still come."""

# How long since it began -> how long between two looks. Most pay within minutes of being asked, or days later.
_PENDING_LOOKS = (
    (timedelta(minutes=2), timedelta(seconds=5)),
    (timedelta(minutes=15), timedelta(seconds=15)),
    (timedelta(hours=1), timedelta(minutes=1)),
    (timedelta(hours=6), timedelta(minutes=5)),
    (timedelta(days=2), timedelta(minutes=30)),
)
_SELDOM = timedelta(hours=6)

# What has been paid may be given back on the provider's own pages; card networks allow about half a year.
_PAID_LOOKS = timedelta(days=1)
_PAID_FOLLOWED = timedelta(days=180)


class NewsKind(StrEnum):
    """What a statement should hear."""

    PAID = "paid"
    PAID_AGAIN = "paid_again"
    """Money came for what was paid or settled otherwise before: it should be given back."""
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    DECLINED = "declined"
    """The saved card was not taken; a `LINK` follows."""
    LINK = "link"
    """A pay link was made because a saved card was not taken: the payer should get it."""
    EXPIRED = "expired"
    """The pay link is over and nobody has paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something happened to a payment. `key` is the same when the same is told twice."""

    kind: NewsKind
    statement: str
    payment: Payment

    @property
    def key(self) -> str:
        """Name the news for a record that takes each once: money that came is the same money, needed or not."""
        payment = self.payment
        kind = NewsKind.PAID if self.kind is NewsKind.PAID_AGAIN else self.kind
        so_far = f":{payment.refunded}" if kind in (NewsKind.PARTLY_REFUNDED, NewsKind.REFUNDED) else ""
        return f"{payment.provider}:{payment.id}:{kind}{so_far}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to get a statement paid: by a pay link, or by a saved card.

    `payment` is `None` from the moment it is about to be asked for until there is an answer. What stays so was given up
    as `void`: nobody has seen its page, and its charge was never taken. `announced`: the payer was told of a link that
    nobody had asked for.
    """

    request: PaymentRequest
    begun: datetime
    card: SavedCard | None = None
    payment: Payment | None = None
    void: bool = False
    announced: bool = False

    @property
    def live(self) -> bool:
        """Money may still come by it."""
        return not self.void and (self.payment is None or self.payment.state in LIVE)

    @property
    def received(self) -> bool:
        """Money has come by it."""
        return self.payment is not None and self.payment.state in RECEIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """All tries to get one statement paid, in order.

    `settled`: it is paid otherwise or cancelled, so that no money should come any more.
    """

    statement: str
    attempts: tuple[Attempt, ...] = ()
    settled: bool = False

    @property
    def paid(self) -> Payment | None:
        """The payment that stands."""
        kept = (PaymentState.PAID, PaymentState.PARTLY_REFUNDED)
        payments = (attempt.payment for attempt in self.attempts)
        return next((payment for payment in payments if payment is not None and payment.state in kept), None)

    @property
    def is_open(self) -> bool:
        """Money may still come by the last try."""
        return bool(self.attempts) and self.attempts[-1].live

    @property
    def declined(self) -> bool:
        """The last try was a saved card, and its bank said no: a link is next."""
        last = self.attempts[-1] if self.attempts else None
        return last is not None and last.payment is not None and last.payment.state is PaymentState.DECLINED

    @property
    def unfinished(self) -> Attempt | None:
        """The charge of a saved card that was begun and is not taken, or was declined and no link has been made."""
        last = self.attempts[-1] if self.attempts else None
        if last is None or last.card is None or last.void:
            return None
        states = (PaymentState.PREPARED, PaymentState.DECLINED)
        return last if last.payment is None or last.payment.state in states else None

    @property
    def unannounced(self) -> Payment | None:
        """The link that was made because a saved card was not taken, as long as nobody was told."""
        if len(self.attempts) < 2:
            return None
        tried, last = self.attempts[-2:]
        told = tried.card is None or last.card is not None or last.announced or not last.live
        return None if told or last.payment is None or last.payment.url is None else last.payment

    @property
    def names(self) -> frozenset[str]:
        """All that the provider may call a payment of this statement."""
        payments = [attempt.payment for attempt in self.attempts if attempt.payment is not None]
        return frozenset(name for each in payments for name in (each.id, each.transaction) if name is not None)

    def begin(self, request: PaymentRequest, card: SavedCard | None, now: datetime) -> Collection:
        """Return the collection with one more try, under a number of its own."""
        numbered = replace(request, attempt=len(self.attempts) + 1)
        return replace(self, attempts=(*self.attempts, Attempt(request=numbered, begun=now, card=card)))

    def changed(self, number: int, attempt: Attempt) -> Collection:
        """Return the collection with another attempt under a number, counted from 1."""
        attempts = (*self.attempts[: number - 1], attempt, *self.attempts[number:])
        return replace(self, attempts=attempts)


def heard(collection: Collection, number: int, payment: Payment) -> tuple[Collection, tuple[News, ...]]:
    """Take what the provider says of attempt `number`, and return what is new about it.

    What has been paid can be given back, but never become unpaid: such an answer is late, and dropped.
    """
    attempt = collection.attempts[number - 1]
    before = attempt.payment
    if before == payment or (attempt.received and payment.state not in RECEIVED):
        return collection, ()
    kinds = _kinds(before, payment)
    others = (each for place, each in enumerate(collection.attempts, 1) if place != number)
    if NewsKind.PAID in kinds and (collection.settled or any(_stands(each) for each in others)):
        kinds = (NewsKind.PAID_AGAIN, *kinds[1:])
    news = tuple(News(kind=kind, statement=collection.statement, payment=payment) for kind in kinds)
    return collection.changed(number, replace(attempt, payment=payment)), news


def taken_in(collection: Collection, request: PaymentRequest, payment: Payment, now: datetime) -> Collection:
    """Return the collection with a payment in it that nobody here remembers to have asked for.

    It is as if it had just been asked for; of one that is over nobody has to hear.
    """
    asked = replace(request, amount=payment.amount, currency=payment.currency, expires=payment.expires)
    begun = collection.begin(asked, None, payment.created or now)
    if payment.state in LIVE | RECEIVED:
        return begun
    return begun.changed(len(begun.attempts), replace(begun.attempts[-1], payment=payment))


def told_again(collection: Collection) -> tuple[News, ...]:
    """Return what came and went so far, for a record that may not have it."""
    payments = [each.payment for each in collection.attempts if each.payment is not None and each.received]
    told = ((kind, payment) for payment in payments for kind in _kinds(None, payment))
    return tuple(News(kind=kind, statement=collection.statement, payment=payment) for kind, payment in told)


def _stands(attempt: Attempt) -> bool:
    payment = attempt.payment
    return payment is not None and payment.state in (PaymentState.PAID, PaymentState.PARTLY_REFUNDED)


def _kinds(before: Payment | None, after: Payment) -> tuple[NewsKind, ...]:
    """Return what happened between two looks, in order; what was given back had come first."""
    state = None if before is None else before.state
    kinds: list[NewsKind] = []
    if after.state in RECEIVED:
        if state not in RECEIVED:
            kinds.append(NewsKind.PAID)
        if after.refunded != (before.refunded if before is not None else 0):
            kinds.append(NewsKind.REFUNDED if after.state is PaymentState.REFUNDED else NewsKind.PARTLY_REFUNDED)
    elif after.state is PaymentState.DECLINED and state is not PaymentState.DECLINED:
        kinds.append(NewsKind.DECLINED)
    elif after.state is PaymentState.EXPIRED and state is not PaymentState.EXPIRED:
        kinds.append(NewsKind.EXPIRED)
    return tuple(kinds)


def next_look(collection: Collection, looked: datetime | None) -> datetime | None:
    """Return when to look again, `None` when nothing can change any more. `looked` is when that was done last."""
    unfinished = None if collection.settled else collection.unfinished
    moments = (_next_look(attempt, looked, unfinished=unfinished is attempt) for attempt in collection.attempts)
    return min((moment for moment in moments if moment is not None), default=None)


def _next_look(attempt: Attempt, looked: datetime | None, *, unfinished: bool) -> datetime | None:
    payment = attempt.payment
    if not (unfinished or (payment is not None and (attempt.live or attempt.received))):
        return None
    if looked is None:
        return attempt.begun
    if attempt.live or unfinished or payment is None:
        age = looked - attempt.begun
        usual = looked + next((pause for until, pause in _PENDING_LOOKS if age < until), _SELDOM)
        # The end of a link is worth a look of its own.
        ends = None if payment is None else payment.expires
        return min(usual, ends) if ends is not None and ends > looked else usual
    paid_at = payment.paid_at or attempt.begun
    if payment.state is PaymentState.REFUNDED or looked - paid_at > _PAID_FOLLOWED:
        return None
    return looked + _PAID_LOOKS
