"""A grid meter: how often it speaks, how late, and all the ways in which it goes wrong."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from custom_components.smart_evse.engine.model import VOLTAGE, GridReading, PerPhase


class Failing(StrEnum):
    """What a meter can do wrong."""

    FREEZE = "freeze"
    GAP = "gap"
    SIGN = "sign"
    UNAVAILABLE = "unavailable"
    PHASE = "phase missing"
    CLOCK = "clock step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with the meter from `begin` to `end`, in s.

    A frozen meter goes on to speak and says the same, each time with the time of now; in a gap its last word stands
    with the time that it had; unavailable, it is gone and known to be. A missing phase leaves the total, a clock step
    moves the wall clock by an hour and nothing else.
    """

    kind: Failing
    begin: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterModel:
    """How often a meter speaks and how old its word is by then, in s."""

    cadence: int = 10
    latency: int = 1


EVERY_10_S: Final = MeterModel()
EVERY_SECOND: Final = MeterModel(cadence=1)
EVERY_30_S: Final = MeterModel(cadence=30)


class Meter:
    """A meter at work: `reading` is what has arrived of it, `None` while it is known to be gone."""

    def __init__(self, model: MeterModel, faults: tuple[Fault, ...] = ()) -> None:
        self.model = model
        self.faults = faults
        self.reading: GridReading | None = None
        self._sampled: tuple[float, float, float] | None = None
        self._arrives = -1

    def step(self, t: int, l1: float, l2: float, l3: float) -> None:
        """Let a second pass with these currents at the grid connection, in A."""
        if t == self._arrives and self._sampled is not None:
            self._deliver(t, self._sampled)
        if t % self.model.cadence == 0:
            self._sampled, self._arrives = (l1, l2, l3), t + self.model.latency

    def _deliver(self, t: int, sample: tuple[float, float, float]) -> None:
        kind = next((fault.kind for fault in self.faults if fault.begin <= t < fault.end), None)
        if kind is Failing.GAP:
            return
        if kind is Failing.UNAVAILABLE:
            self.reading = None
            return
        if kind is Failing.FREEZE and self.reading is not None:
            last = self.reading
            self.reading = GridReading(at=float(t), power=last.power, currents=last.currents)
            return
        sign = -1.0 if kind is Failing.SIGN else 1.0
        told = PerPhase(*(round(sign * amps, 2) for amps in sample))
        power = float(round(told.total * VOLTAGE))
        self.reading = GridReading(at=float(t), power=power, currents=None if kind is Failing.PHASE else told)
