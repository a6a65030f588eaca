"""How far a statement has come: sent, paid, cancelled, and the money that came and went."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .errors import IllegalStep
from .model import StatementState


class EventKind(StrEnum):
    """What may happen to a statement."""

    SENT = "sent"
    PAYMENT = "payment"
    """Money came, perhaps only a part."""
    PAID = "paid"
    """Somebody says that all of what was open has been paid."""
    REFUND = "refund"
    """Money was given back."""
    REVERSED = "reversed"
    """A bank took a payment back: as if it had never come."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEvent:
    """What happened, aware UTC. `amount` is positive, of payments, refunds and reversals only.

    `provider` and `reference` name it at whoever moved the money: told twice it happened once. `by` is the id of
    whoever did it, `credit_note` the id of the statement that takes a cancelled one back.
    """

    statement: str
    kind: EventKind
    at: datetime
    amount: Decimal | None = None
    provider: str | None = None
    reference: str | None = None
    by: str | None = None
    credit_note: str | None = None

    @property
    def key(self) -> tuple[EventKind, str | None, str] | None:
        """What makes it the same when it is told again; `None` where it has no name."""
        return None if self.reference is None else (self.kind, self.provider, self.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a statement stands. `received` is what came and was not given or taken back; `refunded` what was given back.

    A credit note stands for nothing by itself (`total` is 0): what it takes back is what is cancelled.
    """

    total: Decimal
    state: StatementState = StatementState.OPEN
    received: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    sent_at: datetime | None = None
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None
    credit_note: str | None = None
    events: tuple[StatementEvent, ...] = ()

    @property
    def open(self) -> Decimal:
        """What is still to be paid; negative is what the issuer owes back."""
        missing = self.total - self.received
        match self.state:
            case StatementState.CANCELLED:
                return -self.received
            case StatementState.PAID:
                # What was refunded of a paid one is a gift; only too much is owed.
                return min(missing, Decimal(0)) if self.total >= 0 else max(missing, Decimal(0))
        return missing


_SETTLED = frozenset({StatementState.PAID, StatementState.CANCELLED})


def after(standing: Standing, event: StatementEvent) -> Standing:
    """Return how a statement stands after something happened; `IllegalStep` if it cannot happen to it.

    Told again what was told before it changes nothing. Money that comes late for a cancelled one is written down, too:
    it is owed back.
    """
    if event.key is not None and event.key in {known.key for known in standing.events}:
        return standing
    new = _STEPS[event.kind](standing, event)
    return replace(new, events=(*standing.events, event))


def following(total: Decimal, events: Iterable[StatementEvent]) -> Standing:
    """Return how a statement stands after all of its events; those that cannot be are passed over.

    Two ledgers that went on from one backup may tell what does not go together.
    """
    standing = Standing(total=total)
    for event in events:
        try:
            standing = after(standing, event)
        except IllegalStep:
            continue
    return standing


def _sent(standing: Standing, event: StatementEvent) -> Standing:
    if standing.state is StatementState.CANCELLED:
        raise IllegalStep(standing.state, event.kind)
    state = StatementState.SENT if standing.state is StatementState.OPEN else standing.state
    return replace(standing, state=state, sent_at=standing.sent_at or event.at)


def _payment(standing: Standing, event: StatementEvent) -> Standing:
    return _settled(replace(standing, received=standing.received + _amount(standing, event)), event)


def _paid(standing: Standing, event: StatementEvent) -> Standing:
    if standing.state in _SETTLED:
        raise IllegalStep(standing.state, event.kind)
    return replace(standing, state=StatementState.PAID, received=standing.total, paid_at=event.at)


def _refund(standing: Standing, event: StatementEvent) -> Standing:
    amount = _amount(standing, event)
    left = standing.received - amount
    if left < min(standing.total, Decimal(0)):
        raise IllegalStep(standing.state, event.kind)
    return _settled(replace(standing, received=left, refunded=standing.refunded + amount), event)


def _reversed(standing: Standing, event: StatementEvent) -> Standing:
    left = standing.received - _amount(standing, event)
    if left < 0:
        raise IllegalStep(standing.state, event.kind)
    if standing.state is StatementState.PAID and left < standing.total:
        state = StatementState.SENT if standing.sent_at else StatementState.OPEN
        return replace(standing, state=state, received=left, paid_at=None)
    return replace(standing, received=left)


def _cancelled(standing: Standing, event: StatementEvent) -> Standing:
    if standing.state is StatementState.CANCELLED:
        raise IllegalStep(standing.state, event.kind)
    return replace(standing, state=StatementState.CANCELLED, cancelled_at=event.at, credit_note=event.credit_note)


def _settled(standing: Standing, event: StatementEvent) -> Standing:
    """Return it as paid, if what came is what was asked for."""
    due = standing.total - standing.received
    if standing.state in _SETTLED or (due > 0 if standing.total >= 0 else due < 0):
        return standing
    return replace(standing, state=StatementState.PAID, paid_at=event.at)


def _amount(standing: Standing, event: StatementEvent) -> Decimal:
    if event.amount is None or event.amount <= 0:
        raise IllegalStep(standing.state, event.kind)
    return event.amount


_STEPS: Mapping[EventKind, Callable[[Standing, StatementEvent], Standing]] = {
    EventKind.SENT: _sent,
    EventKind.PAYMENT: _payment,
    EventKind.PAID: _paid,
    EventKind.REFUND: _refund,
    EventKind.REVERSED: _reversed,
    EventKind.CANCELLED: _cancelled,
}
