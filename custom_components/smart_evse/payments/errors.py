"""What can go wrong with a payment.

One family, told apart by what the caller does next. A provider turns whatever happens to it into these, always
`from err`, and lets nothing else out; none of them holds a key or anything of a card.
"""


class PaymentError(Exception):
    """The family."""


class Unreachable(PaymentError):
    """The provider does not answer. Nothing is known to have changed; the same again later is safe."""


class Unclear(Unreachable):
    """The provider broke while it was at it, and says the same of any repetition: ask anew under another name."""


class KeyRefused(PaymentError):
    """The key is wrong, withdrawn, or may not do this. Ask the owner."""


class Refused(PaymentError):
    """The provider understood and made nothing of it: an amount too small, a currency it does not take."""


class Unknown(Refused):
    """The provider has nothing under this reference; perhaps it belongs to another account."""


class Declined(PaymentError):
    """The payer's bank said no. `reason` is the provider's word for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the payment was declined: {reason}")
        self.reason = reason


class UnderWay(PaymentError):
    """A payment of the same statement is on its way and cannot be called back: no other one until it is settled."""


class Forged(PaymentError):
    """A message that does not come from the provider, or came long ago. Answer with 400 and forget it."""


class Unreadable(PaymentError):
    """A file that is no account statement of a bank."""
