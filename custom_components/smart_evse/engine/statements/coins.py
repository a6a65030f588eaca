"""The one rounding of money: to the smallest coin of a currency, half of it away from zero."""

from decimal import ROUND_HALF_UP, Decimal

_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""How many digits behind the point a currency has where that is not two (ISO 4217)."""

_NOISE = Decimal("1e-9")
"""Exact amounts are kept to twelve digits: what is less than this away from half a coin is half a coin."""


def digits(currency: str) -> int:
    """Return how many digits behind the point amounts of a currency have."""
    return _DIGITS.get(currency.upper(), 2)


def coin(currency: str) -> Decimal:
    """Return the smallest coin: 0.01 of most currencies."""
    return Decimal(1).scaleb(-digits(currency))


def rounded(amount: Decimal, smallest: Decimal) -> Decimal:
    """Return an amount in whole coins."""
    whole = (amount.quantize(_NOISE, ROUND_HALF_UP) / smallest).to_integral_value(rounding=ROUND_HALF_UP)
    # Nobody owes minus nothing.
    return (whole * smallest).quantize(smallest) + 0
