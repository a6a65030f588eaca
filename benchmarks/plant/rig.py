"""What a run is made of beside its world: the equipment, what is wrong with it, and what came of it all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.plant.battery import BatteryModel
from benchmarks.plant.box import LOCAL, BoxModel
from benchmarks.plant.car import USUAL, CarModel, Intake
from benchmarks.plant.converter import ConverterModel
from benchmarks.plant.meter import EVERY_10_S, Fault, MeterModel
from benchmarks.worlds.model import Stay

type OutletModel = BoxModel | ConverterModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """The equipment of a site. Connector n has outlet n and, while one is plugged, a car of model n.

    `fuse` and `margin` in A; `outages` are when the controller is dead, and `priceless` when no price is known, in s.
    """

    fuse: float = 25.0
    margin: float = 1.0
    outlets: tuple[OutletModel, ...] = (LOCAL,)
    cars: tuple[CarModel, ...] = (USUAL,)
    meter: MeterModel = EVERY_10_S
    faults: tuple[Fault, ...] = ()
    battery: BatteryModel | None = None
    outages: tuple[tuple[int, int], ...] = ()
    priceless: tuple[tuple[int, int], ...] = ()
    intakes: Sequence[Intake] = ()
    seed: int = 1

    def outlet(self, connector: int) -> OutletModel:
        return self.outlets[connector % len(self.outlets)]

    def habits(self, connector: int) -> tuple[float, float]:
        """Return how much less than offered the car of a connector draws in A, and how fast it rises in A/s."""
        model, rng = self.car(connector), Random(f"{self.seed}/{connector}")
        return rng.uniform(*model.shortfall), rng.uniform(*model.rise)

    def car(self, connector: int) -> CarModel:
        return self.cars[connector % len(self.cars)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a stay came to: Wh `given` to its battery."""

    stay: Stay
    given: float

    @property
    def missing(self) -> float:
        """The Wh that were wanted and not there at departure."""
        return max(0.0, self.stay.wanted - self.given)


@dataclass(slots=True)
class Counts:
    """What equipment and line went through. `hard` is a switch or an opening under load."""

    commands: int = 0
    writes: int = 0
    switches: int = 0
    hard: int = 0
    actions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A run, second by second: `cars` the A of each phase, `battery` the W of the home battery (positive out)."""

    cars: NDArray[np.float32]
    battery: NDArray[np.float32] | None
    plugged: tuple[tuple[int, int], ...]
    served: tuple[Served, ...]
    counts: Counts
    stored: tuple[float, float] = (0.0, 0.0)
    beats: list[float] = field(default_factory=list)
    plans: list[float] = field(default_factory=list)
