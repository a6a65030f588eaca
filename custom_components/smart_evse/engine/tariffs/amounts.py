"""How exact amounts are kept.

Whatever is taken apart is reckoned in fractions, so that nothing is lost on the way. What leaves as `Decimal` has
twelve digits behind the point: far below any coin, and few enough that sums and differences of amounts are exact.
"""

from decimal import Decimal
from fractions import Fraction
from math import floor

DIGITS = 12

_SCALE = 10**DIGITS


def exact(value: Fraction) -> Decimal:
    """Return a fraction to twelve digits behind the point, half of the last one rounded away from zero."""
    size = floor(abs(value) * _SCALE + Fraction(1, 2))
    number = Decimal(size if value >= 0 else -size).scaleb(-DIGITS).normalize()
    exponent = number.as_tuple().exponent
    return number.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else number
