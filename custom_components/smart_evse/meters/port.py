"""What a meter looks like to us: it says who it is, and then hands over readings as they come."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..engine.model import PerPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterIdentity:
    """Who answered. `cadence` is how often the source promises a new value, in s, if it does."""

    maker: str
    model: str
    serial: str | None = None
    firmware: str | None = None
    phases: int | None = None
    cadence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One sample of a grid meter, an inverter or a home battery.

    `power` in W: positive on import for a grid meter, never negative for the sun, positive on
    discharge for a battery. `currents` are signed like the power of their phase, and `None` unless
    every phase of the site is known. `ago` is how long before it was handed over it was measured.
    """

    power: float
    currents: PerPhase | None = None
    powers: PerPhase | None = None
    voltages: PerPhase | None = None
    energy_in: float | None = None
    energy_out: float | None = None
    soc: float | None = None
    quarter_hour_average: float | None = None
    month_peak: float | None = None
    ago: float = 0.0


class Meter(Protocol):
    """A source of measurements. Every method raises a `DeviceError` and nothing else."""

    async def identify(self) -> MeterIdentity:
        """Ask who is there; `WrongDevice` when it is something else."""

    async def run(self, publish: Callable[[Measurement], None]) -> None:
        """Hand over each *new* measurement until cancelled; raise when the line is lost.

        The caller starts it again after a pause. A sample that was handed over once is never
        handed over again.
        """
