"""What some energy would cost if it were taken from now on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor

from ..sessions.pricing import PriceSpan
from .evaluate import price
from .model import Priced, Stretch, Tariff
from .pieces import seconds
from .stretches import VOLTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be taken: `energy` in Wh at `power` in W.

    `from_sun` is the share (0 to 1) that is thought to come from the roof; the rest counts as bought. `demand` is the
    share that is taken of what there is, where a price follows it.
    """

    energy: int
    power: int
    from_sun: Decimal = Decimal(0)
    demand: Decimal | None = None


def preview(tariff: Tariff, wish: Wish, now: datetime, zone: tzinfo, prices: Sequence[PriceSpan] = ()) -> Priced:
    """Return what it would cost from `now` on, line by line, with the site's prices as far as they are known.

    What no price is known for is told as `unpriced`.
    """
    return price(tariff, list(_ahead(wish, now, prices)), zone)


def _ahead(wish: Wish, now: datetime, prices: Sequence[PriceSpan]) -> Iterator[Stretch]:
    """Yield the stretches of a session that begins now, one for each price of the site."""
    if wish.energy <= 0 or wish.power <= 0:
        return
    start = now.astimezone(UTC)
    end = start + timedelta(microseconds=round(Fraction(wish.energy * 3600 * 10**6, wish.power)))
    changes = {at.astimezone(UTC) for span in prices for at in (span.start, span.end)}
    taken = sunny = 0
    for since, until in pairwise([start, *sorted(at for at in changes if start < at < end), end]):
        so_far = wish.energy if until == end else floor(seconds(start, until) * wish.power / 3600)
        sun = floor(so_far * Fraction(wish.from_sun))
        at_price = next((span for span in prices if span.start <= since < span.end), None)
        yield Stretch(
            start=since,
            end=until,
            energy=so_far - taken,
            from_sun=sun - sunny,
            from_grid=so_far - taken - (sun - sunny),
            power=Decimal(wish.power) / 1000,
            current=Decimal(wish.power) / VOLTS,
            site_price=None if at_price is None else at_price.bought,
            feed_in=None if at_price is None else at_price.sold,
            demand=wish.demand,
        )
        taken, sunny = so_far, sun
