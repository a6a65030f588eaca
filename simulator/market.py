"""A day-ahead market: what a kWh costs in each quarter of an hour, made up after a sunny day in spring.

Cheap at noon, when every roof gives, dear in the evening, when everybody cooks. Each day is a little dearer or
cheaper than the last, seeded by its date: asked again, it is the same.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Final

QUARTER: Final = timedelta(minutes=15)

_SHAPE: Final = (
    0.094, 0.089, 0.086, 0.085, 0.087, 0.096, 0.121, 0.142, 0.131, 0.096, 0.058, 0.031,
    0.014, 0.006, 0.009, 0.024, 0.057, 0.102, 0.158, 0.203, 0.218, 0.176, 0.134, 0.109,
)  # fmt: skip
"""The price of a kWh in EUR without taxes, by the hour of the day."""


def day_ahead(day: date, zone: tzinfo, seed: int = 1) -> Iterator[tuple[datetime, float]]:
    """Yield the quarters of a day (UTC) and their prices in EUR/kWh."""
    rng = Random(f"{seed} {day.isoformat()}")
    level = rng.uniform(0.85, 1.2)
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    while start < end:
        local = start.astimezone(zone)
        yield start, round(_shape(local) * level + rng.uniform(-0.003, 0.003), 4)
        start += QUARTER


def _shape(local: datetime) -> float:
    """Return the usual price at a time of the day, on a line from the middle of an hour to that of the next."""
    hours = local.hour + local.minute / 60 - 0.375
    share = hours % 1
    before, after = _SHAPE[int(hours // 1) % 24], _SHAPE[int(hours // 1 + 1) % 24]
    return before * (1 - share) + after * share
