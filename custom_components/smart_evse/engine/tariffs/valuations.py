"""What a session is worth, by everybody's measure, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..sessions.model import Interval
from ..sessions.pricing import cost_of_all
from .model import Priced


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuations:
    """Exact amounts, VAT included, in the site's or the tariff's currency; `None` where a price is not known.

    `paid` is what the energy has cost: the grid at its price, what was stored at what it had cost, the sun at nothing.
    `grid_reference` is what all of it would have cost from the grid, `sun_at_feed_in` what was paid and what the sun
    would have earned. `tariff` is what the driver pays, `reimbursement` what an employer's rule gives back.
    """

    paid: Decimal | None = None
    grid_reference: Decimal | None = None
    sun_at_feed_in: Decimal | None = None
    tariff: Decimal | None = None
    reimbursement: Decimal | None = None


def valuations(
    intervals: Sequence[Interval], tariff: Priced | None = None, reimbursement: Priced | None = None
) -> Valuations:
    """Return a session's valuations; the rule of an employer is a tariff, too."""
    cost = cost_of_all(intervals)
    paid = None if cost.grid is None or cost.battery is None else cost.grid + cost.battery
    return Valuations(
        paid=paid,
        grid_reference=cost.reference,
        sun_at_feed_in=cost.total,
        tariff=_final(tariff),
        reimbursement=_final(reimbursement),
    )


def _final(priced: Priced | None) -> Decimal | None:
    return None if priced is None or priced.unpriced else priced.gross
