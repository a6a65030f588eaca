"""A collection as JSON and back, for whoever keeps it. Amounts are texts, so that no float comes near them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from ..links.http import Fields
from .following import Attempt, Collection
from .port import Payment, PaymentRequest, PaymentState, SavedCard

type Json = Mapping[str, Json | list[Json] | str | int | bool | None]


def as_json(collection: Collection) -> Json:
    """Return a collection as JSON."""
    return {
        "statement": collection.statement,
        "settled": collection.settled,
        "attempts": [_attempt_as_json(attempt) for attempt in collection.attempts],
    }


def from_json(content: Mapping[str, object]) -> Collection:
    """Return the collection that was kept; raise `ValueError` or `TypeError` where that is none."""
    fields = Fields(content)
    attempts = fields.raw("attempts")
    if not isinstance(attempts, list):
        raise TypeError("attempts are a list")
    return Collection(
        statement=_text(fields, "statement"),
        settled=fields.flag("settled") or False,
        attempts=tuple(_attempt(Fields(each)) for each in attempts),
    )


def _attempt_as_json(attempt: Attempt) -> Json:
    request, card, payment = attempt.request, attempt.card, attempt.payment
    return {
        "begun": attempt.begun.isoformat(),
        "void": attempt.void,
        "announced": attempt.announced,
        "request": {
            "statement": request.statement,
            "site": request.site,
            "number": request.number,
            "amount": str(request.amount),
            "currency": request.currency,
            "description": request.description,
            "language": request.language,
            "return_url": request.return_url,
            "cancel_url": request.cancel_url,
            "attempt": request.attempt,
            "expires": _written(request.expires),
            "since": _written(request.since),
        },
        "card": None if card is None else {"provider": card.provider, "customer": card.customer, "method": card.method},
        "payment": None if payment is None else _payment_as_json(payment),
    }


def _payment_as_json(payment: Payment) -> Json:
    return {
        "id": payment.id,
        "provider": payment.provider,
        "state": payment.state.value,
        "amount": str(payment.amount),
        "currency": payment.currency,
        "refunded": str(payment.refunded),
        "transaction": payment.transaction,
        "url": payment.url,
        "created": _written(payment.created),
        "expires": _written(payment.expires),
        "paid_at": _written(payment.paid_at),
        "reason": payment.reason,
    }


def _attempt(fields: Fields) -> Attempt:
    request, card = fields.part("request"), fields.part("card")
    return Attempt(
        begun=datetime.fromisoformat(_text(fields, "begun")),
        void=fields.flag("void") or False,
        announced=fields.flag("announced") or False,
        request=PaymentRequest(
            statement=_text(request, "statement"),
            site=_text(request, "site"),
            number=_text(request, "number"),
            amount=Decimal(_text(request, "amount")),
            currency=_text(request, "currency"),
            description=_text(request, "description"),
            language=_text(request, "language"),
            return_url=_text(request, "return_url"),
            cancel_url=request.text("cancel_url"),
            attempt=request.whole("attempt") or 1,
            expires=_moment(request, "expires"),
            since=_moment(request, "since"),
        ),
        card=None if fields.raw("card") is None else card_from_json(card),
        payment=None if fields.raw("payment") is None else _payment(fields.part("payment")),
    )


def card_from_json(fields: Fields) -> SavedCard:
    """Return the card whose three references were kept."""
    return SavedCard(
        provider=_text(fields, "provider"), customer=_text(fields, "customer"), method=_text(fields, "method")
    )


def _payment(fields: Fields) -> Payment:
    return Payment(
        id=_text(fields, "id"),
        provider=_text(fields, "provider"),
        state=PaymentState(_text(fields, "state")),
        amount=Decimal(_text(fields, "amount")),
        currency=_text(fields, "currency"),
        refunded=Decimal(_text(fields, "refunded")),
        transaction=fields.text("transaction"),
        url=fields.text("url"),
        created=_moment(fields, "created"),
        expires=_moment(fields, "expires"),
        paid_at=_moment(fields, "paid_at"),
        reason=fields.text("reason"),
    )


def _text(fields: Fields, key: str) -> str:
    value = fields.raw(key)
    if not isinstance(value, str):
        raise TypeError(f"{key} is missing")
    return value


def _moment(fields: Fields, key: str) -> datetime | None:
    said = fields.text(key)
    return None if said is None else datetime.fromisoformat(said)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
