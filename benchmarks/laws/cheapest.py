"""A departure plan of full power in the cheapest slots, as today's controllers make it: it sees prices and no sun.

The time needed is that of the energy still missing at full power and 85 % efficiency, a taper above 80 % included.
Slots are taken by price, the latest of equal ones first; the last one taken begins late. Without prices it is the last
possible time. Time after the last known price is taken for free, and waited for.
"""

from dataclasses import dataclass

from benchmarks.plant.car import appetite
from benchmarks.plant.view import Trip
from benchmarks.worlds.model import Tariff

_EFFICIENCY = 0.85
_TAPER_FROM = 0.8
_SLICE = 0.02
_SLACK = 300
"""Room for a start and a change of phases, in s."""


def seconds_needed(trip: Trip, soc: float | None, power: float) -> float:
    """Return how long the rest takes at a power in W, from a state of charge in %."""
    at = trip.soc if soc is None else soc / 100.0
    goal = min(1.0, trip.soc + trip.wanted / trip.capacity)
    flat = max(0.0, min(goal, _TAPER_FROM) - at)
    slow, level = 0.0, max(at, _TAPER_FROM)
    while level < goal:
        part = min(_SLICE, goal - level)
        slow += part / max(0.1, appetite(level + part / 2))
        level += part
    return (flat + slow) * trip.capacity / (power * _EFFICIENCY) * 3600.0


@dataclass
class CheapestSlots:
    """The plan of one outlet: what has begun in a slot goes on to its end."""

    _until: int = 0

    def wants(self, now: int, depart: int, needed: float, prices: Tariff | None) -> bool:
        """Say whether to charge at full power now."""
        if needed > 0 and now < min(self._until, depart):
            return True
        self._until = 0
        if not is_planned(now, depart - _SLACK, needed, prices):
            return False
        self._until = depart if prices is None else (now // prices.step + 1) * prices.step
        return True


def is_planned(now: int, depart: int, needed: float, prices: Tariff | None) -> bool:
    """Say whether to charge at full power now."""
    if needed <= 0:
        return False
    if now + needed >= depart or prices is None:
        return now + needed >= depart
    step, known = prices.step, prices.import_price
    needed -= max(0.0, depart - len(known) * step)
    if needed <= 0:
        return False
    first, last = now // step, min(len(known), -(-depart // step))
    slots = sorted(range(first, last), key=lambda slot: (known[slot], -slot))
    for slot in slots:
        begin, end = max(now, slot * step), min(depart, (slot + 1) * step)
        length = end - begin
        if slot == first:
            # A slot that is only partly needed begins late.
            return needed >= length or now >= end - needed
        needed -= length
        if needed <= 0:
            return False
    return True
