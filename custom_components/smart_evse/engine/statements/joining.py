"""Makes of many amounts of a kind a few that somebody reads."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from ..tariffs.model import Dimension
from .charged import Exact

MOST_PRICES = 4
"""So many prices of one kind are shown each by itself; a price that moves oftener is shown as its mean."""

_MEAN = Decimal("0.000001")
_ORDER: Mapping[str, int] = {dimension: place for place, dimension in enumerate(Dimension)}
_ZERO = Decimal(0)


def joined(found: Iterable[Exact]) -> Iterator[Exact]:
    """Yield one amount for each kind and price, or one for the kind where there are many prices; energy comes first."""
    kinds: dict[object, dict[Decimal, list[Exact]]] = {}
    for one in sorted(found, key=lambda one: _ORDER.get(one.what, len(_ORDER))):
        kind = (one.what, one.unit, one.source, one.vat, one.tariff, one.driver, one.with_vat)
        kinds.setdefault(kind, {}).setdefault(one.price, []).append(one)
    for prices in kinds.values():
        if len(prices) <= MOST_PRICES:
            yield from (_sum(some) for some in prices.values())
        else:
            yield _mean(_sum([one for some in prices.values() for one in some]))


def _sum(some: list[Exact]) -> Exact:
    return replace(
        some[0],
        quantity=sum((one.quantity for one in some), _ZERO),
        net=sum((one.net for one in some), _ZERO),
        gross=sum((one.gross for one in some), _ZERO),
        net_before=sum((one.net_before for one in some), _ZERO),
        gross_before=sum((one.gross_before for one in some), _ZERO),
    )


def _mean(one: Exact) -> Exact:
    if not one.quantity:
        return replace(one, price=_ZERO)
    amount = one.gross if one.with_vat else one.net
    return replace(one, price=(amount / one.quantity).quantize(_MEAN))
