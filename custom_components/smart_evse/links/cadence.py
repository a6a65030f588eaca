"""How often a source really updates, whatever it promises.

Home Assistant's DSMR integration writes its entities every 30 s while the meter tells every second;
a gateway polls a meter now and then; a dongle repeats its last value for hours. Fed with the arrival
of every sample this learns the true cadence and notices a source that stands still.
"""

from collections import deque
from collections.abc import Hashable
from statistics import median
from typing import Final

BURST: Final = 0.4
"""Samples closer together than this belong to one update, in s: a meter's phases come one by one."""

WINDOW: Final = 15
"""Intervals that are remembered."""

PROOF: Final = 3
"""Intervals before a cadence is told at all."""

SHORTEST_MAX_AGE: Final = 10.0
"""A sample is never too old before this, in s: a missed telegram or two is no accident."""

LONGEST_MAX_AGE: Final = 90.0
"""A sample is always too old after this, in s, however slow its source is used to be."""

PATIENCE: Final = 60.0
"""How long a value may stay exactly the same before that is strange, in s."""

LONG_PATIENCE: Final = 300.0
"""The same for a source that has never been seen to vary."""

REPEATS: Final = 10
"""How often the same value must have arrived to be called frozen: silence is not constancy."""

_CALM: Final = 5.0
"""A source that used to rest for some time is given this many times as long."""


class Cadence:
    """The rhythm of one source. `declared` is what it promises, in s, if it does.

    Times are those of a monotonic clock and are given with every sample.
    """

    def __init__(self, declared: float | None = None) -> None:
        self._declared = declared
        self._intervals: deque[float] = deque(maxlen=WINDOW)
        self._rests: deque[float] = deque(maxlen=WINDOW)
        self._at: float | None = None
        self._value: Hashable = None
        self._since = 0.0
        self._repeats = 0

    def arrived(self, at: float, value: Hashable = None) -> None:
        """Take in a sample. `value` is what should vary, `None` where nobody can say.

        An update that comes in several pieces counts from its first.
        """
        if self._at is None:
            self._at = self._since = at
        elif at - self._at >= BURST:
            self._intervals.append(at - self._at)
            self._at = at
        self._compare(at, value)

    @property
    def cadence(self) -> float | None:
        """What the source really keeps, in s; `None` until it has shown it.

        The median passes over single gaps and late samples, and follows a source that has changed
        its rhythm after half a window.
        """
        return median(self._intervals) if len(self._intervals) >= PROOF else None

    def too_slow(self, limit: float) -> bool:
        """Whether the source has been seen to update less often than every `limit` s."""
        return self.cadence is not None and self.cadence > limit

    @property
    def max_age(self) -> float:
        """When a sample is too old to act on, in s: three times the cadence, declared or else learned."""
        cadence = self._declared or self.cadence or 0.0
        return min(max(SHORTEST_MAX_AGE, 3 * cadence), LONGEST_MAX_AGE)

    @property
    def frozen(self) -> bool:
        """Whether the source keeps arriving but has stopped to vary.

        How long that may take is learned from the longest time that it rested before and moved again.
        """
        if self._value is None or self._at is None or self._repeats < REPEATS:
            return False
        patience = max(PATIENCE, _CALM * max(self._rests)) if self._rests else LONG_PATIENCE
        return self._at - self._since >= patience

    @property
    def varied_at(self) -> float:
        """When the source last said something else than before."""
        return self._since

    def _compare(self, at: float, value: Hashable) -> None:
        if value == self._value:
            self._repeats += 1
            return
        if self._value is not None:
            self._rests.append(at - self._since)
        self._value, self._since, self._repeats = value, at, 0
