"""The one rounding of money: half a coin is rounded away from zero.

It happens where a line is put on a statement and nowhere before.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

COINS = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0, "KRW": 0,
    "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0,
    "XOF": 0, "XPF": 0,
}  # fmt: skip
"""How many digits behind the point a currency has where that is not two (ISO 4217)."""

_NOISE = Decimal("1e-9")
"""Exact amounts are kept to twelve digits: what is less than this away from half a coin is half a coin."""


def coin(currency: str) -> Decimal:
    """Return the smallest amount of a currency."""
    return Decimal(1).scaleb(-COINS.get(currency.upper(), 2))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return an amount in whole coins."""
    # Nobody owes minus nothing.
    return amount.quantize(_NOISE, ROUND_HALF_UP).quantize(coin(currency), ROUND_HALF_UP) + 0


def rounded_parts(parts: Sequence[Decimal], currency: str) -> tuple[Decimal, ...]:
    """Return parts in whole coins that add up to their rounded sum.

    A part is never a coin or more away from what it is: coins that are left over go to those that were cut most.
    """
    smallest = coin(currency)
    cut = [part.quantize(_NOISE, ROUND_HALF_UP).quantize(smallest, ROUND_DOWN) for part in parts]
    missing = rounded(sum(parts, Decimal(0)), currency) - sum(cut, Decimal(0))
    step = smallest if missing > 0 else -smallest
    most_cut = sorted(range(len(parts)), key=lambda place: (parts[place] - cut[place]) * step, reverse=True)
    for place in most_cut[: int(abs(missing) / smallest)]:
        cut[place] += step
    return tuple(cut)
