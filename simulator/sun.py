"""The sun: modelled, not measured.

A clear sky after Haurwitz (global irradiance from the sun's height alone), for a flat plant facing
the sky; the sun's position from Cooper's declination, without the equation of time. Clouds are a
smooth noise over time, seeded, so that any instant can be asked for without what came before, and
the same seed gives the same day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, exp, floor, pi, radians, sin
from random import Random
from typing import Final, Protocol

_HAURWITZ: Final = (1098.0, 0.057)
_STANDARD: Final = 1000.0
"""The irradiance at which a plant gives its rated power, in W/m2."""

_LOSSES: Final = 0.86
_EPOCH: Final = datetime.fromisoformat("2000-01-01")
_CLOUDED: Final = 0.22
"""What a thick cloud lets through."""


@dataclass(frozen=True, slots=True)
class Sky:
    """A kind of weather: how much of the time is clouded, and how wide clouds are in s."""

    cover: float
    width: float


SKIES: Final = {
    "clear": Sky(0.0, 600.0),
    "sunny": Sky(0.15, 300.0),
    "changeable": Sky(0.5, 240.0),
    "dull": Sky(1.0, 1800.0),
}


class Sun(Protocol):
    """Power of the plant at an instant (wall clock of the house), in W for each kWp."""

    def per_kwp(self, at: datetime) -> float: ...


@dataclass(slots=True)
class ModelledSun:
    """A sky over a place. `noon` is when the sun stands highest, on the house's wall clock, in h."""

    sky: Sky = SKIES["sunny"]
    latitude: float = 52.1
    noon: float = 13.6
    seed: int = 1

    def per_kwp(self, at: datetime) -> float:
        height = self._height(at)
        if height <= 0.01:
            return 0.0
        scale, damping = _HAURWITZ
        clear = scale * height * exp(-damping / height)
        # A tilted plant makes up for a low sun in part.
        return 1000 * _LOSSES * min(1.0, clear * 1.12 / _STANDARD) * self._transmission(at)

    def _height(self, at: datetime) -> float:
        """The sine of the sun's height."""
        day = at.timetuple().tm_yday
        declination = radians(23.45) * sin(2 * pi * (284 + day) / 365)
        hours = at.hour + at.minute / 60 + (at.second + at.microsecond / 1e6) / 3600
        angle = radians(15 * (hours - self.noon))
        latitude = radians(self.latitude)
        return sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(angle)

    def _transmission(self, at: datetime) -> float:
        cover = self.sky.cover
        if cover <= 0:
            return 1.0
        seconds = (at - _EPOCH) / timedelta(seconds=1)
        cloud = 0.8 * self._noise(seconds / self.sky.width, 1) + 0.2 * self._noise(seconds / 30, 2)
        # The noise is spread around one half: a cloud is where it lies above what leaves `cover`.
        depth = min(1.0, max(0.0, (cloud - 0.9 * (1 - cover)) / 0.12))
        return 1.0 - (1.0 - _CLOUDED) * depth * depth * (3 - 2 * depth)

    def _noise(self, x: float, octave: int) -> float:
        left = floor(x)
        share = x - left
        share *= share * (3 - 2 * share)
        return self._dot(left, octave) * (1 - share) + self._dot(left + 1, octave) * share

    def _dot(self, index: int, octave: int) -> float:
        return Random(self.seed * 1_000_003 + index * 31 + octave).random()
