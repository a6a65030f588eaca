"""The quarter hours of the clock.

They are those of UTC. Every zone in use is a whole number of quarter hours away from it, summer time included, so
that a local hour and a local day end where a quarter hour ends.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

QUARTER = timedelta(minutes=15)


def quarter_after(at: datetime) -> datetime:
    """Return the end of the quarter hour that `at` lies in; one that begins at `at` ends a quarter later."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour + ((at - hour) // QUARTER + 1) * QUARTER


def quarters_within(start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield where the quarter hours begin that begin after `start`, up to and with `end`."""
    at = quarter_after(start)
    while at <= end:
        yield at
        at += QUARTER
