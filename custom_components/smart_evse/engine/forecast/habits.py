"""What a day is usually like: the mean of each part of it, for each kind of day, by the wall clock.

People live by the clock on the wall and by the days of the week, and prices follow people.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import IntEnum

from .series import Series, Step


class DayKind(IntEnum):
    """Days that resemble each other."""

    WORKDAY = 0
    SATURDAY = 1
    SUNDAY = 2


@dataclass(frozen=True, slots=True)
class WallClock:
    """The clock on the wall of the site, and the local `holidays` on which people live as on a Sunday."""

    zone: tzinfo
    holidays: frozenset[date] = frozenset()

    def local(self, moment: datetime) -> datetime:
        """The wall time of an instant."""
        return moment.astimezone(self.zone)

    def kind(self, day: date) -> DayKind:
        """The kind of a local date."""
        return DayKind.SUNDAY if day in self.holidays else DayKind(max(0, day.weekday() - 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """How the past is weighed.

    A day counts half as much as one `half_life` days younger, and not at all beyond `window` days. All days of
    other kinds together count as `kin` days of the own one: so every kind is known from the first day
    on, and leans on the others less the better it is known. `parts` is how many parts a day has (24
    hours, 96 quarters).
    """

    half_life: float
    window: float
    kin: float
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The usual value of each part of the day, one row for each `DayKind`; `None` never seen."""

    rows: tuple[tuple[float | None, ...], ...] = ((None,), (None,), (None,))

    def at(self, moment: datetime, clock: WallClock) -> float | None:
        """The usual value at an instant."""
        local = clock.local(moment)
        row = self.rows[clock.kind(local.date())]
        return row[_part(local, len(row))]

    def means(self, steps: Sequence[Step], clock: WallClock) -> tuple[float | None, ...]:
        """The usual mean over each step."""
        part = timedelta(days=1) / len(self.rows[0])
        return tuple(_mean([self.at(start, clock) for start, _ in _pieces(step, part)]) for step in steps)


def learn(
    history: Series, now: datetime, clock: WallClock, learning: Learning, leave_out: Container[date] = ()
) -> Profile:
    """Learn a profile from what was, without the local dates in `leave_out`."""
    table: defaultdict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    part = timedelta(days=1) / learning.parts
    until = now.astimezone(UTC)
    for span in history.between(until - timedelta(days=learning.window), until).spans:
        weight = 0.5 ** ((until - span.start) / timedelta(days=learning.half_life))
        for start, end in _pieces((span.start, span.end), part):
            local = clock.local(start)
            if local.date() in leave_out:
                continue
            entry = table[clock.kind(local.date()), _part(local, learning.parts)]
            seconds = weight * (end - start).total_seconds()
            entry[0] += seconds
            entry[1] += seconds * span.value
    return Profile(
        rows=tuple(tuple(_weigh(table, kind, index, learning) for index in range(learning.parts)) for kind in DayKind)
    )


def _weigh(table: dict[tuple[int, int], list[float]], kind: DayKind, index: int, learning: Learning) -> float | None:
    seconds, area = table.get((kind, index), (0.0, 0.0))
    others = [table[other, index] for other in DayKind if other is not kind and (other, index) in table]
    if not others:
        return area / seconds if seconds > 0 else None
    kin = learning.kin * 86400 / learning.parts
    mean = sum(part for _, part in others) / sum(part for part, _ in others)
    return (area + kin * mean) / (seconds + kin)


def _part(local: datetime, parts: int) -> int:
    return (local.hour * 3600 + local.minute * 60 + local.second) * parts // 86400


def _pieces(step: Step, part: timedelta) -> Iterator[Step]:
    """Cut a step where parts of the day begin."""
    start, end = step
    seconds = part.total_seconds()
    while start < end:
        edge = start + timedelta(seconds=seconds - start.timestamp() % seconds)
        yield start, min(edge, end)
        start = edge


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
