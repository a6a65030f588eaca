"""A law typical of today's best known controllers: every 30 s, whole amperes, timers, and a cheapest-slots plan.

The surplus of one sample sets the current. A start waits 1 min and a stop 3 min, and so do three phases and one;
between them the current stays at the minimum. A departure plan (see `cheapest`) charges with all there is, whatever
the sun. At the fuse the one that asks is reduced by what is too much.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.laws.cheapest import CheapestSlots, seconds_needed
from benchmarks.laws.setup import Setup
from benchmarks.laws.simple import whole
from benchmarks.plant.car import PILOT_MINIMUM
from benchmarks.plant.command import Command
from benchmarks.plant.view import NOTHING, View
from custom_components.smart_evse.engine.model import VOLTAGE, ConnectorReading

_START, _STOP = 60.0, 180.0
_IDLE = 0.5
_BETWEEN_SWITCHES = 60.0


@dataclass(slots=True)
class _Outlet:
    """What the law remembers of an outlet: what it told, and since when it has wanted something else."""

    slots: CheapestSlots = field(default_factory=CheapestSlots)
    amps: float = 0.0
    phases: int = 3
    turning_since: float | None = None
    scaling_since: float | None = None
    switched_at: float = -_BETWEEN_SWITCHES


@dataclass
class Timed:
    """The law; `departures` says whether it keeps departures, `follows` whether it looks at the sun at all."""

    setup: Setup
    interval: int = 30
    departures: bool = True
    follows: bool = True
    _outlets: dict[int, _Outlet] = field(default_factory=dict)

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        if now % self.interval or view.grid is None or not view.trips:
            return NOTHING
        # One outlet a turn, as they come.
        numbers = sorted(view.trips)
        number = numbers[now // self.interval % len(numbers)]
        outlet = self._outlets.setdefault(number, _Outlet(phases=len(self.setup.wires(number))))
        return {number: self._update(now, view, number, outlet)}

    def _update(self, now: int, view: View, number: int, outlet: _Outlet) -> Command:
        reading, trip = view.connectors[number], view.trips[number]
        most = min(self.setup.maximum(number), trip.max_current)
        wires = min(len(self.setup.wires(number)), trip.phases)
        needed = seconds_needed(trip, reading.soc, most * VOLTAGE * wires)
        if not self.follows or (self.departures and outlet.slots.wants(now, trip.depart, needed, view.prices(now))):
            outlet.turning_since = outlet.scaling_since = None
            return self._order(now, view, number, Command(self.setup.maximum(number), len(self.setup.wires(number))))
        phases = self._scale(now, view, number)
        if phases != outlet.phases:
            return self._order(now, view, number, Command(outlet.amps, phases))
        return self._order(now, view, number, Command(self._surplus(now, view, number), phases))

    def _surplus(self, now: int, view: View, number: int) -> float:
        """Return the current that the sun allows, with the timers of starting and stopping."""
        outlet, reading, site = self._outlets[number], view.connectors[number], _site_power(view)
        flowing = max(reading.currents or (0.0,), default=0.0)
        goal = max(0.0, flowing - site / VOLTAGE / min(outlet.phases, view.trips[number].phases))
        enabled = outlet.amps > 0
        if (goal >= PILOT_MINIMUM) == enabled:
            outlet.turning_since = None
            return goal if enabled else 0.0
        outlet.turning_since = now if outlet.turning_since is None else outlet.turning_since
        if now - outlet.turning_since < (_STOP if enabled else _START):
            return PILOT_MINIMUM if enabled else 0.0
        outlet.turning_since = None
        return 0.0 if enabled else PILOT_MINIMUM

    def _scale(self, now: int, view: View, number: int) -> int:
        """Return the phases to use: three fall to one after 3 min of too little, one rises after 1 min of enough."""
        outlet, reading = self._outlets[number], view.connectors[number]
        most = min(len(self.setup.wires(number)), view.trips[number].phases)
        if most == 1 or now - outlet.switched_at <= _BETWEEN_SWITCHES:
            return outlet.phases
        available = (reading.power or 0.0) - _site_power(view)
        enough = available / VOLTAGE / most >= PILOT_MINIMUM
        if outlet.phases > 1:
            wanted, delay = (outlet.phases if enough else 1), _STOP if outlet.amps else 0.0
        else:
            up = enough and available / VOLTAGE > self.setup.maximum(number)
            wanted, delay = (most if up else 1), _START
        if wanted == outlet.phases:
            outlet.scaling_since = None
            return wanted
        outlet.scaling_since = now if outlet.scaling_since is None else outlet.scaling_since
        return wanted if now - outlet.scaling_since >= delay else outlet.phases

    def _order(self, now: int, view: View, number: int, wish: Command) -> Command:
        reading, outlet, phases = view.connectors[number], self._outlets[number], wish.phases
        if phases != outlet.phases:
            outlet.amps = 0.0
            if max(reading.currents or (0.0,)) > _IDLE:
                return Command(0.0, outlet.phases)
            outlet.phases, outlet.switched_at, outlet.scaling_since = phases, now, None
            return Command(0.0, phases)
        outlet.amps = whole(min(wish.amps, self._room(view, reading)), self.setup, number)
        return Command(outlet.amps, phases)

    def _room(self, view: View, reading: ConnectorReading) -> float:
        """Return what the fuse leaves: what flows now, and what the fullest phase still carries."""
        currents = view.grid.currents if view.grid is not None else None
        flowing = max(reading.currents or (0.0,))
        if currents is None:
            return flowing
        return max(0.0, flowing + self.setup.rig.fuse - max(currents))


def _site_power(view: View) -> float:
    battery = view.battery.power if view.battery is not None else 0.0
    return (view.grid.power if view.grid is not None else 0.0) + battery
