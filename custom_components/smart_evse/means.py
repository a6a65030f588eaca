"""What our own beats saw of sun and house, as means of quarters of an hour: what forecasts are measured against."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .engine.forecast.series import Series, Span

QUARTER = timedelta(minutes=15)
_HOUR = timedelta(hours=1)

_LONGEST = timedelta(seconds=60)
"""A value is good for so long; what comes after a longer silence says nothing of it."""

_ENOUGH = 0.5
"""The share of a quarter that must be known to count."""


@dataclass(slots=True)
class Means:
    """Adds up a power in W from beat to beat, and hands over each quarter that is over."""

    start: datetime | None = None
    at: datetime | None = None
    value: float | None = None
    area: float = 0.0
    known: float = 0.0

    def add(self, value: float | None, utc: datetime) -> Span | None:
        """Take the value as of `utc`; returns the quarter that has ended, if it is known well enough."""
        begin = _floor(utc, QUARTER)
        ended = None
        if self.start is not None and begin != self.start:
            self._until(min(utc, self.start + QUARTER))
            ended = self._span(self.start)
            self.at, self.area, self.known = begin, 0.0, 0.0
        self.start = begin
        self._until(utc)
        self.at, self.value = utc, value
        return ended

    def _until(self, utc: datetime) -> None:
        if self.at is None or self.value is None or not timedelta(0) < utc - self.at <= _LONGEST:
            return
        seconds = (utc - self.at).total_seconds()
        self.area += seconds * self.value
        self.known += seconds

    def _span(self, start: datetime) -> Span | None:
        if self.known < _ENOUGH * QUARTER.total_seconds():
            return None
        return Span(start, start + QUARTER, self.area / self.known)


def with_span(series: Series, span: Span) -> Series:
    """Add the newest quarter, and make hours of those that are more than a day old."""
    before = _floor(span.start - timedelta(days=1), _HOUR)
    if series.start is None:
        return Series((span,))
    old, new = series.between(series.start, before), series.between(before, span.start)
    return Series.of([*_hours(old), *new.spans, span])


def _hours(series: Series) -> tuple[Span, ...]:
    if all(span.end - span.start >= _HOUR for span in series.spans):
        return series.spans
    starts = sorted({_floor(span.start, _HOUR) for span in series.spans})
    steps = [(start, start + _HOUR) for start in starts]
    return Series.of_steps(steps, series.means(steps)).spans


def _floor(utc: datetime, step: timedelta) -> datetime:
    seconds = step.total_seconds()
    return datetime.fromtimestamp(utc.timestamp() // seconds * seconds, UTC)
