"""The most of the last while: a sliding maximum that remembers a handful of values and not every sample."""

from collections.abc import Callable
from functools import reduce

from .model import PerPhase

_BUCKETS = 6
"""The window is remembered in so many parts: a value counts for at most a part longer than the window."""

type Peaks[T] = tuple[tuple[float, T], ...]


def slide[T](peaks: Peaks[T], value: T, now: float, seconds: float, greater: Callable[[T, T], T]) -> Peaks[T]:
    """Return the peaks of the last `seconds` with a new value in them, the newest last."""
    width = seconds / _BUCKETS
    kept = tuple((start, peak) for start, peak in peaks if start + width > now - seconds)
    if kept and now < kept[-1][0] + width:
        start, peak = kept[-1]
        return (*kept[:-1], (start, greater(peak, value)))
    return (*kept, (now, value))


def highest[T](peaks: Peaks[T], greater: Callable[[T, T], T]) -> T | None:
    """Return the most within the window, `None` where nothing was seen."""
    return reduce(greater, (peak for _, peak in peaks)) if peaks else None


def most(one: PerPhase, other: PerPhase) -> PerPhase:
    """Return the greater value of each phase."""
    return PerPhase(max(one.l1, other.l1), max(one.l2, other.l2), max(one.l3, other.l3))
