"""A bidirectional DC charger: a power either way, its losses, its lag and what it takes to be awake.

Its loss curve is that of `worlds/efficiency.py`, which the bounds use as well.
"""

from collections import deque
from dataclasses import dataclass
import math
from random import Random
from typing import Final

import numpy as np

from benchmarks.plant.car import Span, appetite
from benchmarks.plant.command import Command
from benchmarks.worlds.efficiency import DC_MOST, DC_STANDBY, dc_battery_power, dc_rows
from custom_components.smart_evse.engine.model import VOLTAGE, ConnectorReading, PerPhase, VehicleState

_EMPTY = VehicleState.NOT_CONNECTED


_DOZES_AFTER = 60
"""How long nothing has to be asked of it before it goes to sleep, in s."""

MOST_OUT: Final = -float(dc_rows()[0][0])
"""What is left at the wall of all that the DC side can take from a battery, in W."""

_GRAIN = 10
"""How finely the loss curve is looked up, in W."""

_INTO: Final[list[float]] = dc_battery_power(np.arange(-DC_MOST, DC_MOST + _GRAIN, _GRAIN)).tolist()


def battery_watts(wall: float) -> float:
    """Return what reaches the battery (+) or leaves it (-) at a power at the wall, in W."""
    return _INTO[round((wall + DC_MOST) / _GRAIN)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConverterModel:
    """How a converter is: powers in W, times in s. Below `least` it idles on its standby."""

    name: str = "converter"
    maximum: float = DC_MOST
    least: float = 300.0
    lag: Span = (0.0, 1.0)
    start: float = 30.0
    ramp: float = 5_000.0
    read_every: int = 2
    wires: tuple[int, ...] = (0, 1, 2)


FAST_CONVERTER: Final = ConverterModel()


class DcCar:
    """A battery on the DC side: `stored` Wh between `floor` (0 for none) and `capacity`."""

    def __init__(self, *, capacity: float, stored: float) -> None:
        self.capacity, self.stored = capacity, stored

    @property
    def soc(self) -> float:
        """Its state of charge, 0 to 1."""
        return self.stored / self.capacity


class Converter:
    """One DC outlet. Counters as a box's; `actions` counts wakings and sleepings of its contactors."""

    def __init__(self, model: ConverterModel, rng: Random) -> None:
        self.model = model
        self.car: DcCar | None = None
        self.commands = self.writes = self.switches = self.hard = self.actions = 0
        self.power = 0.0
        self.reading = ConnectorReading(at=0.0, state=_EMPTY, power=0.0, currents=PerPhase())
        self._rng = rng
        self._told: Command | None = None
        self._coming: deque[tuple[float, Command]] = deque()
        self._goal = 0.0
        self._awake_at: float | None = None
        self._wanted_at = -_DOZES_AFTER
        self._in = self._out = 0.0

    def plug(self, car: DcCar) -> None:
        self.car, self._goal, self._told, self.power, self._awake_at = car, 0.0, None, 0.0, None
        self._wanted_at = -_DOZES_AFTER
        self._coming.clear()

    def unplug(self) -> DcCar | None:
        car, self.car = self.car, None
        self.actions += self._awake_at is not None
        self.power, self._awake_at = 0.0, None
        return car

    def tell(self, t: int, command: Command) -> None:
        """Take a command, if it is news."""
        if command == self._told:
            return
        self._told = command
        self.commands += 1
        self._coming.append((t + self._rng.uniform(*self.model.lag), command))

    def step(self, t: int) -> None:
        """Let a second pass."""
        while self._coming and t >= self._coming[0][0]:
            self._goal = max(-self.model.maximum, min(self.model.maximum, self._coming.popleft()[1].watts))
        if self.car is None:
            return
        self._wake(t)
        self._follow(t, self.car)
        if t % self.model.read_every == 0:
            self.reading = self._read(float(t), self.car)

    @property
    def watts(self) -> float:
        """What it takes from the site, negative when it gives."""
        return self.power

    @property
    def live(self) -> tuple[int, ...]:
        """The grid phases that carry current."""
        return self.model.wires

    def empty(self, t: int) -> ConnectorReading:
        """Return what it says while no car is there."""
        return ConnectorReading(at=float(t), state=_EMPTY, power=0.0, currents=PerPhase(), limit=0.0)

    def _wake(self, t: int) -> None:
        if self._goal:
            self._wanted_at = t
        wanted = t - self._wanted_at < _DOZES_AFTER
        if wanted == (self._awake_at is not None):
            return
        self._awake_at = t + self.model.start if wanted else None
        self.actions += 1

    def _follow(self, t: int, car: DcCar) -> None:
        if self._awake_at is None or t < self._awake_at:
            self.power = 0.0
            return
        goal = self._possible(car)
        self.power += max(-self.model.ramp, min(self.model.ramp, goal - self.power))
        car.stored = max(0.0, min(car.capacity, car.stored + battery_watts(self.power) / 3600.0))
        if self.power > 0:
            self._in += self.power / 3600.0
        else:
            self._out -= self.power / 3600.0

    def _possible(self, car: DcCar) -> float:
        if self._goal >= self.model.least and car.soc < 1.0:
            return min(self._goal, self.model.maximum * appetite(car.soc))
        if self._goal <= -self.model.least and car.stored > 0:
            return max(self._goal, -MOST_OUT)
        return DC_STANDBY

    def _read(self, at: float, car: DcCar) -> ConnectorReading:
        amps = self.watts / len(self.model.wires) / VOLTAGE
        flows = [0.0, 0.0, 0.0]
        for wire in self.model.wires:
            flows[wire] = round(amps, 2)
        return ConnectorReading(
            at=at,
            state=VehicleState.CONNECTED if self._awake_at is None else VehicleState.CHARGING,
            power=float(round(self.watts)),
            currents=PerPhase(*flows),
            energy_in=float(math.floor(self._in)),
            energy_out=float(math.floor(self._out)),
            limit=self._goal,
            current_phases=len(self.model.wires),
            soc=round(car.soc * 100.0, 1),
        )
