"""The most of the last while: a sliding maximum that remembers a handful of values and not every sample."""

from .model import Peaks, PerPhase

_BUCKETS = 6
"""The window is remembered in so many parts: a value counts for at most a part longer than the window."""


def slide(peaks: Peaks, value: PerPhase, now: float, seconds: float) -> Peaks:
    """Return the peaks of the last `seconds` with a new value in them, the newest last."""
    width = seconds / _BUCKETS
    kept = tuple((start, peak) for start, peak in peaks if start + width > now - seconds)
    if kept and now < kept[-1][0] + width:
        start, peak = kept[-1]
        return (*kept[:-1], (start, most(peak, value)))
    return (*kept, (now, value))


def highest(peaks: Peaks) -> PerPhase | None:
    """Return the most of each phase within the window, `None` where nothing was seen."""
    found: PerPhase | None = None
    for _, peak in peaks:
        found = peak if found is None else most(found, peak)
    return found


def most(one: PerPhase, other: PerPhase) -> PerPhase:
    """Return the greater value of each phase."""
    return PerPhase(max(one.l1, other.l1), max(one.l2, other.l2), max(one.l3, other.l3))
