"""Lines that are shown as one: the same price all along, or one dimension with its mean price."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from .model import Dimension, PricedLine, Source

_MEAN = Decimal("0.000001")
"""To how many digits the mean of several prices is told."""

type Key = tuple[Dimension, Decimal | None, Source | None, Decimal | None]


def key_of(line: PricedLine, *, by_price: bool = True) -> Key:
    """Return what lines must have in common to be shown as one: dimension, VAT, source, and the price if asked for."""
    return (line.dimension, line.vat, line.source, line.price if by_price else None)


def gathered(lines: Iterable[PricedLine], *, by_price: bool = True) -> tuple[PricedLine, ...]:
    """Return one line for each price, or for each dimension with the mean of its prices; in order of appearance."""
    found: dict[Key, list[PricedLine]] = {}
    for line in lines:
        found.setdefault(key_of(line, by_price=by_price), []).append(line)
    return tuple(_one(each) for each in found.values())


def _one(lines: list[PricedLine]) -> PricedLine:
    quantity = sum((line.quantity for line in lines), Decimal(0))
    prices = {line.price for line in lines}
    price = lines[0].price
    if len(prices) > 1 and quantity:
        price = (sum((line.price * line.quantity for line in lines), Decimal(0)) / quantity).quantize(_MEAN)
    return replace(
        lines[0],
        start=min(line.start for line in lines),
        end=max(line.end for line in lines),
        quantity=quantity,
        price=price,
        net=sum((line.net for line in lines), Decimal(0)),
        gross=sum((line.gross for line in lines), Decimal(0)),
    )
