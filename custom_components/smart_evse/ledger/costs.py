"""What an interval cost the site, in whole billionths of the currency's unit."""

from decimal import ROUND_HALF_EVEN, Decimal

from ..engine.sessions.model import Interval

BILLIONTHS = 1_000_000_000
_WH_TO_BILLIONTHS = Decimal(BILLIONTHS // 1000)


def cost_of(interval: Interval) -> int | None:
    """Return what the grid's part cost, the sun's would have earned and the battery's had cost.

    `None` while a price is missing. Of what nobody knows the source, the grid's price is assumed.
    """
    bought = interval.from_grid + interval.unattributed
    parts = (
        (bought, interval.import_price),
        (interval.from_sun, interval.export_price),
        (interval.from_battery, interval.battery_price),
    )
    if any(energy and price is None for energy, price in parts):
        return None
    return sum(_billionths(energy, price) for energy, price in parts if energy and price is not None)


def reference_of(interval: Interval) -> int | None:
    """Return what the grid alone would have cost."""
    if interval.energy_in and interval.import_price is None:
        return None
    return _billionths(interval.energy_in, interval.import_price or Decimal(0))


def money(amount: int) -> Decimal:
    """Return billionths as an amount."""
    return Decimal(amount).scaleb(-9)


def _billionths(energy: int, price: Decimal) -> int:
    return int((energy * price * _WH_TO_BILLIONTHS).to_integral_value(rounding=ROUND_HALF_EVEN))
