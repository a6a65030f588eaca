"""A bidirectional DC box: power either way between the grid and a car's battery.

One-way efficiency is nothing below 0.3 kW, 85 % at 1 kW and 93 % from 4 kW on, and 35 W are drawn
whenever it runs: rounded from published laboratory figures of a 10 kW box. A CHAdeMO session takes
about half a minute to begin.
"""

from itertools import pairwise
from random import Random
from typing import Final

from .car import Battery
from .clockwork import Delayed, approach
from .station import Tally

LEAST: Final = 1380.0
MOST: Final = 7400.0
_CURVE: Final = ((300.0, 0.0), (1000.0, 0.85), (4000.0, 0.93))
_STANDBY: Final = 35.0
_RAMP: Final = 4000.0
_LAG: Final = (0.3, 1.0)


def efficiency(watts: float) -> float:
    """The part of a power that arrives on the other side."""
    size = abs(watts)
    for (low, at_low), (high, at_high) in pairwise(_CURVE):
        if size <= high:
            return at_low + (at_high - at_low) * max(0.0, size - low) / (high - low)
    return _CURVE[-1][1]


class DcBox:
    """One outlet, commanded by a power in W: positive charges, negative feeds the house."""

    def __init__(self, rng: Random, *, start_time: float = 30.0) -> None:
        self.battery: Battery | None = None
        self.setpoint = 0.0
        self.running = False
        self.remote = False
        self.energy_in = 0.0
        self.energy_out = 0.0
        self.power = 0.0
        self.flow = 0.0
        self.volts = 230.0
        self.timeout = 60.0
        self.ignoring = False
        self.hung = False
        self.tally = Tally()
        self._rng = rng
        self._start_time = start_time
        self._goal = Delayed(0.0)
        self._started = 0.0
        self._silence = 0.0

    def command(self, *, watts: float | None = None, running: bool | None = None) -> None:
        """Take a set point or an action; both count only while it is controlled remotely."""
        self.tally.commands += 1
        if self.ignoring:
            return
        self.setpoint = self.setpoint if watts is None else watts
        if running is not None and running != self.running:
            self.running, self._started = running, 0.0
            self.tally.starts += running

    def feed(self) -> None:
        """Be asked something: that is what keeps its watchdog quiet."""
        self._silence = 0.0

    def plug(self, battery: Battery) -> None:
        self.unplug()
        self.battery = battery

    def unplug(self) -> Battery | None:
        battery, self.battery = self.battery, None
        self.running, self.flow = False, 0.0
        return battery

    @property
    def active(self) -> bool:
        """Whether a session is up: power may flow."""
        return self.running and self.battery is not None and self._started >= self._start_time

    def step(self, dt: float) -> None:
        self._silence += dt
        if self.running and self.timeout > 0 and self._silence > self.timeout:
            self.running = False
            self.tally.fallbacks += 1
        if self.running and self.battery is not None:
            self._started += dt
        self._goal.tell(self._wanted(), _LAG, self._rng)
        self._goal.step(dt)
        self.flow = approach(self.flow, self._goal.value if self.active else 0.0, _RAMP * dt, _RAMP * dt)
        self._exchange(dt)

    def _wanted(self) -> float:
        battery = self.battery
        if not self.active or battery is None or abs(self.setpoint) < LEAST:
            return 0.0
        if self.setpoint < 0 and battery.soc <= 1:
            return 0.0
        share = battery.appetite if self.setpoint > 0 else 1.0
        return max(-MOST, min(self.setpoint, MOST * share))

    def _exchange(self, dt: float) -> None:
        self.power = self.flow + (_STANDBY if self.active else 0.0)
        if self.battery is None or not self.flow:
            return
        energy = self.flow * dt / 3600
        if energy > 0:
            self.energy_in += energy
            self.battery.put(energy * efficiency(self.flow))
        else:
            self.energy_out -= energy
            self.battery.put(energy / max(0.5, efficiency(self.flow)))
