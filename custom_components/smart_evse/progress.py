"""How a car gets on: what it lacks, and how fast it fills."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .engine.model import ConnectorReading, ConnectorSettings
from .engine.vehicle.content import Whereabouts, content
from .engine.vehicle.distance import Amount
from .engine.vehicle.transfer import transfer
from .learned import LearnedCar

_FLOWS = 100.0
"""Less than this is a car at rest, in W."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A car's battery: `soc` in %, `lacking` to the target in Wh, `inflow` in W (negative when it gives).

    `capacity` in Wh and `consumption` in Wh per km are `None` where nobody said.
    """

    soc: float | None = None
    lacking: float | None = None
    inflow: float | None = None
    capacity: float | None = None
    consumption: float | None = None

    @property
    def kilometres_per_hour(self) -> float | None:
        """The range that an hour like this brings, in km."""
        return None if self.inflow is None or not self.consumption else self.inflow / self.consumption

    @property
    def percent_per_hour(self) -> float | None:
        """The share of the battery that an hour like this brings, in %."""
        return None if self.inflow is None or not self.capacity else self.inflow / self.capacity * 100

    def left(self, planned_end: datetime | None, utc: datetime) -> timedelta | None:
        """Return how long it takes to the target: by the plan, else at the present power."""
        if self.lacking is None:
            return None
        if self.lacking <= 0:
            return timedelta(0)
        if planned_end is not None:
            return max(timedelta(0), planned_end - utc)
        if self.inflow is None or self.inflow < _FLOWS:
            return None
        return timedelta(hours=self.lacking / self.inflow)


def progress(
    known: ConnectorSettings, car: LearnedCar, target: Amount, reading: ConnectorReading | None, voltage: float
) -> Progress:
    """Put together what is known of the car at a connector; `voltage` in V."""
    vehicle = known.vehicle
    if reading is None or reading.state is None or not reading.state.plugged:
        soc = car.charge.percent(vehicle.capacity)
        return Progress(soc=soc, inflow=0.0, capacity=vehicle.capacity, consumption=vehicle.consumption)
    held = content(vehicle, car.charge, car.history, target, Whereabouts.HERE)
    return Progress(
        soc=car.charge.percent(vehicle.capacity),
        lacking=max(0.0, held.wanted(target) - held.energy),
        inflow=None if reading.power is None else _inflow(known, reading.power, voltage, car.charge.scale),
        capacity=vehicle.capacity,
        consumption=vehicle.consumption,
    )


def _inflow(known: ConnectorSettings, power: float, voltage: float, scale: float) -> float:
    charging, giving = transfer(known, voltage, scale)
    curve = charging if power >= 0 or giving is None else giving
    wall = abs(power)
    if wall < _FLOWS or curve.most <= 0:
        return 0.0
    if curve is giving:
        return -giving.inverse(wall)
    at = min(max(wall, curve.least), curve.most)
    return wall * curve.at(at) / at
