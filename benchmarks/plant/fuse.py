"""A gG fuse: how long it takes to melt, and how much of that time an overload has used.

A fuse that is faster than most: it stands 1.6 times its rating, at which every fuse has to melt within the conventional
hour (IEC 60269-1), for just that hour, and goes through the lower gates at 10 s and 0.1 s, where the fastest may melt;
straight on doubly logarithmic paper. What it holds, up to 1.25 times its rating, does nothing to it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_HOLDS, _MELTS = 1.25, 1.6
_HOUR = 3_600.0

GATES: Final = {
    16: (33.0, 85.0),
    20: (42.0, 110.0),
    25: (52.0, 150.0),
    32: (75.0, 200.0),
    40: (95.0, 260.0),
    50: (125.0, 350.0),
    63: (160.0, 450.0),
}
"""The least current in A that may melt a fuse of each rating in 10 s and in 0.1 s (IEC 60269-1)."""


def melting_time(amps: NDArray[np.float64] | float, rating: int) -> NDArray[np.float64]:
    """Return how long a fuse of a rating stands a current, in s; infinite for what it holds."""
    ten, tenth = GATES[rating]
    current = np.abs(np.asarray(amps, dtype=np.float64))
    slope = np.log(_HOUR / 10.0) / np.log(ten / (_MELTS * rating))
    slowest = _HOUR * (_MELTS / _HOLDS) ** slope
    points = np.log([_HOLDS * rating, _MELTS * rating, ten, tenth])
    times = np.log([slowest, _HOUR, 10.0, 0.1])
    melt = np.exp(np.interp(np.log(np.maximum(current, 1e-9)), points, times))
    return np.where(current < _HOLDS * rating, np.inf, melt)


def melting_share(amps: NDArray[np.float64], rating: int) -> float:
    """Return the most of its melting time that any hour has used (1 melts it), from one phase's current a second."""
    used = np.concatenate(([0.0], np.cumsum(1.0 / melting_time(amps, rating))))
    hour = min(int(_HOUR), len(amps))
    return float(np.max(used[hour:] - used[:-hour])) if len(amps) else 0.0
