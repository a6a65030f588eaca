"""The tick of the simulated world, and what has to wait for its time to come."""

from random import Random
from typing import Final

TICK: Final = 0.1
"""The step of the physics, in s: fine enough for a car that follows within seconds."""


class Delayed[T]:
    """A value that changes some time after it was told to.

    A newer value takes the place of one that still waits, at that one's time: a car looks at its
    pilot every so often, and sees what is there then.
    """

    def __init__(self, value: T) -> None:
        self.value = value
        self._next = value
        self._left = 0.0

    @property
    def coming(self) -> T:
        """What it is going to be."""
        return self._next

    def tell(self, value: T, within: tuple[float, float], rng: Random) -> None:
        """Announce a value, that comes after a time in this span in s."""
        if value == self._next:
            return
        if self._next == self.value:
            self._left = rng.uniform(*within)
        self._next = value

    def step(self, dt: float) -> None:
        if self._next == self.value:
            return
        self._left -= dt
        if self._left <= 0:
            self.value = self._next


def approach(value: float, goal: float, rise: float, fall: float) -> float:
    """Move a value toward a goal by at most `rise` up or `fall` down."""
    return min(goal, value + rise) if goal > value else max(goal, value - fall)
