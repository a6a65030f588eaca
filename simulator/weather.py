"""A weather service's forecast of the plant: right about the day, wrong about the hour.

It is made from what the sun will really do: the mean of each half hour, times an error of the whole day and one
that wanders from hour to hour. A new issue comes every six hours, and is wrong in another way.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import exp
from random import Random
from typing import Final

from .house import House

STEP: Final = timedelta(minutes=30)
_EPOCH: Final = datetime.fromisoformat("2000-01-01")
_ISSUE: Final = timedelta(hours=6)
_LOOKS: Final = 6
"""How many instants of a half hour its mean is taken from."""

_DAY_ERROR: Final = 0.12
_HOUR_ERROR: Final = 0.15
_MEMORY: Final = 0.85
"""What of an error is still there a half hour later."""


def forecast(house: House, start: datetime, hours: int) -> Iterator[tuple[datetime, float]]:
    """Yield what is forecast on the house's clock, from the half hour of `start` on: the mean power in W."""
    at = start.replace(minute=start.minute // 30 * 30, second=0, microsecond=0)
    issue = (house.clock - _EPOCH) // _ISSUE
    wander, rng = 0.0, Random(f"{house.plan.seed} {issue}")
    for _ in range(hours * 2):
        wander = _MEMORY * wander + (1 - _MEMORY**2) ** 0.5 * rng.gauss(0, _HOUR_ERROR)
        yield at, _truth(house, at) * exp(wander) * _of_day(house, at.date(), issue)
        at += STEP


def _truth(house: House, at: datetime) -> float:
    instants = (at + STEP * (look + 0.5) / _LOOKS for look in range(_LOOKS))
    return sum(house.solar_at(each) for each in instants) / _LOOKS


def _of_day(house: House, day: date, issue: int) -> float:
    return exp(Random(f"{house.plan.seed} {issue} {day}").gauss(0, _DAY_ERROR))
