"""Values over time as integrations hang them on an entity: lists of times and values, in many spellings.

An entity's attributes are not agreed on: each integration has its own names, and its own idea of what belongs to a
row. Which key is a time and which a value is a table here; another spelling is another word in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise
import math

from ..engine.forecast.series import Series, Span

type Row = Mapping[str, object]

STARTS = (
    "start", "start_time", "starts_at", "startsAt", "startTime", "start_timestamp", "from", "valid_from", "hour",
    "period_start", "datetime", "date_time", "time", "timestamp", "date",
)  # fmt: skip
"""What rows call the time from which their value holds; the first that a row has counts."""

ENDS = ("end", "end_time", "ends_at", "endsAt", "endTime", "end_timestamp", "till", "to", "valid_to", "period_end")

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What to look for: attributes by name, the best first, and keys of values with their scale.

    A scale of `None` is that of the entity's unit. `others` also looks at lists of other names.
    """

    attributes: tuple[str, ...]
    values: Mapping[str, float | None]
    others: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads an entity's attributes: its rows in `unit` where they do not say better, times without a zone in `zone`."""

    words: Words
    zone: tzinfo
    unit: float = 1.0

    def read(self, attributes: Mapping[str, object], now: datetime) -> Series:
        """Read everything that an entity tells of its future.

        What a less telling attribute covers counts only beyond the end of the better ones.
        """
        known = Series()
        for name in self.words.attributes:
            known = _continued(known, self._series(attributes.get(name), name, now))
        if not known.spans and self.words.others:
            for name, content in attributes.items():
                known = _continued(known, self._series(content, name, now))
        return known

    def _series(self, content: object, name: str, now: datetime) -> Series:
        if isinstance(content, Mapping):
            scale = self.words.values.get(name)
            return _timed(content.items(), self.unit if scale is None else scale, self.zone)
        if not isinstance(content, Sequence) or isinstance(content, str):
            return Series()
        if content and all(figure(item) is not None for item in content):
            return _day(content, name, self.unit, self.zone, now)
        return self._spanned([row for row in content if isinstance(row, Mapping)])

    def _spanned(self, rows: Sequence[Row]) -> Series:
        found: list[tuple[datetime, datetime | None, float]] = []
        for row in rows:
            start, value = moment(_first(row, STARTS), self.zone), _value(row, self.words, self.unit)
            if start is not None and value is not None:
                found.append((start, moment(_first(row, ENDS), self.zone), value))
        if any(end is None for _, end, _ in found):
            return _points([(start, value) for start, _, value in found])
        return Series.of(Span(start, end, value) for start, end, value in found if end is not None)


def moment(value: object, zone: tzinfo) -> datetime | None:
    """Read a time: an instant, text in ISO 8601 (local without an offset), or seconds or ms since 1970."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=zone)
        # Some begin their rows a second late, so that a second belongs to one only.
        return aware.astimezone(UTC).replace(second=0, microsecond=0)
    if isinstance(value, int | float) and not isinstance(value, bool) and 1e9 < value < 1e13:
        return datetime.fromtimestamp(value / (1000 if value > 1e11 else 1), UTC)
    return None


def figure(value: object) -> float | None:
    """Read a number, also one that was written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _continued(known: Series, more: Series) -> Series:
    if known.end is None or more.end is None or more.end <= known.end:
        return known if known.spans else more
    return Series((*known.spans, *more.between(known.end, more.end).spans))


def _timed(points: Iterable[tuple[object, object]], unit: float, zone: tzinfo) -> Series:
    known = [(moment(at, zone), figure(value)) for at, value in points]
    return _points([(at, value * unit) for at, value in known if at is not None and value is not None])


def _points(points: list[tuple[datetime, float]]) -> Series:
    """Give each value until the next one, and for an hour at most; the last as long as the one before."""
    ordered = sorted(dict(points).items())
    steps = [min(later - earlier, _HOUR) for (earlier, _), (later, _) in pairwise(ordered)]
    lasts = [*steps, *(steps[-1:] or [_HOUR])]
    return Series.of(Span(at, at + last, value) for (at, value), last in zip(ordered, lasts, strict=False))


def _day(values: Sequence[object], name: str, unit: float, zone: tzinfo, now: datetime) -> Series:
    """Read bare numbers: the hours or quarters of a local day, which may have one hour more or less."""
    if len(values) not in (23, 24, 25, 92, 96, 100) or ("today" not in name and "tomorrow" not in name):
        return Series()
    day = now.astimezone(zone).date() + (_DAY if "tomorrow" in name else timedelta(0))
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    step = _HOUR / (4 if len(values) > 25 else 1)
    return Series.of(
        Span(start + step * index, start + step * (index + 1), value * unit)
        for index, item in enumerate(values)
        if (value := figure(item)) is not None
    )


def _value(row: Row, words: Words, unit: float) -> float | None:
    for key, scale in words.values.items():
        if (value := figure(row.get(key))) is not None:
            return value * (unit if scale is None else scale)
    return None


def _first(row: Row, keys: tuple[str, ...]) -> object:
    return next((row[key] for key in keys if row.get(key) is not None), None)
