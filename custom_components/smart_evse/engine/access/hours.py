"""Hours of the day on weekdays, as the clock on the wall at the site shows them.

A day on which the clock is changed has its hours by the clock all the same: an hour that comes twice is open
twice, one that is left out is open at no time.
"""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from .model import Hours


def is_open(hours: Iterable[Hours], utc: datetime, zone: tzinfo) -> bool:
    """Say whether one of the spans holds at `utc`; where there are none, every hour is open."""
    spans = tuple(hours)
    local = utc.astimezone(zone)
    return not spans or any(_holds(span, local) for span in spans)


def _holds(span: Hours, local: datetime) -> bool:
    clock, today = local.time(), local.weekday()
    if span.begin < span.end:
        return today in span.weekdays and span.begin <= clock < span.end
    # It runs past midnight: the hours of the morning belong to the day before.
    evening = today in span.weekdays and clock >= span.begin
    return evening or ((today - 1) % 7 in span.weekdays and clock < span.end)
