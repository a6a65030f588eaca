"""Amounts as card networks count them: in whole numbers of the smallest coin.

Which currencies have no coin below the main unit, or three digits, is Stripe's table of 2025 ("Zero-decimal
currencies", "Three-decimal currencies", "Special cases"), which is that of ISO 4217 but for the Icelandic króna and the
Ugandan shilling: they are still told in hundredths.
"""

from decimal import Decimal

from .errors import Refused

_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG"), 0),
    **dict.fromkeys(("RWF", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 3),
}


def to_coins(amount: Decimal, currency: str) -> int:
    """Return an amount in the smallest coin; what has to be rounded first is refused."""
    coins = amount.scaleb(_DIGITS.get(currency.upper(), 2))
    if coins != coins.to_integral_value():
        raise Refused(f"{amount} {currency} is not a sum of coins")
    return int(coins)


def from_coins(coins: int, currency: str) -> Decimal:
    """Return an amount in the main unit, with the currency's digits."""
    return Decimal(coins).scaleb(-_DIGITS.get(currency.upper(), 2))
