"""Whether what was begun before is what is asked for now: then it is gone on with, and nothing new is begun."""

from datetime import datetime, timedelta

from .following import Attempt
from .port import PaymentRequest, PaymentState, SavedCard

WORTH_OPENING = timedelta(minutes=30)
"""A link with less than this left is not handed out again."""

KEYS_KEPT = timedelta(hours=23)
"""How long a provider knows a request again (Stripe: "at least 24 hours")."""


def serves(attempt: Attempt, request: PaymentRequest, now: datetime) -> bool:
    """Tell whether a link that was asked for serves for the request too."""
    if attempt.card is not None or not _same_money(attempt, request):
        return False
    if attempt.payment is None:
        return now - attempt.begun < KEYS_KEPT
    ends = attempt.payment.expires
    return attempt.payment.url is not None and (ends is None or ends - now >= WORTH_OPENING)


def resumes(attempt: Attempt, request: PaymentRequest, card: SavedCard, now: datetime) -> bool:
    """Tell whether a charge was asked for before and not taken."""
    if attempt.card != card or not _same_money(attempt, request):
        return False
    if attempt.payment is None:
        return now - attempt.begun < KEYS_KEPT
    return attempt.payment.state is PaymentState.PREPARED


def _same_money(attempt: Attempt, request: PaymentRequest) -> bool:
    return (attempt.request.amount, attempt.request.currency) == (request.amount, request.currency)
