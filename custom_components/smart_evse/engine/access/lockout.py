"""Wrong codes: a few may be typed, then each one costs twice the wait of the one before.

A right code wipes no slate: whoever has one could otherwise guess those of others in between.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE = 3
"""So many wrong codes cost nothing: everybody mistypes."""

FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=1)
FORGOTTEN = timedelta(hours=24)
"""How long after the last wrong code all of them are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The wrong codes of a place: how many, and when the last one was (UTC)."""

    wrong: int = 0
    last: datetime | None = None


def wait(attempts: Attempts, utc: datetime) -> timedelta:
    """Return how long no code is looked at; a clock that was set back makes nobody wait longer than that."""
    if attempts.last is None or attempts.wrong < FREE:
        return timedelta()
    # Doubling for a day would be longer than any date: the longest is reached long before.
    locked = min(LONGEST, FIRST * (1 << min(attempts.wrong - FREE, 16)))
    return min(locked, max(timedelta(), attempts.last + locked - utc))


def failed(attempts: Attempts, utc: datetime) -> Attempts:
    """Count a wrong code."""
    is_old = attempts.last is None or utc - attempts.last >= FORGOTTEN
    return Attempts(wrong=1 if is_old else attempts.wrong + 1, last=utc)
