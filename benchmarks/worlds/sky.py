"""The sun over a day: modelled where a recording has none, and named as such.

A clear sky is a sine of the day's length, good enough for a controller; clouds come and go with lengths and depths
drawn from a seed, their edges over 8 to 30 s. The steepest fall of a minute is about 0.6 kW for each kWp, as measured.
"""

from dataclasses import dataclass
import math
from random import Random
from typing import Final

_RISE, _SET = 6.0 * 3600, 21.5 * 3600
_CLEAR = 780.0
"""What a good roof makes at noon in May in W for each kWp."""


@dataclass(frozen=True, slots=True)
class Sky:
    """A kind of weather: how long it is clear and how long a cloud lasts, in s, and how much a cloud leaves."""

    name: str
    clear: float
    cloud: float
    leaves: tuple[float, float]


SUNNY: Final = Sky("sunny", 4_000, 90, (0.5, 0.8))
CLOUDY: Final = Sky("broken clouds", 420, 260, (0.2, 0.6))
DULL: Final = Sky("overcast", 120, 2_400, (0.12, 0.4))
SKIES: Final = (SUNNY, CLOUDY, DULL)


def modelled(sky: Sky, seed: int) -> list[float]:
    """Return the sun of each second of a day, in W for each kWp."""
    shade = _shade(sky, Random(seed))
    return [_clear(t) * shade[t] for t in range(24 * 3600)]


def _clear(t: float) -> float:
    if not _RISE < t < _SET:
        return 0.0
    return float(_CLEAR * math.sin(math.pi * (t - _RISE) / (_SET - _RISE)) ** 1.3)


def _shade(sky: Sky, rng: Random) -> list[float]:
    shade: list[float] = []
    level = 1.0
    cloudy = False
    while len(shade) < 24 * 3600:
        goal = rng.uniform(*sky.leaves) if cloudy else 1.0
        edge = rng.randint(8, 30)
        shade += [level + (goal - level) * (i + 1) / edge for i in range(edge)]
        length = rng.expovariate(1 / (sky.cloud if cloudy else sky.clear))
        shade += [goal * rng.uniform(0.99, 1.01) for _ in range(int(length) + 10)]
        level, cloudy = goal, not cloudy
    return shade[: 24 * 3600]
