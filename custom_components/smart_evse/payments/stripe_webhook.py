"""What Stripe calls to say: checked, and then believed only so far that a payment is worth a look.

The check is that of Stripe's page "Verify webhook signatures manually": an HMAC-SHA256 over the time, a dot and the
body as it came. While a secret is being changed there are several signatures, one for each.
"""

from datetime import datetime
import hashlib
import hmac
import json

from ..links.http import Fields
from .errors import Forged
from .port import Hint

TOLERANCE = 300
"""How old or how far ahead a message may be, in s."""

LARGEST = 262_144
"""No message is longer, in bytes."""


def read_stripe_message(body: bytes, signature: str, secret: str, now: datetime) -> Hint:
    """Return what to look at; `body` is the raw body, `signature` the header `Stripe-Signature`."""
    told, signatures = _parts(signature)
    if len(body) > LARGEST or abs(now.timestamp() - told) > TOLERANCE:
        raise Forged("the message is not of now")
    right = hmac.new(secret.encode(), f"{told}.".encode() + body, hashlib.sha256).hexdigest()
    # All are compared, so that the time it takes tells nothing.
    if not secret or not sum(hmac.compare_digest(right.encode(), each.encode()) for each in signatures):
        raise Forged("the signature is not Stripe's")
    try:
        event: object = json.loads(body)
    except (ValueError, RecursionError) as err:
        raise Forged("the message is no event") from err
    fields = Fields(event if isinstance(event, dict) else {})
    thing = fields.part("data").part("object")
    named = (thing.text("id"), thing.text("payment_intent"), thing.part("payment_intent").text("id"))
    return Hint(id=fields.text("id") or "", payments=frozenset(name for name in named if name))


def _parts(signature: str) -> tuple[int, list[str]]:
    """Return the time in s since 1970 and the signatures of version 1; other versions are not ours to judge."""
    pairs = [part.strip().partition("=")[::2] for part in signature.split(",")]
    times = [value for name, value in pairs if name == "t" and value.isascii() and value.isdecimal()]
    if len(times) != 1 or len(times[0]) > 12:
        raise Forged("the message has no time")
    return int(times[0]), [value for name, value in pairs if name == "v1"]
