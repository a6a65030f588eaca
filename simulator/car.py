"""Cars: a battery behind a charging inlet that follows, in its own time, what it is offered.

How a car behaves at its pilot is after IEC 61851-1 Annex A: it follows a new current within 5 s and
stops within 6 s of the pilot's duty cycle going away. The taper is a straight line, from all it can
take at 80 % to a tenth of it at 100 %; real ones are more crooked. The losses are those of a fit to
measured cars: 76 % of what is taken at one phase and 6 A arrives, 91 % at three phases and 16 A.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from .clockwork import TICK, Delayed, approach

_TAPER_FROM, _TAPER_TO = 80.0, 0.1
_EFFICIENCY: Final = 0.93
_STANDBY: Final = 250.0
"""What electronics and pumps take while a car charges, in W."""

_GONE: Final = 5.8
"""So long after the duty cycle went away no car takes anything any more, in s."""


@dataclass(slots=True)
class Battery:
    """A traction battery: `capacity` in Wh, `soc` in %."""

    capacity: float = 60_000.0
    soc: float = 40.0

    def put(self, energy: float) -> None:
        """Store an energy in Wh, negative to take it out."""
        self.soc = min(100.0, max(0.0, self.soc + 100 * energy / self.capacity))

    @property
    def appetite(self) -> float:
        """The part of its full power that it takes at this state of charge."""
        if self.soc >= 100:
            return 0.0
        if self.soc <= _TAPER_FROM:
            return 1.0
        return 1.0 - (1.0 - _TAPER_TO) * (self.soc - _TAPER_FROM) / (100 - _TAPER_FROM)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarModel:
    """How a car is. Currents in A, times in s, rates in A/s.

    `response` is the span in which it notices a new offer, `start` that in which it closes its side
    after a first one. `shortfall` is how much less than offered it takes. `sleeps_after` a time
    without an offer it falls asleep, `None` never; then it takes an offer of `wakes_after` s to wake
    it, `None` for one that wakes only when it is plugged in anew.
    """

    name: str = "car"
    capacity: float = 60_000.0
    phases: int = 3
    max_current: float = 16.0
    response: tuple[float, float] = (0.8, 4.0)
    start: tuple[float, float] = (3.0, 8.0)
    rise: float = 2.0
    fall: float = 8.0
    shortfall: float = 0.3
    sleeps_after: float | None = None
    wakes_after: float | None = None
    ventilated: bool = False

    @property
    def slowest(self) -> float:
        """The longest it can take to follow a lower offer, in s."""
        return self.response[1] + self.max_current / self.fall

    @property
    def release(self) -> float:
        """How fast it lets go when the duty cycle is gone, in A/s: in time, however late it may have noticed."""
        return max(self.fall, self.max_current / max(TICK, _GONE - self.response[1]))


MODELS: Final = {
    model.name: model
    for model in (
        CarModel(name="sedan", capacity=77_000.0),
        CarModel(name="zappy", capacity=52_000.0, max_current=32.0),
        CarModel(name="city", capacity=37_000.0, phases=1, max_current=32.0, shortfall=0.5),
        CarModel(name="hybrid", capacity=12_000.0, phases=1, max_current=16.0),
        CarModel(name="modest", capacity=60_000.0, max_current=13.0, shortfall=1.0),
        CarModel(name="sleepy", capacity=60_000.0, sleeps_after=120.0, wakes_after=60.0),
        CarModel(name="van", capacity=75_000.0, response=(3.0, 5.0), start=(20.0, 40.0)),
    )
}
"""Cars to choose from, by name."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a charger tells a car: A on each phase (0 for no duty cycle), and the phases switched on."""

    amps: float = 0.0
    phases: int = 3


class Car:
    """A car on a cable. `currents` is what it takes on each phase of the charger, in A."""

    def __init__(self, model: CarModel, rng: Random, *, soc: float = 40.0) -> None:
        self.model = model
        self.battery = Battery(model.capacity, soc)
        self.closed = False
        self._rng = rng
        self._offer = Delayed(Offer())
        self._amps = 0.0
        self._start_in: float | None = None
        self._unoffered = 0.0
        self._waking = 0.0
        self._asleep = False

    @property
    def asleep(self) -> bool:
        """Whether it takes no notice of an offer."""
        return self._asleep

    @property
    def currents(self) -> tuple[float, float, float]:
        used = min(self.model.phases, self._offer.value.phases)
        return self._amps, self._amps if used > 1 else 0.0, self._amps if used > 2 else 0.0

    def unplug(self) -> None:
        """Leave; what it was offered is forgotten."""
        self.closed, self._amps, self._start_in = False, 0.0, None
        self._offer = Delayed(Offer())
        self._asleep, self._unoffered, self._waking = False, 0.0, 0.0

    def interrupt(self) -> None:
        """Lose the supply: the charger's contactor opened."""
        self._amps = 0.0

    def step(self, dt: float, offer: Offer, *, powered: bool) -> None:
        """Follow an offer. `powered` says whether the charger's contactor is closed."""
        # Losing the duty cycle is noticed like any other change, and followed faster where time runs out.
        self._offer.tell(offer, self.model.response, self._rng)
        self._offer.step(dt)
        self._doze(dt)
        wanted = self._wanted()
        self._close_or_open(dt, wanted)
        goal = wanted if self.closed and powered else 0.0
        fall = self.model.fall if self._offer.value.amps > 0 else self.model.release
        self._amps = approach(self._amps, goal, self.model.rise * dt, fall * dt)
        if not powered:
            self._amps = 0.0

    def charge(self, watts: float, dt: float) -> None:
        """Put into the battery what is left of a power taken for some time."""
        if watts > 0:
            self.battery.put(max(0.0, watts * _EFFICIENCY - _STANDBY) * dt / 3600)

    def _wanted(self) -> float:
        offered = self._offer.value.amps
        if self._asleep or offered <= 0:
            return 0.0
        able = self.model.max_current * self.battery.appetite
        return max(0.0, min(offered - self.model.shortfall, able))

    def _close_or_open(self, dt: float, wanted: float) -> None:
        if wanted <= 0:
            self._start_in = None
            # It opens its side without load only.
            self.closed = self.closed and self._amps > 0.1
            return
        if self.closed:
            return
        if self._start_in is None:
            self._start_in = self._rng.uniform(*self.model.start)
        self._start_in -= dt
        self.closed = self._start_in <= 0

    def _doze(self, dt: float) -> None:
        offered = self._offer.value.amps > 0
        self._unoffered = 0.0 if offered else self._unoffered + dt
        if self.model.sleeps_after is not None and self._unoffered > self.model.sleeps_after:
            self._asleep = True
        self._waking = self._waking + dt if self._asleep and offered else 0.0
        if self.model.wakes_after is not None and self._waking >= self.model.wakes_after:
            self._asleep = False
