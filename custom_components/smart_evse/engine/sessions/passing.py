"""How long it has been since the last reading, by two clocks of which one may be set and one may stand still."""

from dataclasses import dataclass

from .counter import WATCHED
from .moment import Moment
from .opened import OpenSession

_SET = 2.0
"""Clocks that part by more than this between two readings have not drifted, in s."""

_UNKNOWN = 86_400.0
"""How long it may have been when the clock was set back while nobody looked, in s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The time since the last reading, in s. `wall` is what the wall clock makes of it.

    `watched` is whether the readings are near enough to know when the energy between them flowed, `clock_set` that the
    wall clock was set meanwhile.
    """

    seconds: float
    wall: float
    watched: bool
    clock_set: bool = False

    @property
    def set_forward(self) -> bool:
        """Whether the clock was set forward, or the machine slept: both look the same to clocks."""
        return self.clock_set and self.wall > self.seconds


def passed(state: OpenSession, moment: Moment) -> Passed:
    """Return how long it has been since a session was metered."""
    wall = (moment.at - state.at).total_seconds()
    if moment.run != state.run:
        return Passed(seconds=wall if wall >= 0 else _UNKNOWN, wall=wall, watched=False, clock_set=wall < 0)
    seconds = moment.now - state.now
    return Passed(seconds=seconds, wall=wall, watched=seconds <= WATCHED, clock_set=abs(wall - seconds) > _SET)


def slept(time: Passed) -> Passed:
    """Return the same time if the machine slept through it."""
    return Passed(seconds=time.wall, wall=time.wall, watched=time.wall <= WATCHED)
