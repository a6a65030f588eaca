"""All the skies there may be: what a stay has for its car if the days are bright, dull or anything between.

Nor does the sun stand still within a slot, and the house less: what a mean of 1.2 kW brings to a charger that needs
1.4 kW is the sun of its better minutes, and what a car gives to a house that takes 400 W goes to its kettle.
"""

from collections.abc import Iterator
import math

from .board import Board
from .ground import Ground
from .lots import Lot, Stock

_DAYS = (-1.47, -0.79, -0.37, 0.0, 0.37, 0.79, 1.47)
"""Equally likely days, in standard deviations of the forecast's error."""

_SIGMA = 3.0
"""The standard deviation of a day's sun for each unit of the forecast's mean absolute error.

A normal error has 1.25. But the errors of a day's hours go together, the house takes more than usual on some days, and
waiting for sun that stays away costs more than having taken a little of it too early.
"""

_BUSY = 0.2
"""How far a day's load of the house is off what it usually is, as a share of it."""

_STRIDES = (1, 3, 2, 5)
"""How the days after one another are paired: a dull one says nothing of the next."""

_MINUTES = ((-1.28, 1.05), (-0.52, 0.60), (0.0, 1.75), (0.52, 0.75), (1.28, 0.85))
"""Equally likely parts of a slot: the sun in standard deviations, and the house as a share of its mean."""

_RESTLESS = 0.25
"""How much the sun changes within a slot at least, as a share of it: even a perfect forecast is a mean."""

_CAUGHT = 0.9
"""The part of the sun's energy that a charger really catches: starts, clouds and whole amperes cost the rest."""

_KNOWN = 0.3
"""The part of a day's error that shows at once; the rest shows with the hours (e-fold after `_FORGETS` h)."""

_FORGETS = 4.0


type Sky = dict[int, tuple[float, ...]]
"""For each slot with sun how many W more than expected there are in its parts, less what the house takes more."""


class _Sunlit:
    """What a slot with sun has for a car in each of its parts."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self._taken: dict[int, list[Lot]] = {}
        self._kept: dict[float, list[Lot]] = {}

    def lots(self, more: float) -> list[Lot]:
        """Return what there is in a part with `more` W of sun than expected."""
        grains = self.stock.grains(more)
        if grains not in self._taken:
            self._taken[grains] = [*self._caught(grains)]
        return self._taken[grains] + self._to_keep(more) if self.stock.gives else self._taken[grains]

    def _caught(self, grains: int) -> Iterator[Lot]:
        for price, energy in self.stock.to_take(grains):
            caught = _CAUGHT if price < self.stock.expected.import_price else 1.0
            yield Lot(price, energy * caught / len(_MINUTES), self.stock.slot)

    def _to_keep(self, more: float) -> list[Lot]:
        lack = self.stock.lack(more)
        if lack not in self._kept:
            self._kept[lack] = [*_kept(self.stock, lack)]
        return self._kept[lack]


def supplies(board: Board, index: int, skies: tuple[Sky, ...]) -> Iterator[list[Lot]]:
    """Yield what there is for a car under each sky, the cheapest first. Without sun all are the same night."""
    place, slots = board.ground.places[index], board.ground.slots
    stocks = [Stock(board, index, slot) for slot in place.window if place.share[slot] > 0]
    dark = sorted(lot for stock in stocks if slots[stock.slot].sun <= 0 for lot in _dark(stock))
    sunlit = [_Sunlit(stock) for stock in stocks if slots[stock.slot].sun > 0]
    for sky in skies:
        lit = [lot for each in sunlit for more in sky[each.stock.slot] for lot in each.lots(more)]
        yield sorted(dark + lit)


def _dark(stock: Stock) -> Iterator[Lot]:
    """Yield what there is in a slot without sun: only the house is now more, now less."""
    for price, energy in stock.to_take(stock.grains(0.0)):
        yield Lot(price, energy, stock.slot)
    for _, house in _MINUTES if stock.gives else ():
        yield from _kept(stock, stock.lack(stock.expected.house * (1 - house)))


def _kept(stock: Stock, lack: float) -> Iterator[Lot]:
    """Yield what is to be kept in a part of a slot."""
    for price, energy in stock.to_keep(lack):
        yield Lot(price, energy / len(_MINUTES), stock.slot, kept=True)


def skies(ground: Ground) -> tuple[Sky, ...]:
    """Return all the skies."""
    nights = [*_nights(ground)]
    return tuple(_sky(ground, number, nights) for number in range(len(_DAYS)))


def _nights(ground: Ground) -> Iterator[int]:
    """Yield how many nights away each slot is."""
    nights, dark = 0, False
    for slot in ground.slots:
        if slot.sun > 0 and dark:
            nights += 1
        dark = slot.sun <= 0
        yield nights


def _sky(ground: Ground, number: int, nights: list[int]) -> Sky:
    """Return the sky over the slots with sun if the days were of this kind."""
    spread = max(0.0, ground.problem.doubt) * _SIGMA
    busy = _lognormal(_DAYS[(number * 4 + 2) % len(_DAYS)], _BUSY)
    minutes = [(_lognormal(sun, max(_RESTLESS, spread)), house * busy - 1) for sun, house in _MINUTES]
    sky = {}
    for index, (slot, away) in enumerate(zip(ground.slots, nights, strict=True)):
        if slot.sun > 0:
            hours = (slot.start - ground.problem.now).total_seconds() / 3600
            error = spread * (1 - (1 - _KNOWN) * math.exp(-max(0.0, hours) / _FORGETS))
            kind = _DAYS[(number * _STRIDES[away % len(_STRIDES)] + 3 * away) % len(_DAYS)]
            day = slot.sun * _lognormal(kind, error)
            sky[index] = tuple(day * sun - slot.sun - slot.house * house for sun, house in minutes)
    return sky


def _lognormal(kind: float, spread: float) -> float:
    return math.exp(spread * kind - spread * spread / 2)
