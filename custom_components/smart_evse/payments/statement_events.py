"""News of a payment as what a statement has on record: money that came, money that was given back."""

from datetime import datetime
from decimal import Decimal

from ..engine.statements.states import EventKind, Standing, StatementEvent
from .following import News, NewsKind

_CAME = frozenset({NewsKind.PAID, NewsKind.PAID_AGAIN})
_GIVEN_BACK = frozenset({NewsKind.PARTLY_REFUNDED, NewsKind.REFUNDED})


def statement_event(news: News, standing: Standing, at: datetime) -> StatementEvent | None:
    """Return what is to be booked, `None` where no money moved or where it is on record.

    `standing` is how the statement stands now, `at` the time for what the provider tells no time of. News that come
    twice, late, or after others were lost make the same record: what was given back is the difference between what the
    provider says and what is on record of this payment.
    """
    payment = news.payment
    if news.kind in _CAME:
        return StatementEvent(
            statement=news.statement,
            kind=EventKind.PAYMENT,
            at=payment.paid_at or at,
            amount=payment.amount,
            provider=payment.provider,
            reference=payment.id,
        )
    more = payment.refunded - _on_record(standing, payment.provider, payment.id)
    if news.kind not in _GIVEN_BACK or more <= 0:
        return None
    return StatementEvent(
        statement=news.statement,
        kind=EventKind.REFUND,
        at=at,
        amount=more,
        provider=payment.provider,
        reference=f"{payment.id}/{payment.refunded}",
    )


def _on_record(standing: Standing, provider: str, payment_id: str) -> Decimal:
    """Return what was given back of one payment."""
    refunds = (event for event in standing.events if event.kind is EventKind.REFUND and event.provider == provider)
    own = (event for event in refunds if (event.reference or "").partition("/")[0] == payment_id)
    return sum((event.amount or Decimal(0) for event in own), Decimal(0))
