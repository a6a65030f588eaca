"""Laws of a few lines: at once, by price alone, the whole truth at a fuse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import math

from benchmarks.laws.cheapest import CheapestSlots, seconds_needed
from benchmarks.laws.setup import Setup
from benchmarks.plant.car import PILOT_MINIMUM
from benchmarks.plant.command import OFF, Command
from benchmarks.plant.view import NOTHING, View
from custom_components.smart_evse.engine.model import VOLTAGE


@dataclass
class PlugInAndGo:
    """All that the car takes from the moment it is plugged in."""

    setup: Setup

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        if now % 10:
            return NOTHING
        return {number: self._order(view, number) for number in view.trips}

    def _order(self, view: View, number: int) -> Command:
        # A car on AC stops by itself where its driver said; a DC charger has to be told.
        done = self.setup.is_dc(number) and view.trips[number].left(view.connectors[number].soc) <= 0
        return OFF if done else full(self.setup, number)


@dataclass
class PriceOnly:
    """All that the car takes in the cheapest hours before its departure; it knows nothing of the sun."""

    setup: Setup
    interval: int = 30
    _slots: dict[int, CheapestSlots] = field(default_factory=dict)

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        if now % self.interval:
            return NOTHING
        orders: dict[int, Command] = {}
        for number, trip in view.trips.items():
            reading = view.connectors[number]
            amps = min(self.setup.maximum(number), trip.max_current)
            power = amps * VOLTAGE * min(len(self.setup.wires(number)), trip.phases)
            needed = seconds_needed(trip, reading.soc, power)
            on = self._slots.setdefault(number, CheapestSlots()).wants(now, trip.depart, needed, view.prices(now))
            orders[number] = full(self.setup, number) if on else Command()
        return orders


@dataclass
class Ideal:
    """Knows what the house uses at the moment of each sample, and loses no time: the car's own delays remain."""

    setup: Setup
    _seen: float = -1.0

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        if view.grid is None or view.grid.at == self._seen or not view.trips:
            return NOTHING
        self._seen = view.grid.at
        world, rig = self.setup.truth, self.setup.rig
        house = [(float(world.load[i, now]) - float(world.sun[now]) / 3.0) / VOLTAGE for i in range(3)]
        left = min(rig.fuse - rig.margin - amps for amps in house) / len(view.trips)
        return {number: Command(whole(left, self.setup, number)) for number in view.trips}


def full(setup: Setup, connector: int) -> Command:
    """Return all that a connector has."""
    if setup.is_dc(connector):
        return Command(watts=setup.maximum(connector) * VOLTAGE * len(setup.wires(connector)))
    return Command(setup.maximum(connector), len(setup.wires(connector)))


def whole(amps: float, setup: Setup, connector: int) -> float:
    """Return a current in the connector's steps, 0 below the pilot's minimum."""
    step = setup.step(connector)
    fits = min(setup.maximum(connector), math.floor(amps / step + 1e-6) * step)
    return fits if fits >= PILOT_MINIMUM else 0.0
