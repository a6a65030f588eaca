"""The least that is charged for: a quantity is rounded up once for a session, at the end, at the last price.

Energy is rounded up as a whole. Of charging and idle time only the kind that came last is, to a step of its last price.
"""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from math import ceil

from .charges import Charge
from .model import Dimension

_TOGETHER = ((Dimension.ENERGY,), (Dimension.TIME, Dimension.IDLE))


def steps(charged: Sequence[Charge], ended: datetime) -> list[Charge]:
    """Return what is charged beyond what was taken, as charges at the session's end."""
    found: list[Charge] = []
    for dimensions in _TOGETHER:
        last = next(
            (each for each in reversed(charged) if each.component.dimension in dimensions and each.price is not None),
            None,
        )
        if last is not None and (more := _more(charged, last)):
            found.append(
                Charge(
                    component=last.component,
                    price=last.price,
                    start=ended,
                    end=ended,
                    quantity=more,
                    source=last.source,
                )
            )
    return found


def _more(charged: Sequence[Charge], last: Charge) -> Fraction:
    dimension, step = last.component.dimension, max(1, last.component.step)
    total = sum(
        (each.quantity for each in charged if each.component.dimension is dimension and each.price is not None),
        Fraction(0),
    )
    return ceil(total / step) * step - total
