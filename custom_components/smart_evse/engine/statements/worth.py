"""What a session is worth at the site's own prices, interval by interval, so that it can be cut."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from ..sessions.model import Interval
from ..tariffs.model import Dimension, Priced, PricedLine, Source
from .charged import Valuation, Value

_KWH = Decimal(1000)

type _Priced = tuple[int, Decimal | None, Source | None]
"""Wh, what a kWh of it costs (`None` while nobody knows), and where it came from."""


def worths(intervals: tuple[Interval, ...], currency: str) -> tuple[Value, ...]:
    """Return a session by each valuation that follows the site's prices. What a tariff says is its own."""
    return tuple(worth(intervals, valuation, currency) for valuation in _SHARES)


def worth(intervals: tuple[Interval, ...], valuation: Valuation, currency: str) -> Value:
    """Return what intervals are worth; energy whose price is not known yet is told apart."""
    known: list[PricedLine] = []
    unknown: list[PricedLine] = []
    for interval in intervals:
        for energy, price, source in _SHARES[valuation](interval):
            if energy:
                (unknown if price is None else known).append(_line(interval, energy, price or Decimal(0), source))
    priced = Priced(
        tariff=valuation,
        currency=currency,
        lines=tuple(known),
        unpriced=int(sum((line.quantity for line in unknown), Decimal(0)) * _KWH),
        without_price=tuple(unknown),
    )
    return Value(valuation=valuation, priced=priced)


def _line(interval: Interval, energy: int, price: Decimal, source: Source | None) -> PricedLine:
    quantity = energy / _KWH
    return PricedLine(
        dimension=Dimension.ENERGY,
        start=interval.start,
        end=interval.end,
        quantity=quantity,
        price=price,
        vat=None,
        net=quantity * price,
        gross=quantity * price,
        source=source,
    )


def _from_the_grid(interval: Interval) -> Iterator[_Priced]:
    yield interval.energy_in, interval.import_price, None


def _paid(interval: Interval) -> Iterator[_Priced]:
    # What nobody knows the source of counts as bought.
    yield interval.from_grid + interval.unattributed, interval.import_price, Source.GRID
    yield interval.from_battery, interval.battery_price, Source.BATTERY


def _with_the_sun(interval: Interval) -> Iterator[_Priced]:
    yield from _paid(interval)
    yield interval.from_sun, interval.export_price, Source.SUN


_SHARES: Mapping[Valuation, Callable[[Interval], Iterator[_Priced]]] = {
    Valuation.PAID: _paid,
    Valuation.GRID: _from_the_grid,
    Valuation.COST: _with_the_sun,
}
