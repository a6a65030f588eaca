"""A home battery with a loop of its own: it brings the grid to zero, a few seconds late, and listens to nobody."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryModel:
    """How a home battery is: Wh, W, s, and the part of the energy that survives one way."""

    capacity: float = 8_000.0
    power: float = 4_000.0
    lag: tuple[float, float] = (2.0, 5.0)
    efficiency: float = 0.95
    start: float = 0.5


class HomeBattery:
    """A battery at work. `watts` is positive while it gives, `stored` what it holds in Wh."""

    def __init__(self, model: BatteryModel, rng: Random) -> None:
        self.model = model
        self.stored = model.start * model.capacity
        self.watts = 0.0
        self._share = 1.0 / rng.uniform(*model.lag)

    def step(self, grid: float) -> None:
        """Let a second pass with this at the grid connection (import positive, its own power included)."""
        model = self.model
        wanted = self.watts + self._share * grid
        if wanted > 0:
            self.watts = min(wanted, model.power, self.stored * model.efficiency * 3600.0)
            self.stored = max(0.0, self.stored - self.watts / model.efficiency / 3600.0)
        else:
            self.watts = max(wanted, -model.power) if self.stored < model.capacity else 0.0
            self.stored = min(model.capacity, self.stored - self.watts * model.efficiency / 3600.0)
