"""What a price is at a time: as it is written down, or as it follows something."""

from decimal import Decimal

from .model import Basis, Component, Dimension, Follows, Stretch


def price_at(component: Component, stretch: Stretch) -> Decimal | None:
    """Return what a unit costs, `None` while what the price follows is not known. Only a price per kWh follows."""
    follows = component.follows
    if follows is None or component.dimension is not Dimension.ENERGY:
        return component.price
    basis = _basis(follows, stretch)
    if basis is None:
        return None
    price = component.price + follows.factor * basis
    if follows.least is not None:
        price = max(price, follows.least)
    return price if follows.most is None else min(price, follows.most)


def _basis(follows: Follows, stretch: Stretch) -> Decimal | None:
    match follows.basis:
        case Basis.SITE_PRICE:
            return stretch.site_price
        case Basis.FEED_IN:
            return stretch.feed_in
        case Basis.DEMAND:
            return None if stretch.demand is None else _more(follows, stretch.demand)


def _more(follows: Follows, demand: Decimal) -> Decimal:
    """Return what is added at a demand: by the highest step that it has reached."""
    reached = [step for step in follows.steps if step.share <= demand]
    return max(reached, key=lambda step: step.share).more if reached else Decimal(0)
