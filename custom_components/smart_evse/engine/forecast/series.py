"""A value over time: spans that each hold one value, and gaps where nothing is known.

Everything inside is in UTC. Two wall times of one zone would be compared and subtracted as they
stand on the clock, an hour off twice a year.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import math

_QUARTER = timedelta(minutes=15)

type Step = tuple[datetime, datetime]
"""A stretch of time from its first instant to the one where it is over, in UTC."""


@dataclass(frozen=True, slots=True)
class Span:
    """One value from `start` until just before `end`: a mean power in W, a price in force."""

    start: datetime
    end: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """Spans in order that do not overlap. Made by `of`; what it does not cover is not known."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> Series:
        """Put spans of any zone in order, the later one holding where two overlap.

        Later is what starts later, and of two with one start what was given last.
        """
        latest = {span.start.astimezone(UTC): span for span in spans}
        starts = sorted(latest)
        ends = [latest[start].end.astimezone(UTC) for start in starts]
        until = [min(end, start) for end, start in zip(ends, [*starts[1:], *ends[-1:]], strict=True)]
        return cls(
            tuple(
                Span(start, end, latest[start].value) for start, end in zip(starts, until, strict=True) if end > start
            )
        )

    @classmethod
    def of_points(cls, points: Iterable[tuple[datetime, float | None]], last: timedelta) -> Series:
        """Give each value until the next point, the last one for `last`; `None` begins a gap."""
        latest = {at.astimezone(UTC): value for at, value in points}
        known = [(at, latest[at]) for at in sorted(latest)]
        ends = [start for start, _ in known[1:]] + [start + last for start, _ in known[-1:]]
        return cls.of(
            Span(start, end, value) for (start, value), end in zip(known, ends, strict=True) if value is not None
        )

    @classmethod
    def of_steps(cls, steps: Sequence[Step], values: Sequence[float | None]) -> Series:
        """Give each step its value; `None` leaves a gap."""
        return cls.of(
            Span(start, end, value) for (start, end), value in zip(steps, values, strict=True) if value is not None
        )

    @property
    def start(self) -> datetime | None:
        """The first instant that is known."""
        return self.spans[0].start if self.spans else None

    @property
    def end(self) -> datetime | None:
        """The instant after which nothing is known."""
        return self.spans[-1].end if self.spans else None

    def sloped(self) -> Series:
        """Cut spans into quarter-hours that rise and fall between their neighbours; each span keeps its mean.

        Means of hours tell of the sun in steps, and it knows none: half of a morning's hour has less than its
        mean. No quarter goes beyond the neighbours' values; a highest or lowest span, and the side of a gap, stay flat.
        """
        beside = zip((None, *self.spans), self.spans, (*self.spans[1:], None), strict=False)
        return Series(tuple(part for before, span, after in beside for part in _sloped(before, span, after)))

    def between(self, start: datetime, end: datetime) -> Series:
        """Keep what lies in a stretch of time, cut at its edges."""
        kept = (span for span in self.spans if span.start < end and span.end > start)
        return Series(tuple(Span(max(span.start, start), min(span.end, end), span.value) for span in kept))

    def at(self, moment: datetime) -> float | None:
        """The value in force at one instant."""
        index = bisect_right(self.spans, moment, key=lambda span: span.start) - 1
        if index < 0 or self.spans[index].end <= moment:
            return None
        return self.spans[index].value

    def in_force(self, steps: Sequence[Step]) -> tuple[float | None, ...]:
        """The value in force where each step begins."""
        return tuple(self.at(start) for start, _ in steps)

    def means(self, steps: Sequence[Step], coverage: float = 0.5) -> tuple[float | None, ...]:
        """The mean over each step, `None` where less than the share `coverage` of it is known.

        The steps have to be in order.
        """
        return tuple(
            _mean(parts, (end - start).total_seconds() * coverage)
            for parts, (start, end) in zip(_overlaps(self.spans, steps), steps, strict=True)
        )


def _sloped(before: Span | None, span: Span, after: Span | None) -> Iterator[Span]:
    """Yield the quarter-hours of a span."""
    left = span.value - before.value if before is not None and before.end == span.start else 0.0
    right = after.value - span.value if after is not None and after.start == span.end else 0.0
    # The monotonized central slope of finite volumes (van Leer 1977): steep where both sides are, never beyond them.
    steep = min(abs(left + right) / 2, 2 * abs(left), 2 * abs(right)) if left * right > 0 else 0.0
    count = max(1, round((span.end - span.start) / _QUARTER))
    edges = [span.start + (span.end - span.start) * index / count for index in range(count + 1)]
    for index, (start, end) in enumerate(pairwise(edges)):
        yield Span(start, end, span.value + math.copysign(steep, left) * ((index + 0.5) / count - 0.5))


def _overlaps(spans: tuple[Span, ...], steps: Sequence[Step]) -> Iterator[list[tuple[float, float]]]:
    """For each step, the seconds it shares with each span, and the span's value."""
    first = 0
    for start, end in steps:
        while first < len(spans) and spans[first].end <= start:
            first += 1
        parts, index = [], first
        while index < len(spans) and spans[index].start < end:
            span = spans[index]
            parts.append(((min(span.end, end) - max(span.start, start)).total_seconds(), span.value))
            index += 1
        yield parts


def _mean(parts: list[tuple[float, float]], least: float) -> float | None:
    seconds = sum(part for part, _ in parts)
    if seconds <= 0 or seconds < least - 1e-6:
        return None
    return sum(part * value for part, value in parts) / seconds


def steps_of(now: datetime, minutes: int, until: datetime) -> tuple[Step, ...]:
    """Cut the time from `now` to `until` at whole slots of the clock; the first one is what is left of it.

    `minutes` divides an hour, so that every zone's quarters, also those 30 or 45 minutes off UTC,
    begin where slots of that length do, or inside none.
    """
    start, slot = now.astimezone(UTC), timedelta(minutes=minutes)
    edge = datetime.fromtimestamp((start.timestamp() // slot.total_seconds() + 1) * slot.total_seconds(), UTC)
    edges = [start]
    while edge < until:
        edges.append(edge)
        edge += slot
    return tuple(pairwise([*edges, edge])) if until > start else ()
