"""A car behind a control pilot: it notices late, follows at its own pace, takes less than it is offered, and stops.

A car has 5 s to follow a new duty cycle and 6 s to stop without one (IEC 61851-1 Annex A). The ranges are those of
cars that are known for it; the taper is a straight line, real ones are more crooked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

PILOT_MINIMUM = 6.0

type Span = tuple[float, float]
type Intake = Sequence[Sequence[float]]
"""What arrives in the battery in W, by phases (0 to 3) and by the current in hundredths of an ampere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarModel:
    """How a car is: currents in A, times in s, rates in A/s; spans are drawn from once for each car or each event.

    `dead` is how long it takes to notice a new offer and `stop` that there is none. `start` is how long it takes to
    close its side the first time, `restart` to come back later. `shortfall` is how much less than offered it takes.
    One that `drops_out` stops when an offer of 10 A or more falls to its minimum in one step.
    """

    name: str = "usual"
    phases: int = 3
    max_current: float = 16.0
    dead: Span = (1.0, 5.0)
    stop: Span = (0.1, 3.0)
    rise: Span = (1.0, 3.0)
    fall: float = 8.0
    shortfall: Span = (0.0, 1.0)
    start: Span = (3.0, 8.0)
    restart: Span = (20.0, 60.0)
    drops_out: bool = False


USUAL: Final = CarModel()
CAPPED: Final = CarModel(name="13 A", max_current=13.0)
SLOW: Final = CarModel(name="slow", dead=(10.0, 12.0), stop=(5.0, 8.0), rise=(0.5, 1.0), fall=2.0)
SHY: Final = CarModel(name="drops out", drops_out=True)

_TAPER_FROM, _TAPER_TO = 0.8, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One very car as it arrives: its battery in Wh, charged until it holds `full`, and its habits in A and A/s."""

    capacity: float
    stored: float
    full: float
    shortfall: float = 0.5
    rise: float = 2.0


def appetite(soc: float) -> float:
    """Return the part of its full current that a car takes at a state of charge (0 to 1)."""
    if soc <= _TAPER_FROM:
        return 1.0
    return max(0.0, 1.0 - (1.0 - _TAPER_TO) * (soc - _TAPER_FROM) / (1.0 - _TAPER_FROM))


class Car:
    """A car on a cable. `amps` is what it takes on each of its phases, `stored` what its battery holds in Wh.

    It stops by itself when that is full. `actions` counts how often its contactor closed or opened.
    """

    def __init__(self, model: CarModel, rng: Random, intake: Intake, arrival: Arrival) -> None:
        self.model = model
        self.capacity, self.stored, self.full = arrival.capacity, arrival.stored, arrival.full
        self.closed = False
        self.amps = 0.0
        self.actions = 0
        self.starts = 0
        self._rng, self._intake = rng, intake
        self._rise = arrival.rise
        self._shortfall = arrival.shortfall
        self._offer = 0.0
        self._seen = 0.0
        self._follows_at: float | None = None
        self._closes_at: float | None = None

    @property
    def soc(self) -> float:
        """Its state of charge, 0 to 1."""
        return self.stored / self.capacity

    def step(self, t: int, pilot: float, phases: int) -> None:
        """Let a second pass with this offer in A on so many live phases."""
        if pilot != self._seen:
            self._notice(t, pilot)
        elif not self.closed and self._follows_at is None and self._closes_at is None and pilot == 0.0:
            return
        if self._follows_at is not None and t >= self._follows_at:
            self._follow()
        if self.closed:
            self._charge(min(phases, self.model.phases))
        else:
            self._close(t)

    def cut(self) -> None:
        """Lose the supply: the charger's contactor opened."""
        self.actions += self.closed
        self.closed, self.amps, self._closes_at = False, 0.0, None

    def _notice(self, t: int, pilot: float) -> None:
        self._seen = pilot
        due = t + self._rng.uniform(*(self.model.dead if pilot else self.model.stop))
        # What comes while it still thinks is seen together with what came before, and a stop at once.
        if self._follows_at is None or not pilot:
            self._follows_at = due if self._follows_at is None else min(due, self._follows_at)

    def _follow(self) -> None:
        shock = self.model.drops_out and self._offer >= 10.0 and self._seen <= PILOT_MINIMUM
        self._offer, self._follows_at = self._seen, None
        if shock and self.closed:
            self.cut()

    def _close(self, t: int) -> None:
        if self._offer < PILOT_MINIMUM or self.stored >= self.full:
            self._closes_at = None
        elif self._closes_at is None:
            self._closes_at = t + self._rng.uniform(*(self.model.restart if self.starts else self.model.start))
        elif t >= self._closes_at:
            self.closed, self._closes_at = True, None
            self.starts += 1
            self.actions += 1

    def _charge(self, phases: int) -> None:
        if self._offer < PILOT_MINIMUM or self.stored >= self.full:
            self.cut()
            return
        able = self.model.max_current
        if self.stored > _TAPER_FROM * self.capacity:
            able *= appetite(self.stored / self.capacity)
        goal = min(self._offer - self._shortfall, able)
        amps = self.amps
        if goal > amps:
            self.amps = amps = min(goal, amps + self._rise)
        elif goal < amps:
            self.amps = amps = max(goal, amps - self.model.fall)
        self.stored += self._intake[phases][int(amps * 100.0)] / 3600.0
