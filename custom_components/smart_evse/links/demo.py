"""A simulated house, for whoever wants to try this without hardware: sun, household, one charger, one car.

Everything is worked out from a monotonic clock when somebody looks, so nothing runs in the background
and any step of time gives the same house. The sun goes round in half an hour instead of a day, for a
trial to be worth watching at any hour; power, energy and the charger's response are in real time.
"""

from collections.abc import Callable
from dataclasses import dataclass
import math
from typing import Final

from ..engine.model import PILOT_MINIMUM, VOLTAGE, PerPhase

DAY: Final = 1800.0
"""From sunrise to sunrise, in s. The sun is up for two thirds of it: the night is short here."""

LIGHT: Final = 2 / 3
PEAK: Final = 7400.0
"""The roof's best, in W: enough for three phases at the minimum with something to spare."""

LAG: Final = 3.0
"""How long box and car take to follow a new limit, in s."""

CAPACITY: Final = 58_000.0
"""The car's battery, in Wh. A full car leaves, and comes back as empty as at first."""

ARRIVES_WITH: Final = 0.35
AWAY: Final = 120.0

_TAPER: Final = 0.8
"""Above this part of its battery a car takes less and less."""

_STEP: Final = 1.0
_LONGEST_GAP: Final = 3600.0

BASE: Final = PerPhase(180.0, 110.0, 90.0)
"""What the household always uses on each phase, in W."""

# Phase, period, time it is on, both in s, and W: fridge, oven, washing machine, kettle.
_LOADS: Final = (
    (1, 900.0, 300.0, 90.0),
    (0, 1400.0, 420.0, 2100.0),
    (2, 2300.0, 900.0, 650.0),
    (1, 1100.0, 90.0, 1900.0),
)


@dataclass(slots=True)
class Box:
    """The simulated charger and the car before it. Currents in A on each of three phases, energy in Wh.

    Told nothing for `patience` s (0 for ever), it goes by itself to `fallback`.
    """

    limit: float = 0.0
    limited_at: float = -math.inf
    current: float = 0.0
    register: float = 1_234_000.0
    charge: float = ARRIVES_WITH * CAPACITY
    leaves_at: float | None = None
    told_at: float = -math.inf
    patience: float = 0.0
    fallback: float = 0.0

    @property
    def power(self) -> float:
        """What the car takes, in W."""
        return 3 * VOLTAGE * self.current


class DemoHouse:
    """The house as it is now. `clock` is a monotonic clock, in s."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = self._at = clock()
        self._box = Box()

    @property
    def box(self) -> Box:
        """The charger as it is now."""
        self._catch_up()
        return self._box

    @property
    def plugged(self) -> bool:
        """Whether the car is there: it drives off when it is full, and is back soon."""
        return self.box.leaves_at is None

    @property
    def soc(self) -> float:
        """The car's state of charge, in %."""
        return 100 * self.box.charge / CAPACITY

    def set_limit(self, amps: float) -> None:
        """Offer the car a current on each phase, in A; 0 stops it."""
        box = self.box
        box.told_at = self._clock()
        if amps != box.limit:
            box.limit, box.limited_at = amps, self._at

    def set_watchdog(self, patience: float, amps: float) -> None:
        """Say what the charger does when it is told nothing for `patience` s."""
        box = self.box
        box.patience, box.fallback, box.told_at = patience, amps, self._clock()

    @property
    def sun(self) -> float:
        """What the roof gives, in W, with a cloud now and then."""
        now = self._clock() - self._began + 0.25 * LIGHT * DAY
        height = math.sin(math.pi * (now % DAY) / (LIGHT * DAY)) if now % DAY < LIGHT * DAY else 0.0
        cloud = 0.65 if math.sin(now / 37) + math.sin(now / 61 + 1) > 1.4 else 0.0
        return round(PEAK * height * (1 - cloud), 1)

    @property
    def household(self) -> PerPhase:
        """What the house uses without the charger, on each phase in W."""
        now = self._clock() - self._began
        watts = [BASE[phase] + 15 * math.sin(now / 11 + phase) for phase in range(3)]
        for phase, period, length, power in _LOADS:
            if (now + 0.5 * period) % period < length:
                watts[phase] += power
        return PerPhase(*watts)

    @property
    def grid(self) -> PerPhase:
        """What flows at the grid connection, on each phase in W, positive on import. The roof feeds all three."""
        charger, sun = self.box.power / 3, self.sun / 3
        return self.household.map(lambda watts: watts + charger - sun)

    def _catch_up(self) -> None:
        """Let the time pass since somebody last looked, in steps that are short beside the lag."""
        now = self._clock()
        self._at = max(self._at, now - _LONGEST_GAP)
        while self._at < now:
            step = min(_STEP, now - self._at)
            self._at += step
            self._pass(step)

    def _pass(self, seconds: float) -> None:
        box = self._box
        if box.leaves_at is not None:
            if self._at >= box.leaves_at + AWAY:
                box.leaves_at, box.charge = None, ARRIVES_WITH * CAPACITY
            return
        if box.patience and self._at - box.told_at > box.patience and box.limit != box.fallback:
            box.limit, box.limited_at = box.fallback, self._at
        if self._at - box.limited_at >= LAG:
            box.current = self._wanted(box)
        taken = box.power * seconds / 3600
        box.register += taken
        box.charge = min(box.charge + taken, CAPACITY)
        if box.charge >= CAPACITY:
            box.leaves_at, box.current = self._at, 0.0

    def _wanted(self, box: Box) -> float:
        """The car takes what it is offered up to 16 A, less when it is nearly full."""
        if box.limit < PILOT_MINIMUM:
            return 0.0
        full = (box.charge / CAPACITY - _TAPER) / (1 - _TAPER)
        return min(box.limit, 16.0) if full <= 0 else min(box.limit, 16.0 - 14.0 * min(full, 1.0))
