"""How connectors are used: whether a garage needs another charger, and when its energy flows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise

from ..model import ConnectorId
from .model import Interval, SessionRecord
from .parts import drivers_of, part_of
from .quarters import quarter_after

SPEEDS = (3_700.0, 7_400.0, 11_500.0, 23_000.0)
"""Where one speed of charging ends and the next begins, in W: one phase slow and fast, three phases slow and fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A session with its intervals."""

    record: SessionRecord
    intervals: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Somebody who was refused at a connector, and why."""

    at: datetime
    connector: ConnectorId
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time that is looked at; hours and weekdays are those of `zone`."""

    since: datetime
    until: datetime
    zone: tzinfo

    @property
    def seconds(self) -> float:
        """How long it is."""
        return max(0.0, (self.until - self.since).total_seconds())

    def clipped(self, start: datetime, end: datetime) -> tuple[datetime, datetime] | None:
        """Return the part of a time that lies within, `None` where none does."""
        first, last = max(start, self.since), min(end, self.until)
        return (first, last) if first < last else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How something was used: sessions that touched the time, energy in Wh, seconds with a car and with energy."""

    sessions: int = 0
    energy_in: int = 0
    energy_out: int = 0
    occupied: float = 0.0
    charging: float = 0.0

    @property
    def idle(self) -> float:
        """The seconds in which a car was there and took nothing."""
        return max(0.0, self.occupied - self.charging)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a time looked like.

    `occupancy` is the share (0 to 1) of the time of all connectors in which a car was there, `full` the share
    of the time in which all were taken. `taken` are the seconds in which none, one, two … were taken, `most_taken` and
    `most_charging` the most at the same time. Energies by local hour (0 to 23) and weekday (Monday first) are in Wh.
    `by_speed` goes with `SPEEDS`, the fastest last.
    """

    total: Use
    occupancy: float
    full: float
    taken: tuple[float, ...]
    most_taken: int
    most_charging: int
    by_hour: tuple[int, ...]
    by_weekday: tuple[int, ...]
    by_connector: dict[ConnectorId, Use]
    by_driver: dict[str | None, Use]
    by_speed: tuple[Use, ...]
    refusals: dict[str, int]
    refused_at: dict[ConnectorId, int]


def analyse(
    stays: Iterable[Stay], span: Span, connectors: Sequence[ConnectorId], refusals: Iterable[Refusal] = ()
) -> Analysis:
    """Look at how connectors were used; a session that runs counts until the end of the time."""
    known = [stay for stay in stays if span.clipped(*_when(stay, span)) is not None]
    said = [refusal for refusal in refusals if span.since <= refusal.at < span.until]
    taken = _depths(_plugged(known, span), span, len(connectors))
    hours = list(_hours(known, span))
    total = _use(known, span)
    whole = span.seconds * len(connectors)
    return Analysis(
        total=total,
        occupancy=min(1.0, total.occupied / whole) if whole else 0.0,
        full=taken[len(connectors)] / span.seconds if connectors and span.seconds else 0.0,
        taken=taken,
        most_taken=max((count for count, seconds in enumerate(taken) if seconds), default=0),
        most_charging=_deepest(_fed(known, span), span),
        by_hour=tuple(round(sum(energy for at, energy in hours if at.hour == hour)) for hour in range(24)),
        by_weekday=tuple(round(sum(energy for at, energy in hours if at.weekday() == day)) for day in range(7)),
        by_connector={key: _use([stay for stay in known if stay.record.connector == key], span) for key in connectors},
        by_driver=_by_driver(known, span),
        by_speed=_by_speed(known, span),
        refusals=dict(Counter(refusal.why for refusal in said)),
        refused_at=dict(Counter(refusal.connector for refusal in said)),
    )


def _when(stay: Stay, span: Span) -> tuple[datetime, datetime]:
    return stay.record.started, stay.record.ended or span.until


def _plugged(stays: Iterable[Stay], span: Span) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times in which a car was there, within the span."""
    yield from filter(None, (span.clipped(*_when(stay, span)) for stay in stays))


def _fed(stays: Iterable[Stay], span: Span) -> Iterator[tuple[datetime, datetime]]:
    """Yield the intervals in which a car took something, within the span."""
    for stay in stays:
        for interval in stay.intervals:
            part = span.clipped(interval.start, interval.end)
            if part is not None and interval.energy_in > 0:
                yield part


def _use(stays: Sequence[Stay], span: Span) -> Use:
    energy_in = energy_out = charging = 0.0
    for stay in stays:
        for interval in stay.intervals:
            part = _part(interval, span)
            energy_in += interval.energy_in * part
            energy_out += interval.energy_out * part
            charging += _charging(interval) * part
    return Use(
        sessions=len(stays),
        energy_in=round(energy_in),
        energy_out=round(energy_out),
        occupied=sum((end - start).total_seconds() for start, end in _plugged(stays, span)),
        charging=charging,
    )


def _part(interval: Interval, span: Span) -> float:
    """Return which part of an interval lies within the span, 0 to 1."""
    if interval.end <= interval.start:
        return float(span.since <= interval.start < span.until)
    part = span.clipped(interval.start, interval.end)
    return 0.0 if part is None else (part[1] - part[0]) / (interval.end - interval.start)


def _charging(interval: Interval) -> float:
    """Return the seconds in which energy flowed: as if always at the highest power that was seen."""
    moved, whole = interval.energy_in + interval.energy_out, (interval.end - interval.start).total_seconds()
    if not moved:
        return 0.0
    return min(whole, moved * 3600 / abs(interval.peak_power)) if interval.peak_power else whole


def _depths(times: Iterable[tuple[datetime, datetime]], span: Span, connectors: int) -> tuple[float, ...]:
    """Return for how many seconds none, one, two … of several times held at once."""
    seconds = [0.0] * (connectors + 1)
    for depth, start, end in _levels(times, span):
        seconds[min(depth, connectors)] += (end - start).total_seconds()
    return tuple(seconds)


def _deepest(times: Iterable[tuple[datetime, datetime]], span: Span) -> int:
    return max((depth for depth, start, end in _levels(times, span) if start < end), default=0)


def _levels(times: Iterable[tuple[datetime, datetime]], span: Span) -> Iterator[tuple[int, datetime, datetime]]:
    """Yield how many times hold at once, from one change to the next."""
    changes: Counter[datetime] = Counter({span.since: 0, span.until: 0})
    for start, end in times:
        changes[start] += 1
        changes[end] -= 1
    depth = 0
    for start, end in pairwise(sorted(changes)):
        depth += changes[start]
        yield depth, start, end


def _hours(stays: Iterable[Stay], span: Span) -> Iterator[tuple[datetime, float]]:
    """Yield local times and the Wh taken in their hour; what nobody saw flow is spread evenly over its time."""
    for stay in stays:
        for interval in stay.intervals:
            part = span.clipped(interval.start, interval.end)
            if part is None or not interval.energy_in:
                continue
            at, end = part
            while at < end:
                following = min(end, quarter_after(at))
                share = (following - at) / (interval.end - interval.start)
                yield at.astimezone(span.zone), interval.energy_in * share
                at = following


def _by_driver(stays: Sequence[Stay], span: Span) -> dict[str | None, Use]:
    """Return what each took. Of two who charged one after the other each was there for their own part."""
    parts: dict[str | None, list[Stay]] = {}
    for stay in stays:
        for driver in sorted(drivers_of(stay.record, stay.intervals), key=str):
            record, intervals = part_of(stay.record, stay.intervals, driver)
            part = Stay(record=record, intervals=intervals)
            if span.clipped(*_when(part, span)) is not None:
                parts.setdefault(driver, []).append(part)
    return {driver: _use(stays, span) for driver, stays in parts.items()}


def _by_speed(stays: Sequence[Stay], span: Span) -> tuple[Use, ...]:
    bands: list[list[Stay]] = [[] for _ in range(len(SPEEDS) + 1)]
    for stay in stays:
        if (speed := _speed(stay)) > 0:
            bands[sum(speed > edge for edge in SPEEDS)].append(stay)
    return tuple(_use(band, span) for band in bands)


def _speed(stay: Stay) -> float:
    """Return the highest power of a session in W, as it was seen, else as it was on the mean."""
    powers = (each.peak_power if each.peak_power is not None else each.mean_power for each in stay.intervals)
    return max((power for power in powers if power is not None), default=0.0)
