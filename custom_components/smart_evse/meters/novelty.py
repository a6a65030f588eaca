"""What tells a new sample from one that was handed over already.

A device that is asked gives its latest values, whether they are new or not. Best told
apart they are by a time of their own. Values without one that have all stayed the same are
ambiguous: the device repeats itself, or the house really is that calm. Taking every repetition for
new would hide a device that stands still, taking none would turn a calm house into a silent meter.
So a repetition is taken for a sample now and then, but no longer than `CALM` seconds: voltages in
tenths of a volt, powers in watts and registers in Wh never rest that long in a house that lives.
"""

from typing import Final

CALM: Final = 30.0
"""How long values that stay the same are taken for new ones, in s."""

REPETITION: Final = 5.0
"""The least time between two samples of the same values, in s: a late answer is no new sample."""


class Novelty:
    """What was handed over last, also over the line before this one. Times are monotonic, in s."""

    def __init__(self, calm: float = CALM) -> None:
        self._calm = calm
        self._key: object = None
        self._since = 0.0
        self._taken = 0.0

    def seen(self, content: object, at: object, cadence: float, now: float) -> bool:
        """Take in what was read `now`, and tell whether it is new.

        `at` is the device's own time of it, or `None`; `cadence` is how often it promises an update.
        """
        key = content if at is None else at
        if key != self._key:
            self._key, self._since, self._taken = key, now, now
            return True
        calm = at is None and now - self._since <= self._calm
        if not calm or now - self._taken < max(REPETITION, 1.5 * cadence):
            return False
        self._taken = now
        return True
