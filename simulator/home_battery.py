"""A home battery with a loop of its own: it holds the grid connection at nothing and asks nobody.

It looks at its own meter at the connection once a second, and what it makes of that comes two to five
seconds later: so long are the usual ones behind. Nobody can tell it anything.
"""

from collections import deque
from dataclasses import dataclass
from random import Random
from typing import Final

from .clockwork import approach

_LAG: Final = (2.0, 5.0)
_LOOKS: Final = 1.0
"""How often it looks at its meter, in s."""

_RAMP: Final = 2500.0
_BAND: Final = 40.0
"""A grid power as small as this is not worth a change, in W."""

_EFFICIENCY: Final = 0.95
_FLOOR: Final = 10.0
"""What it keeps for itself, in %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeBatteryModel:
    """How a home battery is: `capacity` in Wh, the most it takes and gives in W."""

    capacity: float = 10_000.0
    charge: float = 4000.0
    discharge: float = 4000.0


class HomeBattery:
    """One battery on three phases. `power` in W is positive when it gives, `soc` in %."""

    def __init__(self, model: HomeBatteryModel, rng: Random, *, soc: float = 50.0) -> None:
        self.model = model
        self.soc = soc
        self.power = 0.0
        self.lag = rng.uniform(*_LAG)
        self._time = 0.0
        self._next_look = 0.0
        self._seen: deque[tuple[float, float]] = deque()
        self._goal = 0.0

    def step(self, dt: float, grid: float) -> None:
        """Follow what it saw; `grid` is the power at the connection in W, positive on import."""
        self._time += dt
        if self._time >= self._next_look:
            self._next_look += _LOOKS
            if abs(grid) > _BAND:
                # What it sees has its own share in it: both together are what is wanted of it.
                self._seen.append((self._time + self.lag, self.power + grid))
        while self._seen and self._seen[0][0] <= self._time:
            self._goal = self._seen.popleft()[1]
        self.power = approach(self.power, self._able(self._goal), _RAMP * dt, _RAMP * dt)
        into = -self.power * (_EFFICIENCY if self.power < 0 else 1 / _EFFICIENCY) * dt / 3600
        self.soc = min(100.0, max(0.0, self.soc + 100 * into / self.model.capacity))

    def _able(self, watts: float) -> float:
        least = 0.0 if self.soc >= 100 else -self.model.charge
        most = 0.0 if self.soc <= _FLOOR else self.model.discharge
        return max(least, min(watts, most))
