"""A smoothed surplus: it believes a rise within 20 s and a fall within 10 min, and knows no departure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import math

from benchmarks.laws.setup import Setup
from benchmarks.laws.simple import whole
from benchmarks.plant.car import PILOT_MINIMUM
from benchmarks.plant.command import Command
from benchmarks.plant.view import NOTHING, View
from custom_components.smart_evse.engine.model import VOLTAGE

_MINIMUM_ON = 600


@dataclass
class Smoothed:
    """The law, on every sample of the meter; times in s."""

    setup: Setup
    rise: float = 20.0
    fall: float = 600.0
    _seen: float = -1.0
    _level: dict[int, float] = field(default_factory=dict)
    _on_since: dict[int, int] = field(default_factory=dict)

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        if view.grid is None or view.grid.at == self._seen or not view.trips:
            return NOTHING
        passed, self._seen = view.grid.at - self._seen, view.grid.at
        return {number: self._follow(now, view, number, passed) for number in view.trips}

    def _follow(self, now: int, view: View, number: int, passed: float) -> Command:
        reading, wires = view.connectors[number], self.setup.wires(number)
        available = (reading.power or 0.0) - (view.grid.power if view.grid is not None else 0.0)
        level = self._level.get(number, 0.0)
        time = self.rise if available > level else self.fall
        level += (available - level) * (1.0 - math.exp(-min(passed, 60.0) / time))
        self._level[number] = level
        amps = whole(level / VOLTAGE / len(wires), self.setup, number)
        if amps:
            self._on_since.setdefault(number, now)
        elif now - self._on_since.get(number, -_MINIMUM_ON) < _MINIMUM_ON:
            amps = PILOT_MINIMUM
        else:
            self._on_since.pop(number, None)
        return Command(amps, len(wires))
