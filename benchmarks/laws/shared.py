"""Simple laws for many cars below one fuse: who came first, who leaves first, who has least time to lose, all alike.

They know the fuse, the last sample and the drivers' departures, and share what is left in whole amperes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from benchmarks.laws.setup import Setup
from benchmarks.laws.simple import whole
from benchmarks.plant.command import Command
from benchmarks.plant.view import NOTHING, Trip, View
from custom_components.smart_evse.engine.model import VOLTAGE

_EFFICIENCY = 0.9
_TURN = 300
"""How long an order stands, in s."""


class Order(StrEnum):
    """Who is served first."""

    ARRIVAL = "arrival"
    DEPARTURE = "departure"
    LAXITY = "laxity"
    ALIKE = "alike"


@dataclass
class Shared:
    """One of these laws, every `interval` s."""

    setup: Setup
    order: Order
    interval: int = 30
    _queue: list[int] = field(default_factory=list)
    _queued_at: int = -_TURN

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        if now % self.interval or view.grid is None or view.grid.currents is None or not view.trips:
            return NOTHING
        hungry = [number for number, trip in view.trips.items() if trip.left(view.connectors[number].soc) > 0]
        room = self._room(view)
        if self.order is Order.ALIKE:
            amps = self._alike(room, hungry, now)
        else:
            amps = self._in_turn(room, self._ordered(now, view, hungry))
        return {number: Command(amps.get(number, 0.0)) for number in view.trips}

    def _room(self, view: View) -> float:
        """Return what the house leaves on its fullest phase, in A."""
        rig, grid = self.setup.rig, view.grid
        if grid is None or grid.currents is None:
            return 0.0
        taken = [0.0, 0.0, 0.0]
        for number in view.trips:
            for phase, flowing in enumerate(view.connectors[number].currents or ()):
                taken[phase] += flowing
        house = max(total - own for total, own in zip(grid.currents, taken, strict=True))
        return rig.fuse - rig.margin - house

    def _in_turn(self, room: float, numbers: list[int]) -> dict[int, float]:
        given: dict[int, float] = {}
        for number in numbers:
            given[number] = whole(room, self.setup, number)
            room -= given[number]
        return given

    def _alike(self, room: float, numbers: list[int], now: int) -> dict[int, float]:
        """Give all the same, and turns where that is less than a car can use."""
        if not numbers:
            return {}
        served = min(len(numbers), max(0, int(room / 6.0)))
        if not served:
            return {}
        first = now // 900 % len(numbers)
        chosen = [numbers[(first + i) % len(numbers)] for i in range(served)]
        return {number: whole(room / served, self.setup, number) for number in chosen}

    def _ordered(self, now: int, view: View, numbers: list[int]) -> list[int]:
        """Return who goes first. That changes every five minutes and with each car that comes, not with each sample."""
        if now - self._queued_at >= _TURN or not set(numbers) <= set(self._queue):
            self._queue = sorted(numbers, key=lambda number: self._rank(now, view, number))
            self._queued_at = now
        return [number for number in self._queue if number in numbers]

    def _rank(self, now: int, view: View, number: int) -> float:
        trip = view.trips[number]
        if self.order is Order.ARRIVAL:
            return trip.arrive
        if self.order is Order.DEPARTURE:
            return trip.depart
        return _laxity(now, trip, view.connectors[number].soc)


def _laxity(now: int, trip: Trip, soc: float | None) -> float:
    """Return how long a car could still wait, in s."""
    power = trip.max_current * VOLTAGE * trip.phases * _EFFICIENCY
    return trip.depart - now - trip.left(soc) / power * 3600.0
