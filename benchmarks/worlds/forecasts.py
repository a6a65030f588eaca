"""Forecasts of the sun as a service would have given them: the true shape of the day, wrong in two ways.

Every six hours one is issued. Each of its hours is the truth times an error of its day (sigma 0.3) times an error of
its hour (sigma 0.45), which wanders from hour to hour as an AR(1). Both are lognormal with mean 1, so that a forecast
is not wrong on average. Each issue draws anew but remembers the one before: noon's forecast errs much as morning's.
Thus nobody is told an hour's truth, but the shape of a day (when the sun rises, that the afternoon is better than the
morning) is known about as well as from a weather service.

Forecasts are made once and held apart from the world: a law that is given them and the world's past cannot see its
future elsewhere.
"""

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from .model import Forecast, World

EVERY = 6 * 3600
HOURS = 48
DAILY, HOURLY = 0.3, 0.45
_HOUR_TO_HOUR = 0.8
_ISSUE_TO_ISSUE = 0.7
_WORST = 2.5
"""How many sigma an error may be away."""


@dataclass(frozen=True, slots=True)
class Forecasts:
    """All forecasts of a world in the order of their issue."""

    issues: tuple[Forecast, ...]

    def at(self, t: float) -> Forecast | None:
        """Return the newest that is known at a second."""
        known = [issue for issue in self.issues if issue.issued <= t]
        return known[-1] if known else None


def hourly(world: World) -> NDArray[np.float64]:
    """Return the mean sun of each hour, in W."""
    hours = world.sun[: world.seconds // 3600 * 3600].astype(np.float64).reshape(-1, 3600)
    return np.asarray(hours.mean(axis=1))


def forecasts(
    world: World, *, seed: int, daily: float = DAILY, wander: float = HOURLY, factor: float = 1.0
) -> Forecasts:
    """Return the forecasts of a world; `factor` makes all of them too high or too low.

    With both errors 0 they are perfect, within the hour. Beyond the world's end its last day goes on.
    """
    truth = hourly(world)
    if len(truth) < 24:
        raise ValueError("a forecast needs a day at least")
    endless = np.concatenate((truth, np.tile(truth[-24:], HOURS // 24 + 1)))
    days = len(endless) // 24 + 1
    rng = np.random.default_rng(seed)
    of_day, of_hour = rng.standard_normal(days), _wandering(rng, len(endless))
    issues = []
    for issued in range(0, world.seconds, EVERY):
        first = issued // 3600
        ahead = np.arange(first, first + HOURS)
        error = _lognormal(of_day[ahead // 24], daily) * _lognormal(of_hour[ahead], wander)
        issues.append(Forecast(issued=issued, sun=endless[ahead] * error * factor))
        of_day = _remembering(of_day, rng.standard_normal(days))
        of_hour = _remembering(of_hour, _wandering(rng, len(endless)))
    return Forecasts(tuple(issues))


def yesterdays(world: World) -> Forecasts:
    """Return what a site without any forecast service knows: each hour as a day before. Nothing on the first day."""
    truth = hourly(world)
    issues = []
    for issued in range(0, world.seconds, EVERY):
        hour = issued // 3600
        day = truth[hour - 24 : hour] if hour >= 24 else np.zeros(24)
        issues.append(Forecast(issued=issued, sun=np.tile(day, HOURS // 24)))
    return Forecasts(tuple(issues))


def _lognormal(normal: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    return np.exp(sigma * np.clip(normal, -_WORST, _WORST) - sigma**2 / 2)


def _wandering(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return a standard normal AR(1)."""
    steps = rng.standard_normal(count)
    for i in range(1, count):
        steps[i] = _mixed(_HOUR_TO_HOUR, float(steps[i - 1]), float(steps[i]))
    return steps


def _mixed(memory: float, before: float, new: float) -> float:
    return memory * before + math.sqrt(1 - memory**2) * new


def _remembering(before: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.float64]:
    return _ISSUE_TO_ISSUE * before + math.sqrt(1 - _ISSUE_TO_ISSUE**2) * new
