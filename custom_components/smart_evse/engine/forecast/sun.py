"""The sun expected, learned from what the site's own sun did, for when nobody forecasts it.

Of each hour of the day the fair-weather power of the last two weeks is known: what the roof, its
shadows and the season make of a good day. The share of it that the last 24 hours reached, and the
last two weeks on the mean, is what the coming days are expected to reach. On a year of a real roof
that misses a tenth less of the next 24 hours than repeating yesterday, and a seventh less with what
the last hours showed (`intraday`); at noon a quarter less.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .series import Series, Span, Step

_HOURS = 24
_WINDOW = timedelta(days=14)
_FAIR = 0.8
"""The share of days that an hour's fair-weather power is not exceeded on."""
_PERSISTENCE = 0.5
"""How much of the last 24 hours' weather is still expected; the rest is the fortnight's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SunProfile:
    """The fair-weather power of each hour of a UTC day in W (the sun knows no summer time).

    `clearness` is the share of it that is expected.
    """

    fair: tuple[float, ...] = (0.0,) * _HOURS
    clearness: float = 1.0

    def power(self, moment: datetime) -> float:
        """The power expected at an instant (UTC), in W."""
        hour, at = moment.hour, (moment.minute * 60 + moment.second) / 3600 - 0.5
        before, now, after = (self.fair[(hour + shift) % _HOURS] for shift in (-1, 0, 1))
        # A parabola through three hours would overshoot at dawn; half their slope keeps the hour's mean.
        return self.clearness * max(0.0, now + (after - before) / 2 * at)


def learn_sun(history: Series, now: datetime) -> SunProfile | None:
    """Learn the sun from mean powers in W of the last two weeks, `None` without any.

    Hours shorter than one (5 min) and longer gaps are fine.
    """
    until = now.astimezone(UTC)
    recent = history.between(until - _WINDOW, until)
    if not recent.spans:
        return None
    hours = _hours(until)
    known = [
        (start, max(0.0, value))
        for (start, _), value in zip(hours, recent.means(hours), strict=True)
        if value is not None
    ]
    days: defaultdict[int, list[float]] = defaultdict(list)
    for start, value in known:
        days[start.hour].append(value)
    fair = tuple(_fair(days[hour]) for hour in range(_HOURS))
    usual = _clearness(known, fair)
    latest = _clearness([(start, value) for start, value in known if start >= until - timedelta(days=1)], fair)
    if usual is None:
        return SunProfile(fair=fair)
    return SunProfile(fair=fair, clearness=usual if latest is None else usual + _PERSISTENCE * (latest - usual))


def sun_series(profile: SunProfile, start: datetime, until: datetime, minutes: int = 15) -> Series:
    """The sun expected from `start` on, in W, in spans of `minutes`."""
    step, at = timedelta(minutes=minutes), start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    spans = []
    while at < until:
        spans.append(Span(at, at + step, profile.power(at + step / 2)))
        at += step
    return Series(tuple(spans))


def _hours(until: datetime) -> tuple[Step, ...]:
    hour = timedelta(hours=1)
    first = (until - _WINDOW).replace(minute=0, second=0, microsecond=0)
    return tuple((first + hour * index, first + hour * (index + 1)) for index in range(int((until - first) / hour)))


def _fair(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * _FAIR))] if ordered else 0.0


def _clearness(known: list[tuple[datetime, float]], fair: tuple[float, ...]) -> float | None:
    possible = sum(fair[start.hour] for start, _ in known)
    return sum(value for _, value in known) / possible if possible > 0 else None
