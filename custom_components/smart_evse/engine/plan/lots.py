"""What a slot has for a car: energy to be had, each Wh at its price, and energy to be kept instead of given."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
import math
from typing import NamedTuple, Self

from .board import Board
from .curve import Curve, Point, concave

_GRAIN = 100.0
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

    prices: list[float]
    reached: list[float]
    lowest: float

    @classmethod
    def of(cls, lots: Sequence[Lot]) -> Self:
        """Lay out sorted lots. Who gives all that they can begins below nothing: what is kept is had back."""
        lowest = -sum([lot.energy for lot in lots if lot.kept])
        _, *reached = accumulate([lot.energy for lot in lots], initial=lowest)
        return cls([lot.price for lot in lots], reached, lowest)

    def price(self, energy: float) -> float:
        """Return the price of the last Wh of so many: without bounds where there are more, or fewer, than these."""
        if not self.reached or energy > self.reached[-1]:
            return math.inf
        index = bisect_left(self.reached, energy)
        return self.prices[index] if index or energy > self.lowest else -math.inf


type Part = tuple[float, float]
"""A price per kWh in the battery, and the Wh that there are at it."""


class Stock:
    """What one slot has for one car, beside what the others take there: under every sky the same but for the sun."""

    def __init__(self, board: Board, index: int, slot: int) -> None:
        place = board.ground.places[index]
        self.slot, self.expected, self.step = slot, board.ground.slots[slot], board.ground.steps[slot]
        self.stay, self.share = place.stay, place.share[slot]
        self.lift, self.extra = place.lift[slot], place.extra[slot]
        self.gives = self.stay.discharge is not None and self.stay.discharge.usable and self.lift <= 0
        self._most = board.room(index, slot)
        self._others = max(0.0, board.loads[slot] - max(0.0, board.powers[index][slot]) * self.share)
        self._need = max(0.0, self.step.rest)
        # Once no sun is left, all of it comes from the grid however much is missing.
        self._dullest = self._need - self.step.free + self._others
        curve = self.stay.charge
        powers = {power for power, _ in curve.points if power < self._most} | {min(self._most, curve.most)}
        self._ways = [self._way(power) for power in powers]

    def grains(self, more: float) -> int:
        """Return how many grains of sun beyond what is expected to look at where there are `more` W."""
        return round(max(more, self._dullest) / _GRAIN)

    def to_take(self, grains: int) -> list[Part]:
        """Return what there is to take with so many grains of sun beyond what is expected."""
        least, extra = self.stay.charge.least, grains * _GRAIN - self._need
        if self._most < least:
            return []
        surplus = max(0.0, extra + self.step.free) - self._others
        ways = [*self._ways, self._way(min(max(surplus, least), self._most))]
        spent, *costs = self._costs([self._others, *(load for _, load in ways)], extra)
        whole = self.share * self.step.hours
        points = [
            (gain, (spent - cost) * 1000 / whole) for (gain, _), cost in zip(ways, costs, strict=True) if gain > 0
        ]
        return [(self.extra - earned, width * self.share * self.step.hours) for earned, width in _stretches(points)]

    def lack(self, more: float) -> float:
        """Return what there is to give to with `more` W of sun than expected, in W."""
        curve = self.stay.discharge
        most = curve.at(curve.most) if curve and self.gives else 0.0
        return min(max(0.0, self.step.rest - more + self._others), most)

    def to_keep(self, lack: float) -> list[Part]:
        """Return what giving would take where house and other cars lack so many W, at what it would earn."""
        curve = self.stay.discharge
        if curve is None or not self.gives:
            return []
        stretches = _stretches(self._earned(curve, lack))
        return [(earned - self.stay.wear_price, width * self.share * self.step.hours) for earned, width in stretches]

    def _way(self, power: float) -> tuple[float, float]:
        """Return what charging at a power brings, and what all cars then take, in W."""
        return max(0.0, self.stay.charge.at(power) - self.lift), self._others + power * self.share

    def _costs(self, loads: list[float], extra: float) -> list[float]:
        """Return what loads add to the bill with `extra` W of sun: they come first, or are missed first."""
        step = self.step
        if extra < 0:
            missed = min(step.free, -extra) if step.rest <= 0 else 0.0
            before = step.bill(missed)
            return [step.bill(load + missed) - before for load in loads]
        price = step.up[0].price if step.free > 0 and step.up else self.expected.export_price
        own = extra * price * step.hours / 1000
        return [load * price * step.hours / 1000 if load <= extra else own + step.bill(load - extra) for load in loads]

    def _earned(self, curve: Curve, lack: float) -> list[Point]:
        """Return what giving earns by the W out of the battery, where so many W are lacking."""
        (_, least), most = curve.points[0], curve.at(curve.most)
        top = most if self.stay.exports else min(lack, most)
        powers = {watts for _, watts in curve.points if watts < top} | {min(lack, top), top}
        bought, sold = self.expected.import_price, self.expected.export_price
        return [
            (curve.inverse(watts), min(watts, lack) * bought + max(0.0, watts - lack) * sold)
            for watts in powers
            if watts >= least
        ]


def _stretches(points: list[Point]) -> Iterator[tuple[float, float]]:
    """Yield what each further kWh in or out of the battery earns, and over how many W it does."""
    last = had = 0.0
    for power, earned in concave(((0.0, 0.0), *points))[1:]:
        yield (earned - had) / (power - last), power - last
        last, had = power, earned
