"""What an interval cost the site, in whole billionths of the currency's unit: so sums are exact in every order."""

from decimal import ROUND_HALF_EVEN, Decimal

from ..engine.sessions import pricing
from ..engine.sessions.model import Interval


def cost_of(interval: Interval) -> int | None:
    """Return what it cost; `None` while a price is missing."""
    return _billionths(pricing.cost_of(interval).total)


def reference_of(interval: Interval) -> int | None:
    """Return what the grid alone would have cost; `None` while its price is missing."""
    return _billionths(pricing.cost_of(interval).reference)


def money(amount: int) -> Decimal:
    """Return billionths as an amount."""
    return Decimal(amount).scaleb(-9)


def _billionths(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount.scaleb(9).to_integral_value(rounding=ROUND_HALF_EVEN))
