"""An AC charger: from what it is told to its pilot, its contactor and what it reports.

What is told arrives after its lag; a start of some makes stays at the minimum for minutes. Phases are switched after
the contactor opened and before a pause; a law that switches while current flows is counted, not protected.
"""

from collections import deque
from dataclasses import dataclass
from random import Random
from typing import Final

from benchmarks.plant.car import PILOT_MINIMUM, Car, Span
from benchmarks.plant.command import Command
from custom_components.smart_evse.engine.model import VOLTAGE, ConnectorReading, PerPhase, VehicleState

_FORCED_OPEN = 6
"""How long a car has to stop without a pilot before the contactor opens regardless, in s."""

_FLOWING = 0.5
_EMPTY = VehicleState.NOT_CONNECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxModel:
    """How a charger is: currents in A, times in s. `start_hold` is how long a start stays at the minimum.

    `pause` is how long it stays off to switch phases, `read_every` how often it says what it does. `wires` names the
    grid phase (0 to 2) behind each of its own.
    """

    name: str = "local"
    step: float = 1.0
    maximum: float = 16.0
    lag: Span = (0.0, 1.0)
    start_hold: float = 0.0
    pause: float = 60.0
    read_every: int = 2
    switches: bool = True
    wears: bool = False
    wires: tuple[int, ...] = (0, 1, 2)


LOCAL: Final = BoxModel()
FINE: Final = BoxModel(name="local 0.1 A", step=0.1)
CLOUD: Final = BoxModel(name="cloud 60 s", lag=(55.0, 65.0), read_every=30, wears=True)
GENTLE: Final = BoxModel(name="5 min at 6 A", start_hold=300.0, wears=True)


class Box:
    """One outlet. It counts `commands`, `writes` that wear it, `switches` of phases and `hard` ones under load."""

    def __init__(self, model: BoxModel, rng: Random) -> None:
        self.model = model
        self.car: Car | None = None
        self.limit = 0.0
        self.phases = len(model.wires)
        self.commands = self.writes = self.switches = self.hard = self.actions = 0
        self.energy = 0.0
        self.reading = ConnectorReading(at=0.0, state=_EMPTY, power=0.0, currents=PerPhase())
        self._rng = rng
        self._told: Command | None = None
        self._coming: deque[tuple[float, Command]] = deque()
        self._pilot_off_since: int | None = None
        self._switching_until: int | None = None
        self._wanted = self.phases
        self._charging_since: int | None = None

    def plug(self, car: Car) -> None:
        """A car comes; what was told before it came is over."""
        self.car, self.limit, self._told = car, 0.0, None
        self._coming.clear()

    def unplug(self) -> Car | None:
        """The car goes."""
        car, self.car = self.car, None
        if car is not None:
            car.cut()
            self.actions += car.actions
        return car

    def tell(self, t: int, command: Command) -> None:
        """Take a command, if it is news."""
        if command == self._told:
            return
        self._told = command
        self.commands += 1
        self.writes += self.model.wears
        self._coming.append((t + self._rng.uniform(*self.model.lag), command))

    def step(self, t: int) -> None:
        """Let a second pass."""
        if self._coming and t >= self._coming[0][0]:
            self._obey(t, self._coming.popleft()[1])
        car = self.car
        if car is None:
            return
        pilot = self.limit
        if self._switching_until is not None:
            pilot = self._switch(t)
        if self.model.start_hold and pilot:
            pilot = self._held(t, car, pilot)
        car.step(t, pilot, self.phases)
        self._supervise(t, car, pilot)
        if t % self.model.read_every == 0:
            self.reading = self._read(float(t), car)

    def empty(self, t: int) -> ConnectorReading:
        """Return what it says while no car is there."""
        phases = self.phases
        return ConnectorReading(
            at=float(t), state=_EMPTY, power=0.0, currents=PerPhase(), limit=0.0, current_phases=phases
        )

    @property
    def live(self) -> tuple[int, ...]:
        """The grid phases that carry current."""
        return self.model.wires[: self.used]

    @property
    def used(self) -> int:
        """How many phases carry current."""
        return 0 if self.car is None else min(self.phases, self.car.model.phases)

    @property
    def watts(self) -> float:
        """What it takes from the site."""
        return 0.0 if self.car is None else self.car.amps * VOLTAGE * self.used

    def _obey(self, t: int, command: Command) -> None:
        amps = min(self.model.maximum, int(command.amps / self.model.step + 1e-6) * self.model.step)
        self.limit = amps if amps >= PILOT_MINIMUM else 0.0
        phases = min(command.phases, len(self.model.wires))
        if not self.model.switches or phases == self._wanted:
            return
        self._wanted, self._switching_until = phases, t + int(self.model.pause)
        if self.car is not None and self.car.amps > _FLOWING:
            self.hard += 1
            self.car.cut()

    def _switch(self, t: int) -> float:
        if self._switching_until is None or t < self._switching_until:
            return 0.0
        self.switches += self.phases != self._wanted
        self.phases, self._switching_until = self._wanted, None
        return self.limit

    def _held(self, t: int, car: Car, pilot: float) -> float:
        if not car.closed:
            self._charging_since = None
        elif self._charging_since is None:
            self._charging_since = t
        young = self._charging_since is None or t - self._charging_since < self.model.start_hold
        return PILOT_MINIMUM if young else pilot

    def _supervise(self, t: int, car: Car, pilot: float) -> None:
        self.energy += car.amps * VOLTAGE * self.used / 3600.0
        if pilot or car.amps <= _FLOWING:
            self._pilot_off_since = None
        elif self._pilot_off_since is None:
            self._pilot_off_since = t
        elif t - self._pilot_off_since > _FORCED_OPEN:
            self.hard += 1
            car.cut()

    def _read(self, at: float, car: Car) -> ConnectorReading:
        amps = round(car.amps, 1)
        flows = [0.0, 0.0, 0.0]
        for wire in self.live:
            flows[wire] = amps
        return ConnectorReading(
            at=at,
            state=VehicleState.CHARGING if car.closed else VehicleState.CONNECTED,
            power=amps * VOLTAGE * self.used,
            currents=PerPhase(*flows),
            energy_in=float(int(self.energy)),
            limit=self.limit,
            current_phases=self.phases,
            soc=round(car.soc * 100.0, 1),
        )
