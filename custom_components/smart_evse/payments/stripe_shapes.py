"""What Stripe's objects mean: Checkout Sessions and PaymentIntents, with the charge inside, as payments."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from ..links.http import Fields
from .coins import from_coins
from .errors import Unreachable
from .port import Payment, PaymentState

KEY = "stripe"

# What a PaymentIntent's status says before any money has come.
_INTENT_STATES = {
    "requires_confirmation": PaymentState.PREPARED,
    # The bank wants to see somebody, and nobody is there.
    "requires_action": PaymentState.DECLINED,
    "requires_capture": PaymentState.PENDING,
    "processing": PaymentState.PENDING,
    "canceled": PaymentState.CANCELLED,
}


def moment(value: float | None) -> datetime | None:
    """Return seconds since 1970 as a time."""
    return None if value is None else datetime.fromtimestamp(value, UTC)


def payment_of_session(session: Fields) -> Payment:
    """Read a Checkout Session whose `payment_intent.latest_charge` came with it.

    A session can be complete and unpaid: then a bank takes its days.
    """
    intent = session.part("payment_intent")
    currency, amount = _money(session, "amount_total")
    state = PaymentState.EXPIRED if session.text("status") == "expired" else PaymentState.PENDING
    if session.text("payment_status") == "paid":
        state = PaymentState.PAID
    elif session.text("status") == "complete" and _intent_failed(intent):
        state = PaymentState.DECLINED
    return _with_charge(
        Payment(
            id=_name(session),
            provider=KEY,
            state=state,
            amount=amount,
            currency=currency,
            transaction=intent.text("id") or session.text("payment_intent"),
            url=session.text("url") if session.text("status") == "open" else None,
            created=moment(session.number("created")),
            expires=moment(session.number("expires_at")),
            reason=_reason(intent),
        ),
        intent,
    )


def payment_of_intent(intent: Fields) -> Payment:
    """Read a PaymentIntent whose `latest_charge` came with it: the charge of a saved card."""
    currency, amount = _money(intent, "amount")
    if intent.text("status") == "succeeded":
        state = PaymentState.PAID
    elif _intent_failed(intent):
        state = PaymentState.DECLINED
    else:
        state = _INTENT_STATES.get(intent.text("status") or "", PaymentState.PENDING)
    return _with_charge(
        Payment(
            id=_name(intent),
            provider=KEY,
            state=state,
            amount=amount,
            currency=currency,
            transaction=intent.text("id"),
            created=moment(intent.number("created")),
            reason=_reason(intent),
        ),
        intent,
    )


def _with_charge(payment: Payment, intent: Fields) -> Payment:
    """Add what only the charge tells: when it was, and what was given back."""
    if payment.state is not PaymentState.PAID:
        return payment
    charge = intent.part("latest_charge")
    refunded = from_coins(charge.whole("amount_refunded") or 0, payment.currency)
    state = PaymentState.PAID
    if refunded:
        state = PaymentState.REFUNDED if refunded >= payment.amount else PaymentState.PARTLY_REFUNDED
    paid_at = moment(charge.number("created")) or payment.created
    return replace(payment, state=state, refunded=refunded, url=None, paid_at=paid_at, reason=None)


def _intent_failed(intent: Fields) -> bool:
    """Tell whether the bank said no: one that was never tried has the same status."""
    tried = "id" in intent.part("latest_charge") or _reason(intent) is not None
    return tried and intent.text("status") in ("requires_payment_method", "canceled")


def _reason(intent: Fields) -> str | None:
    error = intent.part("last_payment_error")
    if intent.text("status") == "requires_action":
        return "authentication_required"
    return error.text("decline_code") or error.text("code")


def _name(fields: Fields) -> str:
    name = fields.text("id")
    if name is None:
        raise Unreachable("Stripe answers something else than a payment")
    return name


def _money(fields: Fields, key: str) -> tuple[str, Decimal]:
    currency, coins = fields.text("currency"), fields.whole(key)
    if currency is None or coins is None:
        raise Unreachable("Stripe answers without an amount")
    return currency.upper(), from_coins(coins, currency)
