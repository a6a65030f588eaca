"""What a kWh costs in each slot: as published, by contract, and as expected where nothing is published yet.

The day-ahead auction tells prices until midnight, and at most until the midnight after. What comes
then is expected to be like the days before: the same part of the same kind of day over three weeks,
the younger days counting more. On Dutch day-ahead prices that ranks hours far better than repeating
the last day, and ranking the hours is what a plan needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from .habits import Learning, Profile, WallClock, learn
from .series import Series, Step

PRICE_LEARNING = Learning(half_life=7.0, window=21.0, kin=0.5, parts=96)
"""Three weeks, the last one counting most: measured on the Dutch auctions of 2023 and 2024."""

EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A part of the week, by the wall clock, in which a kWh costs `add` more.

    `weekdays` are 0 (Monday) to 6. From `start` until just before `end`; an `end` not after the
    start is on the next day, and the weekday is the one on which the band starts.
    """

    add: float
    weekdays: frozenset[int] = EVERY_DAY
    start: time = time(0)
    end: time = time(0)

    def holds(self, local: datetime) -> bool:
        """Whether a wall time lies in the band."""
        clock, day = local.time(), local.weekday()
        if self.start < self.end:
            return day in self.weekdays and self.start <= clock < self.end
        if clock >= self.start:
            return day in self.weekdays
        return clock < self.end and (day - 1) % 7 in self.weekdays


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a kWh costs the site, or earns it: (market price x `factor` + `add` + band) x (1 + `vat`).

    A fixed contract has no `market` and needs no price to be published. The first band that holds
    counts. All in the site's currency per kWh.
    """

    market: bool = True
    factor: float = 1.0
    add: float = 0.0
    vat: float = 0.0
    bands: tuple[Band, ...] = ()

    def price(self, spot: float | None, local: datetime) -> float | None:
        """The price at a wall time, `None` where the market's is needed and not known."""
        if self.market and spot is None:
            return None
        band = next((band.add for band in self.bands if band.holds(local)), 0.0)
        return ((spot or 0.0) * self.factor * self.market + self.add + band) * (1 + self.vat)


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a slot per kWh; `estimated` where nobody has published it."""

    value: float
    estimated: bool = False


def learn_prices(published: Series, now: datetime, clock: WallClock) -> Profile:
    """Learn what a day's market prices are usually like, from all that were published."""
    return learn(published, max(now, published.end or now), clock, PRICE_LEARNING)


def price_steps(
    contract: Contract, market: Series, usual: Profile, steps: Sequence[Step], clock: WallClock
) -> tuple[Price | None, ...]:
    """The price of each step, `None` where it is neither published nor to be guessed.

    A step across several published prices has their mean: energy is taken evenly over it.
    """
    published = market.means(steps) if contract.market else (None,) * len(steps)
    guessed = usual.means(steps, clock) if contract.market and None in published else published
    prices: list[Price | None] = []
    for (start, _), known, guess in zip(steps, published, guessed, strict=True):
        value = contract.price(guess if known is None else known, clock.local(start))
        prices.append(None if value is None else Price(value, estimated=contract.market and known is None))
    return tuple(prices)


def known_until(contract: Contract, market: Series) -> datetime | None:
    """The instant after which prices are not published; `None` where none need to be."""
    return market.end if contract.market else None
