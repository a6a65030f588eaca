"""What a law gets to see: what sensors delivered, what the driver said, prices as published, the latest forecast.

Nothing in here comes from later than `now`; what a sensor did not say is `None`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from benchmarks.plant.command import Command
from benchmarks.worlds.model import Forecast, Tariff
from custom_components.smart_evse.engine.model import ConnectorReading, GridReading, PowerReading

LOCAL: Final = ZoneInfo("Europe/Amsterdam")
QUARTER: Final = 900
"""What is measured is kept by the quarter of an hour, in s."""

_PUBLISHED = 13
"""The local hour at which the prices of the next day are known (European day-ahead market)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """What the driver of a plugged car said: `wanted` Wh into its battery by `depart`.

    `soc` is the fraction at arrival. `max_current` and `phases` are what its owner knows of the car.
    """

    arrive: int
    depart: int
    wanted: float
    capacity: float
    soc: float
    max_current: float
    phases: int

    def left(self, soc: float | None) -> float:
        """Return the Wh that the battery still needs at a state of charge in %."""
        goal = self.soc * self.capacity + self.wanted
        return max(0.0, goal - (self.soc if soc is None else soc / 100.0) * self.capacity)


@dataclass(slots=True)
class View:
    """All that a law may know at `now` (s from the world's start)."""

    start: datetime
    tariff: Tariff
    quarterly_load: NDArray[np.float64]
    quarterly_sun: NDArray[np.float64]
    grid: GridReading | None = None
    solar: PowerReading | None = None
    battery: PowerReading | None = None
    connectors: dict[int, ConnectorReading] = field(default_factory=dict)
    trips: dict[int, Trip] = field(default_factory=dict)
    forecast: Forecast | None = None
    clock_error: int = 0
    prices_missing: bool = False

    def utc(self, now: int) -> datetime:
        """Return what the wall clock says."""
        return self.start + timedelta(seconds=now + self.clock_error)

    def prices(self, now: int) -> Tariff | None:
        """Return the prices published so far, from the world's start on."""
        if self.prices_missing:
            return None
        known = self._published(now)
        return Tariff(
            import_price=self.tariff.import_price[:known],
            export_price=self.tariff.export_price[:known],
            step=self.tariff.step,
        )

    def past(self, now: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the means in W of each quarter-hour gone by: the house without its cars, and the sun."""
        return self.quarterly_load[: now // QUARTER], self.quarterly_sun[: now // QUARTER]

    def _published(self, now: int) -> int:
        prices = self.tariff.import_price
        if prices[0] == prices[-1] and np.ptp(prices) == 0.0:
            return len(prices)
        local = (self.start + timedelta(seconds=now)).astimezone(LOCAL)
        days = 2 if local.hour >= _PUBLISHED else 1
        midnight = (local + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
        return min(len(prices), int((midnight - self.start).total_seconds()) // self.tariff.step)


class Law(Protocol):
    """Looks once a second while a car is plugged in; says only what it wants to change or to repeat."""

    def act(self, now: int, view: View) -> Mapping[int, Command]: ...


NOTHING: Final[Mapping[int, Command]] = {}
