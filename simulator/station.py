"""An AC charge point: from the limit it was told to the pilot, the contactor and the meter.

What makes differ in is who tells it what (`sockets/`), and what its watchdog falls back to; the
rest is IEC 61851-1. A reduced limit reaches the pilot within `lag`. Phases are switched in the safe
order: pilot off, no current, contactor open, a pause, the other contactor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from .car import Car, Offer
from .clockwork import Delayed

MINIMUM: Final = 6.0
"""The least current a pilot can offer, in A."""

_FORCED_OPEN: Final = 6.0
"""How long a car has to stop after its pilot went away before the contactor opens regardless, in s."""

_CLOSING: Final = 0.3
_IDLE: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class StationModel:
    """How a charge point is. Currents in A, times in s.

    `safe` is what its own watchdog falls back to after `timeout` s (0 for none) and what it starts
    with, where `volatile` limits are lost in a restart.
    """

    rating: float = 32.0
    phases: int = 3
    lag: tuple[float, float] = (0.2, 1.0)
    phase_pause: float = 10.0
    boot_time: float = 25.0
    timeout: float = 0.0
    safe: float = 0.0
    initial: float = 16.0


@dataclass(slots=True)
class Tally:
    """What happened at a charge point since the beginning."""

    commands: int = 0
    starts: int = 0
    contactor_actions: int = 0
    hard_openings: int = 0
    phase_switches: int = 0
    fallbacks: int = 0


class Station:
    """One outlet. `limit` is what it was told in A, `offered` what its pilot says."""

    def __init__(self, model: StationModel, rng: Random) -> None:
        self.model = model
        self.car: Car | None = None
        self.limit = model.initial
        self.enabled = True
        self.timeout = model.timeout
        self.safe = model.safe
        self.phases = model.phases
        self.phases_wanted = model.phases
        self.energy = 0.0
        self.session_energy = 0.0
        self.power = 0.0
        self.volts: tuple[float, float, float] = (230.0, 230.0, 230.0)
        self.tally = Tally()
        self.ignoring = False
        self.hung = False
        self.fault: str | None = None
        self.on_reboot: Callable[[], None] = lambda: None
        self._rng = rng
        self._pilot = Delayed(Offer(0.0, model.phases))
        self._closed = False
        self._closing = 0.0
        self._stopping = 0.0
        self._switching = 0.0
        self._silence = 0.0
        self._boot_left = 0.0

    # What it is told

    def command(self, *, amps: float | None = None, enabled: bool | None = None, phases: int | None = None) -> None:
        """Take a command from its line. One that ignores it answers nicely, is content and does nothing."""
        self.tally.commands += 1
        self._silence = 0.0
        if self.ignoring:
            return
        self.limit = self.limit if amps is None else amps
        self.enabled = self.enabled if enabled is None else enabled
        self.phases_wanted = self.phases_wanted if phases is None else phases

    def feed(self) -> None:
        """Keep the watchdog quiet."""
        self._silence = 0.0

    def reboot(self) -> None:
        """Go away and come back with nothing in mind that was told before."""
        self._boot_left = self.model.boot_time
        self.limit, self.enabled = self.model.initial, True
        self.on_reboot()

    def plug(self, car: Car) -> None:
        self.unplug()
        self.car = car
        self.session_energy = 0.0

    def unplug(self) -> Car | None:
        car, self.car = self.car, None
        if car is not None:
            self._open()
            car.unplug()
        return car

    # What it says

    @property
    def booting(self) -> bool:
        """Whether it is away: nobody answers on its line."""
        return self._boot_left > 0

    @property
    def fallen_back(self) -> bool:
        """Whether its watchdog has struck."""
        return self.timeout > 0 and self._silence > self.timeout

    @property
    def allowed(self) -> float:
        """What it may offer now, in A."""
        amps = self.safe if self.fallen_back else self.limit if self.enabled else 0.0
        return min(amps, self.model.rating) if amps >= MINIMUM else 0.0

    @property
    def offered(self) -> float:
        """What its pilot says, in A."""
        return self._pilot.value.amps

    @property
    def remaining(self) -> float:
        """How long its limit is still valid, in s."""
        return max(0.0, self.timeout - self._silence)

    @property
    def state(self) -> str:
        """The state of IEC 61851-1, A to F."""
        if self.fault is not None:
            return self.fault
        if self.booting:
            return "F"
        if self.car is None:
            return "A"
        if self.car.closed:
            return "D" if self.car.model.ventilated else "C"
        return "B"

    @property
    def currents(self) -> tuple[float, float, float]:
        """What flows on each of its own phases, in A."""
        if self.car is None or not self._closed:
            return 0.0, 0.0, 0.0
        l1, l2, l3 = self.car.currents
        return l1, l2 if self.phases > 1 else 0.0, l3 if self.phases > 1 else 0.0

    @property
    def slowest(self) -> float:
        """The longest it and its car take to follow a lower limit, in s."""
        return self.model.lag[1] + (self.car.model.slowest if self.car is not None else 0.0)

    # What it does

    def step(self, dt: float) -> None:
        before = self.fallen_back
        self._silence += dt
        self.tally.fallbacks += self.fallen_back and not before
        self._boot_left = max(0.0, self._boot_left - dt)
        self._pilot.tell(self._offer(), self.model.lag, self._rng)
        self._pilot.step(dt)
        if self.car is not None:
            self.car.step(dt, self._pilot.value, powered=self._closed)
            self._switch(self.car, dt)
        self._switch_phases(dt)
        self._meter(dt)

    def _offer(self) -> Offer:
        halted = self.booting or self.fault is not None or self._switching > 0 or self.phases != self.phases_wanted
        return Offer(0.0 if halted else self.allowed, self.phases)

    def _switch(self, car: Car, dt: float) -> None:
        """Close the contactor for a car that asks, open it when it is through, or has to be."""
        if not self._closed:
            asks = car.closed and self.offered > 0
            self._closing = self._closing + dt if asks else 0.0
            if self._closing >= _CLOSING:
                self._closed = True
                self.tally.contactor_actions += 1
                self.tally.starts += 1
            return
        flowing = max(car.currents) > _IDLE
        self._stopping = 0.0 if self.offered > 0 else self._stopping + dt
        if self._stopping > _FORCED_OPEN and flowing:
            self.tally.hard_openings += 1
            self._open()
        elif not car.closed and not flowing:
            self._open()

    def _open(self) -> None:
        if self._closed:
            self.tally.contactor_actions += 1
        self._closed, self._closing, self._stopping = False, 0.0, 0.0
        if self.car is not None:
            self.car.interrupt()

    def _switch_phases(self, dt: float) -> None:
        if self.phases == self.phases_wanted or self._closed or self.offered > 0:
            self._switching = 0.0
            return
        self._switching += dt
        if self._switching >= self.model.phase_pause:
            self.phases, self._switching = self.phases_wanted, 0.0
            self.tally.phase_switches += 1

    def _meter(self, dt: float) -> None:
        self.power = sum(amps * volts for amps, volts in zip(self.currents, self.volts, strict=True))
        energy = self.power * dt / 3600
        self.energy += energy
        self.session_energy += energy
        if self.car is not None:
            self.car.charge(self.power, dt)
