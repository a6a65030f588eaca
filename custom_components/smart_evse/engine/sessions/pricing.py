"""What a session cost the site: the grid at its price, the sun at what feeding it in would have earned.

Amounts are exact; they are rounded once, where somebody reads them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from .model import Interval, Mark

_KWH = Decimal(1000)
_MEAN = Decimal("0.000001")
"""To how many digits a mean of several prices is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What some energy cost, in currency; a part is `None` while a price of it is not known.

    `grid` is what was paid, `sun` what was not earned by feeding in, `battery` what was stored had cost.
    What nobody knows the source of counts as bought: that is the most it can have cost. `reference` is what
    all of it would have cost from the grid. What a car gives back is in none of them.
    """

    grid: Decimal | None = Decimal(0)
    sun: Decimal | None = Decimal(0)
    battery: Decimal | None = Decimal(0)
    reference: Decimal | None = Decimal(0)

    @property
    def total(self) -> Decimal | None:
        """All of it."""
        return _sum(self.grid, self.sun, self.battery)

    @property
    def savings(self) -> Decimal | None:
        """What was saved against the grid; negative where feeding in would have been better."""
        total = self.total
        return None if self.reference is None or total is None else self.reference - total


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSpan:
    """The prices of a time, in currency per kWh: `bought` from the grid, `sold` to it."""

    start: datetime
    end: datetime
    bought: Decimal | None = None
    sold: Decimal | None = None


def cost_of(interval: Interval) -> Cost:
    """Return what an interval cost."""
    return Cost(
        grid=_amount(interval.from_grid + interval.unattributed, interval.import_price),
        sun=_amount(interval.from_sun, interval.export_price),
        battery=_amount(interval.from_battery, interval.battery_price),
        reference=_amount(interval.energy_in, interval.import_price),
    )


def cost_of_all(intervals: Iterable[Interval]) -> Cost:
    """Return what several intervals cost together."""
    costs = [cost_of(interval) for interval in intervals]
    return Cost(
        grid=_sum(*(cost.grid for cost in costs)),
        sun=_sum(*(cost.sun for cost in costs)),
        battery=_sum(*(cost.battery for cost in costs)),
        reference=_sum(*(cost.reference for cost in costs)),
    )


def filled(interval: Interval, prices: Iterable[PriceSpan]) -> Interval:
    """Fill in prices that were not known when an interval went on record; those that were stand.

    An interval that lies in several spans gets their mean over time: nobody saw when its energy flowed. One that they
    do not cover stays as it is.
    """
    spans = tuple(prices)
    bought = interval.import_price
    if bought is None:
        bought = _mean(interval, ((span.start, span.end, span.bought) for span in spans))
    sold = interval.export_price
    if sold is None:
        sold = _mean(interval, ((span.start, span.end, span.sold) for span in spans))
    marks = interval.marks if bought is None else interval.marks - {Mark.PROVISIONAL}
    return replace(interval, import_price=bought, export_price=sold, marks=marks)


def _mean(interval: Interval, spans: Iterable[tuple[datetime, datetime, Decimal | None]]) -> Decimal | None:
    whole = (interval.end - interval.start).total_seconds()
    parts: list[tuple[Decimal, Decimal]] = []
    for start, end, price in spans:
        seconds = (min(end, interval.end) - max(start, interval.start)).total_seconds()
        if price is not None and (seconds > 0 or (not whole and start <= interval.start < end)):
            parts.append((price, Decimal(str(seconds or 1.0))))
    covered = sum((seconds for _, seconds in parts), Decimal(0))
    if not parts or covered < Decimal(str(whole)):
        return None
    if len({price for price, _ in parts}) == 1:
        return parts[0][0]
    return (sum((price * seconds for price, seconds in parts), Decimal(0)) / covered).quantize(_MEAN)


def _amount(energy: int, price: Decimal | None) -> Decimal | None:
    if not energy:
        return Decimal(0)
    return None if price is None else energy * price / _KWH


def _sum(*amounts: Decimal | None) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
