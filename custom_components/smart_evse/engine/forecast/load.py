"""What the house will use without its chargers, learned from what it used.

Four weeks by kind of day and hour, the last ten days counting most. On a year of a real house that
misses a quarter less than repeating yesterday or the same day of last week.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median

from .habits import Learning, Profile, WallClock, learn
from .series import Series, Step

LOAD_LEARNING = Learning(half_life=10.0, window=28.0, kin=1.0, parts=24)

USUAL_LOAD = 350.0
"""The mean power of a house of which nothing is known, in W: about 3 MWh a year."""

_SHAPE = (
    0.60, 0.53, 0.50, 0.49, 0.51, 0.60, 0.85, 1.08, 1.10, 1.06, 1.05, 1.10,
    1.18, 1.10, 1.03, 1.01, 1.08, 1.28, 1.55, 1.62, 1.48, 1.25, 1.02, 0.93,
)  # fmt: skip
"""A household's day as shares of its mean: low at night, highest when people are home and cook."""

_AWAY = 0.5
"""A day below this share of the median day is one on which nobody was home."""

_WHOLE_DAY = 20 * 3600.0
"""How much of a day has to be known to judge it, in s."""


def learn_load(history: Series, now: datetime, clock: WallClock, mean: float | None = None) -> Profile:
    """Learn the load in W by kind of day and hour.

    `history` is what the house used without chargers and home battery; days when nobody was home
    are left out. Hours never seen get a modest household's shape, at the site's `mean` power of
    late where that is known.
    """
    profile = learn(history, now, clock, LOAD_LEARNING, away_days(history, clock))
    seen = [value for row in profile.rows for value in row if value is not None]
    level = sum(seen) / len(seen) if seen else USUAL_LOAD if mean is None else mean
    return Profile(
        rows=tuple(
            tuple(level * share if value is None else value for value, share in zip(row, _SHAPE, strict=True))
            for row in profile.rows
        )
    )


def away_days(history: Series, clock: WallClock) -> frozenset[date]:
    """The local dates on which the house used less than half of what it does on the median day."""
    days: defaultdict[date, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for span in history.spans:
        day, seconds = days[clock.local(span.start).date()], (span.end - span.start).total_seconds()
        day[0] += seconds
        day[1] += seconds * span.value
    means = {day: area / seconds for day, (seconds, area) in days.items() if seconds >= _WHOLE_DAY}
    if not means:
        return frozenset()
    usual = median(means.values())
    return frozenset(day for day, mean in means.items() if mean < _AWAY * usual)


def load_series(usual: Profile, now: datetime, until: datetime, clock: WallClock) -> Series:
    """The load expected from the hour of `now` on, in W."""
    start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    steps = hours_of(start, until)
    return Series.of_steps(steps, usual.means(steps, clock))


def hours_of(start: datetime, until: datetime) -> Sequence[Step]:
    """The hours from `start` on that begin before `until`."""
    count = max(0, -int((start - until) // timedelta(hours=1)))
    return tuple((start + timedelta(hours=hour), start + timedelta(hours=hour + 1)) for hour in range(count))
