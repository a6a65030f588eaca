"""The nouns of a world: a site over a span, and what is known of it beforehand.

Seconds count from the world's start. Power in W, energy in Wh, prices in EUR per kWh.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One plug-in of one car: from `arrive` to `depart`, with `wanted` Wh into its battery by then.

    `capacity` is the battery's, `soc` its fraction at arrival.
    """

    connector: int
    arrive: int
    depart: int
    wanted: float
    capacity: float
    soc: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tariff:
    """What a kWh costs from the grid and earns into it, one value each `step` s."""

    import_price: NDArray[np.float64]
    export_price: NDArray[np.float64]
    step: int


@dataclass(frozen=True, slots=True)
class PeakPrice:
    """What the highest quarter-hour of all costs: `price` in EUR for each kW, and `floor` kW at least."""

    price: float
    floor: float = 0.0

    def cost(self, peak: float) -> float:
        """Return what a peak in kW costs in EUR."""
        return self.price * max(peak, self.floor)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """One site over a span: `load` of each phase (3 x seconds) and `sun` of the roof in W, every second."""

    name: str
    start: datetime
    seconds: int
    load: NDArray[np.float32]
    sun: NDArray[np.float32]
    tariff: Tariff
    stays: tuple[Stay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What is known at `issued`: the mean sun in W of each hour, the hour of issue first."""

    issued: int
    sun: NDArray[np.float64]
