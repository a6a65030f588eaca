"""A plan in the making: who takes what in which slot, what room that leaves, and what more would cost."""

from collections.abc import Iterable
import math
from typing import NamedTuple

from .cost import Powers, settle
from .ground import Ground, Place

_STEP = 1.0
"""The least change of power worth making, in W."""


class Offer(NamedTuple):
    """More power for a car in a slot: up to `power` W, bringing `gain` Wh at `price` per kWh in its battery."""

    price: float
    power: float
    gain: float


class Board:
    """The powers chosen so far, with running sums. `cap` is the highest import that a peak may count, in W.

    `most` is what a car would take at most in a slot, `floor` what it must have there.
    """

    def __init__(self, ground: Ground, powers: Powers | None = None, cap: float = math.inf) -> None:
        size = len(ground.steps)
        self.ground = ground
        self.hours = [step.hours for step in ground.steps]
        self.powers = [[0.0] * size for _ in ground.places]
        self.loads = [0.0] * size
        self.watts = [0.0] * size
        self.taking = [0] * size
        self.giving = [0] * size
        self.rooms = _rooms(ground, cap)
        self.most = [[place.stay.charge.most] * size for place in ground.places]
        self._best_powers = [place.stay.charge.best for place in ground.places]
        self.energies = [[place.stay.energy] * size for place in ground.places]
        self._known: dict[tuple[int, int], tuple[int, Offer | None]] = {}
        self._stamps = [0] * size
        self.floor = [[0.0] * size for _ in ground.places]
        for index, row in enumerate(powers or ()):
            for slot, power in enumerate(row):
                self.put(index, slot, power)
        for index in range(len(ground.places)):
            self.settle(index)

    def put(self, index: int, slot: int, power: float) -> None:
        """Let a car take (or give) this power in a slot."""
        old = self.powers[index][slot]
        self.powers[index][slot] = power
        self.loads[slot] += (power - old) * self.ground.places[index].share[slot]
        self.watts[slot] += power - old
        self.taking[slot] += (power > 0) - (old > 0)
        self.giving[slot] += (power < 0) - (old < 0)
        self._touch(index, slot)

    def hold(self, index: int, slot: int, most: float) -> None:
        """Let a car take no more than this in a slot."""
        self.most[index][slot] = most
        self._touch(index, slot)

    def settle(self, index: int) -> None:
        """Let a car take only what it will, and remember where it would have taken no more."""
        taken, self.energies[index] = settle(self.ground.places[index], self.powers[index], self.hours)
        if taken == self.powers[index]:
            return
        for slot in self.ground.places[index].window:
            if abs(taken[slot] - self.powers[index][slot]) > 1e-9:
                if taken[slot] > 0:
                    self.hold(index, slot, taken[slot])
                self.put(index, slot, taken[slot])

    def end(self, index: int) -> float:
        """Return what a car holds at the end, in Wh."""
        row = self.energies[index]
        return row[-1] if row else self.ground.places[index].stay.energy

    def room(self, index: int, slot: int) -> float:
        """Return the most this car could take in a slot, beside what the others do, in W."""
        own = self.powers[index][slot]
        room = min(self.most[index][slot], own + self.rooms[slot] - self.watts[slot])
        for limit, members in self.ground.limits:
            if index in members:
                room = min(room, limit - sum(self.powers[other][slot] for other in members if other != index))
        return room

    def offer(self, index: int, slot: int, *, gain: float = math.inf) -> Offer | None:
        """Return the cheapest way to take more in a slot, or `None` where there is none.

        `gain` is the most that is wanted, in Wh; a car that is off must start with its least power all the same.
        """
        known = self._known.get((index, slot))
        if known is None or known[0] != self._stamps[slot]:
            known = (self._stamps[slot], self._best(index, slot, math.inf))
            self._known[index, slot] = known
        offer = known[1]
        return offer if offer is None or offer.gain <= gain else self._best(index, slot, gain)

    def step(self, index: int, slot: int, power: float) -> Offer | None:
        """Return what going up to this power would bring and cost."""
        return self._cheapest(index, slot, (power,))

    def _best(self, index: int, slot: int, gain: float) -> Offer | None:
        place = self.ground.places[index]
        own = self.powers[index][slot]
        if self.giving[slot] or place.share[slot] <= 0:
            return None
        top = self.room(index, slot)
        if top < max(place.stay.charge.least, own + _STEP):
            return None
        if math.isfinite(gain):
            top = min(top, self._enough(place, slot, own, gain))
        return self._cheapest(index, slot, self._targets(index, slot, top))

    def _cheapest(self, index: int, slot: int, targets: Iterable[float]) -> Offer | None:
        place, step = self.ground.places[index], self.ground.steps[slot]
        own, share, load = self.powers[index][slot], place.share[slot], self.loads[slot]
        curve, lift = place.stay.charge, place.lift[slot]
        before = max(0.0, curve.at(own) - lift) if own > 0 else 0.0
        spent = step.cost(load) - (place.stay.start_price if own <= 0 and not self._beside(index, slot) else 0.0)
        best: Offer | None = None
        for power in targets:
            gain = (max(0.0, curve.at(power) - lift) - before) * share * step.hours
            if gain > 0:
                price = (step.cost(load + (power - own) * share) - spent) * 1000 / gain + place.extra[slot]
                if best is None or price <= best.price + 1e-12:
                    best = Offer(price, power, gain)
        return best

    def _enough(self, place: Place, slot: int, own: float, gain: float) -> float:
        """Return the power that brings just so much, or the least one."""
        curve, lift = place.stay.charge, place.lift[slot]
        time = place.share[slot] * self.hours[slot]
        before = max(0.0, curve.at(own) - lift) if own > 0 else 0.0
        return max(own, curve.inverse(before + gain / time + lift))

    def _targets(self, index: int, slot: int, top: float) -> list[float]:
        """Return the powers where the price of more changes, the highest last."""
        place, own = self.ground.places[index], self.powers[index][slot]
        share, pieces = place.share[slot], self.ground.steps[slot].up
        others = self.loads[slot] - own * share
        least, best = max(own + _STEP, place.stay.charge.least), self._best_powers[index]
        found = [best, top] if least < best < top else [top]
        if pieces and self.loads[slot] < pieces[-1].start:
            # Below the dearest piece the least power may be mostly sun, and so may be just as much as there is.
            edges = (least, *((piece.start - others) / share for piece in pieces[1:]))
            found = [*(power for power in edges if least <= power < top), *found]
        return sorted(found)

    def _touch(self, index: int, slot: int) -> None:
        """Forget what was offered in a slot, and beside it where a start has its price."""
        self._stamps[slot] += 1
        if self.ground.places[index].stay.start_price > 0:
            for near in (slot - 1, slot + 1):
                if 0 <= near < len(self._stamps):
                    self._stamps[near] += 1

    def _beside(self, index: int, slot: int) -> bool:
        """Say whether the car charges just before or after, so that nothing has to start."""
        window, row = self.ground.places[index].window, self.powers[index]
        before = row[slot - 1] > 0 if slot > window.start else self.ground.places[index].stay.running
        return before or (slot + 1 < window.stop and row[slot + 1] > 0)


def _rooms(ground: Ground, cap: float) -> list[float]:
    """Return what the cars may take together in each slot, the cap on import included, in W."""
    tariff, rooms = ground.problem.capacity, [step.room for step in ground.steps]
    if tariff is None or not math.isfinite(cap):
        return rooms
    for index, step in enumerate(ground.steps):
        weight = tariff.weight(index)
        if weight > 0:
            rooms[index] = min(step.room, step.free + max(0.0, cap / weight - max(0.0, step.rest)))
    return rooms
