"""The one rounding: to the smallest coin of a currency, half of it away from zero."""

from decimal import ROUND_HALF_UP, Decimal

from ..tariffs.rounding import COINS

_NOISE = Decimal("1e-9")
"""Exact amounts are kept to twelve digits: what is less than this away from half a coin is half a coin."""


def digits(currency: str) -> int:
    """Return how many digits behind the point amounts of a currency have."""
    return COINS.get(currency.upper(), 2)


def coin(currency: str) -> Decimal:
    """Return the smallest coin: 0.01 of most currencies."""
    return Decimal(1).scaleb(-digits(currency))


def rounded(amount: Decimal, smallest: Decimal) -> Decimal:
    """Return an amount in whole coins."""
    whole = (amount.quantize(_NOISE, ROUND_HALF_UP) / smallest).to_integral_value(rounding=ROUND_HALF_UP)
    # Nobody owes minus nothing.
    return (whole * smallest).quantize(smallest) + 0
