"""A law let loose on a day, and what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from random import Random

from benchmarks.recorded.car import Car, Meter
from benchmarks.recorded.laws import Law
from custom_components.smart_evse.engine.model import PILOT_MINIMUM, VOLTAGE, PerPhase

_MAXIMUM = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What flows without the car, for each second from `begin`: the house in A, the sun in W (three-phase inverter)."""

    house: list[PerPhase]
    sun: list[float]
    begin: int = 0
    end: int = 24 * 3600

    def net(self, t: int) -> PerPhase:
        """Return the currents of house and sun together."""
        share = self.sun[t] / 3 / VOLTAGE
        return self.house[t].map(lambda amps: amps - share)

    def surplus(self, t: int) -> float:
        """Return what the sun leaves over, in W."""
        return max(0.0, self.sun[t] - self.house[t].total * VOLTAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """The fuse in A, whose car it is, the grid phases it uses, and how often the meter speaks, in s."""

    fuse: float
    seed: int
    phases: tuple[int, ...] = (0, 1, 2)
    cadence: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a day came to: energies in Wh, overload in A·s summed over the phases, `longest` of them in s.

    `surplus` is the sun that fits the car, `reachable` the part of it that a car without any delay takes in whole
    amperes and never below its minimum, so without buying anything.
    """

    energy: float
    from_sun: float
    surplus: float
    reachable: float
    overload: float
    seconds_over: int
    longest: int
    starts: int
    commands: int

    @property
    def bought(self) -> float:
        """What the car took from the grid."""
        return self.energy - self.from_sun


def run(world: World, law: Law, rig: Rig) -> Score:
    """Drive a car through a day by a law. The same seed has the same car."""
    car, meter, fuse, phases = Car(Random(rig.seed), rig.phases), Meter(rig.cadence), rig.fuse, rig.phases
    energy = from_sun = surplus = reachable = 0.0
    over: list[float] = []
    for t in range(world.begin, world.end):
        car.step(t)
        total = world.net(t) + car.currents
        meter.step(t, total)
        limit = law.step(float(t), meter.reading, car.reading)
        if limit is not None:
            car.tell(t, limit)
        energy += car.watts / 3600
        from_sun += min(car.watts, world.surplus(t)) / 3600
        fits = min(_MAXIMUM, world.surplus(t) / VOLTAGE / len(phases))
        surplus += fits * VOLTAGE * len(phases) / 3600
        reachable += (int(fits) if fits >= PILOT_MINIMUM else 0) * VOLTAGE * len(phases) / 3600
        over.append(sum(max(0.0, abs(amps) - fuse) for amps in total))
    return Score(
        energy=energy,
        from_sun=from_sun,
        surplus=surplus,
        reachable=reachable,
        overload=sum(over),
        seconds_over=sum(amps > 0 for amps in over),
        longest=max(_excursions(over), default=0),
        starts=car.starts,
        commands=car.commands,
    )


def _excursions(over: list[float]) -> Iterator[int]:
    """Yield how long each overload lasted, in s."""
    for above, found in groupby(over, key=lambda amps: amps > 0):
        if above:
            yield len(list(found))
