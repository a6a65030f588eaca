"""What a slot has for a car: energy to be had, each Wh at its price, and energy to be kept instead of given."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
import math
from typing import NamedTuple, Self

from .board import Board
from .curve import Curve, Point, concave
from .ground import Place, Step

_GRAIN = 50.0
"""Sun is told apart no finer than this, in W: every look takes its time, and no forecast knows more."""


class Lot(NamedTuple):
    """Energy in Wh in the battery at a price per kWh. What is `kept` is had by not giving it."""

    price: float
    energy: float
    slot: int
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Supply:
    """Lots in a row, the cheapest first: their prices, and the Wh that there are up to each."""

    prices: tuple[float, ...]
    reached: tuple[float, ...]
    lowest: float

    @classmethod
    def of(cls, lots: Iterable[Lot]) -> Self:
        """Lay out sorted lots. Who gives all that they can begins below nothing: what is kept is had back."""
        row = list(lots)
        lowest = -sum(lot.energy for lot in row if lot.kept)
        _, *reached = accumulate((lot.energy for lot in row), initial=lowest)
        return cls(tuple(lot.price for lot in row), tuple(reached), lowest)

    def price(self, energy: float) -> float:
        """Return the price of the last Wh of so many: without bounds where there are more, or fewer, than these."""
        if not self.reached or energy > self.reached[-1]:
            return math.inf
        index = bisect_left(self.reached, energy)
        return self.prices[index] if index or energy > self.lowest else -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """One car in a plan: what it may take beside the others."""

    board: Board
    index: int
    place: Place
    _known: dict[tuple[int, int], tuple[Lot, ...]] = field(default_factory=dict, init=False)

    @property
    def gives(self) -> bool:
        """Whether it can give at all."""
        return self.place.stay.discharge is not None and self.place.stay.discharge.usable

    def others(self, slot: int) -> float:
        """Return what the other cars take in a slot, in W."""
        taken = max(0.0, self.board.powers[self.index][slot]) * self.place.share[slot]
        return max(0.0, self.board.loads[slot] - taken)

    def to_take(self, slot: int, more: float) -> tuple[Lot, ...]:
        """Return what there is to take in a slot with `more` W of sun than expected."""
        step = self.board.ground.steps[slot]
        # Once no sun is left, all of it comes from the grid however much is missing.
        none = max(0.0, step.rest) - step.free + self.others(slot)
        grains = round(max(more, none) / _GRAIN)
        found = self._known.get((slot, grains))
        if found is None:
            found = self._known[slot, grains] = tuple(_to_take(self, slot, grains * _GRAIN))
        return found

    def to_keep(self, slot: int, more: float) -> Iterator[Lot]:
        """Yield what giving would take in a slot with `more` W of sun than expected, at what it would earn."""
        curve, step = self.place.stay.discharge, self.board.ground.steps[slot]
        if not self.gives or curve is None or self.place.lift[slot] > 0:
            return
        lack = max(0.0, step.rest - more + self.others(slot))
        for price, width in _stretches(_earned(self, slot, curve, lack)):
            yield Lot(price - self.place.stay.wear_price, width * self.place.share[slot] * step.hours, slot, kept=True)


def _to_take(car: Car, slot: int, more: float) -> Iterator[Lot]:
    board, place, others = car.board, car.place, car.others(slot)
    step, share = board.ground.steps[slot], place.share[slot]
    most = board.room(car.index, slot)
    curve, lift, sold = place.stay.charge, place.lift[slot], board.ground.slots[slot].export_price
    if most < curve.least:
        return
    spent = _cost(step, others, more, sold)
    points = []
    for power in _powers(curve, most, _surplus(step, more) - others):
        gain = max(0.0, curve.at(power) - lift)
        if gain > 0:
            cost = _cost(step, others + power * share, more, sold) - spent
            points.append((gain, -cost * 1000 / (share * step.hours)))
    for price, width in _stretches(points):
        yield Lot(place.extra[slot] - price, width * share * step.hours, slot)


def _earned(car: Car, slot: int, curve: Curve, lack: float) -> list[Point]:
    """Return what giving earns by the W out of the battery, where the house lacks so many."""
    expected, (_, least), most = car.board.ground.slots[slot], curve.points[0], curve.at(curve.most)
    top = most if car.place.stay.exports else min(lack, most)
    powers = {watts for _, watts in curve.points if watts < top} | {min(lack, top), top}
    return [
        (
            curve.inverse(watts),
            min(watts, lack) * expected.import_price + max(0.0, watts - lack) * expected.export_price,
        )
        for watts in powers
        if watts >= least
    ]


def _stretches(points: list[Point]) -> Iterator[tuple[float, float]]:
    """Yield what each further kWh in or out of the battery earns, and over how many W it does."""
    last = had = 0.0
    for power, earned in concave(((0.0, 0.0), *points))[1:]:
        yield (earned - had) / (power - last), power - last
        last, had = power, earned


def _powers(curve: Curve, most: float, surplus: float) -> set[float]:
    powers = {power for power, _ in curve.points if power < most}
    return powers | {min(max(surplus, curve.least), most), min(most, curve.most)}


def _surplus(step: Step, more: float) -> float:
    return max(0.0, more - max(0.0, step.rest) + step.free)


def _cost(step: Step, load: float, more: float, sold: float) -> float:
    """Return what a load adds to the bill with `more` W of sun than expected: they come first, or are missed first."""
    extra = more - max(0.0, step.rest) if step.rest > 0 else more
    if extra < 0:
        missed = min(step.free, -extra) if step.rest <= 0 else 0.0
        return _bill(step, load + missed) - _bill(step, missed)
    own = min(load, extra)
    price = step.up[0].price if step.free > 0 and step.up else sold
    return own * price * step.hours / 1000 + _bill(step, load - own)


def _bill(step: Step, load: float) -> float:
    """Return what a load adds to the bill; what is preferred without being cheaper makes no energy worth more."""
    return step.cost(load) - step.impatience(load)
