"""What a tariff makes of a session, by the rules of OCPI 2.2.1 and 2.3.0.

For each dimension the first element counts whose restrictions hold, so that there is one price for it at a time. A flat
fee is charged once, when the first of them begins to apply. Steps and the least and most price of a session come last.
"""

from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal
from fractions import Fraction
from math import ceil

from .amounts import exact
from .bounds import bounded
from .charges import Charge, charges
from .model import Bound, Dimension, Priced, PricedLine, Stretch, Tariff
from .pieces import pieces
from .stepping import steps

UNIT = {Dimension.ENERGY: 1000, Dimension.TIME: 3600, Dimension.IDLE: 3600, Dimension.FLAT: 1}
"""How many Wh, s or sessions a price is for."""


def price(tariff: Tariff, stretches: Sequence[Stretch], zone: tzinfo) -> Priced:
    """Return what a session costs: its stretches in order from plug-in to plug-out, in the site's zone.

    A line never goes beyond a stretch, so that it can be cut at any instant. Nothing is invented for energy whose price
    is not known: it is told in `unpriced`.
    """
    if not stretches:
        return Priced(tariff=tariff.id, currency=tariff.currency, lines=())
    session = list(pieces(tariff, stretches, zone))
    charged = list(charges(tariff, session))
    known = [charge for charge in charged if charge.price is not None] + steps(charged, session[-1].end)
    unknown = [charge for charge in charged if charge.price is None]
    lines = tuple(_line(tariff, charge) for charge in known)
    return Priced(
        tariff=tariff.id,
        currency=tariff.currency,
        lines=lines,
        bounded=bounded(tariff, lines, final=not unknown),
        unpriced=ceil(sum((charge.quantity for charge in unknown), Fraction(0))),
        without_price=tuple(_line(tariff, charge) for charge in unknown),
        bound_waits=bool(unknown) and (tariff.least, tariff.most) != (Bound(), Bound()),
    )


def _line(tariff: Tariff, charge: Charge) -> PricedLine:
    component = charge.component
    quantity = charge.quantity / UNIT[component.dimension]
    unit_price = charge.price if charge.price is not None else Decimal(0)
    amount = quantity * Fraction(unit_price)
    rate = 1 + Fraction(component.vat or 0) / 100
    return PricedLine(
        dimension=component.dimension,
        start=charge.start,
        end=charge.end,
        quantity=exact(quantity),
        price=unit_price,
        vat=component.vat,
        net=exact(amount / rate if tariff.vat_included else amount),
        gross=exact(amount if tariff.vat_included else amount * rate),
        source=charge.source,
    )
