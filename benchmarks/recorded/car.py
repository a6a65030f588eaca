"""A box, its car and the meter, as slow and as crooked as real ones.

A box passes a limit on within a second, a car follows its pilot after 1 to 5 s, falls within seconds and rises by 1 to
3 A/s; it draws up to 1 A less than it is offered, opens at once when told to stop, and takes 20 to 60 s to come back
(IEC 61851-1 Annex A, and what is known of cars that charge today).
"""

from dataclasses import dataclass, field
from random import Random

from custom_components.smart_evse.engine.model import (
    PILOT_MINIMUM,
    VOLTAGE,
    ConnectorReading,
    GridReading,
    PerPhase,
    VehicleState,
)

_FALL = 8.0
_READ_EVERY = 2


@dataclass(slots=True)
class Car:
    """A car behind a box, stepped once a second. Currents in A for each of its phases."""

    rng: Random
    phases: tuple[int, ...] = (0, 1, 2)
    limit: float = 0.0
    drawn: float = 0.0
    commands: int = 0
    starts: int = 0
    closed: bool = False
    reading: ConnectorReading | None = None
    _told: float = 0.0
    _follows_at: float | None = None
    _closes_at: float | None = None
    _read_at: int = 0
    _short: float = field(init=False)
    _rise: float = field(init=False)

    def __post_init__(self) -> None:
        self._short = self.rng.uniform(0.0, 1.0)
        self._rise = self.rng.uniform(1.0, 3.0)

    def tell(self, t: int, amps: float) -> None:
        """Take a limit, if it is news. A newer one is seen when the one before would have been."""
        if self.commands and amps == self._told:
            return
        self.commands += 1
        self._told = amps
        self._read_at = t + 1
        if self._follows_at is None:
            self._follows_at = t + self.rng.uniform(0.0, 1.0) + (0.1 if amps == 0 else self.rng.uniform(1.0, 5.0))

    def step(self, t: int) -> None:
        """Let a second pass."""
        if self._follows_at is not None and t >= self._follows_at:
            self.limit, self._follows_at = self._told, None
        self._contactor(t)
        goal = max(PILOT_MINIMUM - 0.5, self.limit - self._short) if self.closed else 0.0
        self.drawn = min(goal, self.drawn + self._rise) if goal > self.drawn else max(goal, self.drawn - _FALL)
        if not self.closed:
            self.drawn = 0.0
        if t >= self._read_at:
            self._read_at = t + _READ_EVERY
            self.reading = self._read(float(t))

    def _contactor(self, t: int) -> None:
        if self.limit < PILOT_MINIMUM:
            self.closed, self._closes_at = False, None
        elif not self.closed and self._closes_at is None:
            self._closes_at = t + (self.rng.uniform(20, 60) if self.starts else self.rng.uniform(3, 8))
        elif not self.closed and self._closes_at is not None and t >= self._closes_at:
            self.closed, self._closes_at = True, None
            self.starts += 1

    @property
    def currents(self) -> PerPhase:
        """What it draws from each phase of the grid."""
        return PerPhase(*(self.drawn if phase in self.phases else 0.0 for phase in range(3)))

    @property
    def watts(self) -> float:
        """What it draws altogether."""
        return self.drawn * VOLTAGE * len(self.phases)

    def _read(self, at: float) -> ConnectorReading:
        amps = self.currents.map(lambda value: round(value, 1))
        return ConnectorReading(
            at=at,
            state=VehicleState.CHARGING if self.closed else VehicleState.CONNECTED,
            power=amps.total * VOLTAGE,
            currents=amps,
            limit=self.limit,
        )


@dataclass(slots=True)
class Meter:
    """A grid meter that speaks every `cadence` s, and tells what was a second ago."""

    cadence: int = 1
    reading: GridReading | None = None
    _second_ago: PerPhase | None = None

    def step(self, t: int, currents: PerPhase) -> None:
        """Let a second pass with this at the grid connection."""
        if t % self.cadence == 0 and self._second_ago is not None:
            told = self._second_ago.map(lambda amps: round(amps, 2))
            self.reading = GridReading(at=float(t), power=round(told.total * VOLTAGE), currents=told)
        self._second_ago = currents
