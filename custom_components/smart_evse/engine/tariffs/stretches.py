"""A session as it is on record, made ready for pricing.

What nobody knows the source of counts as bought. An interval without energy is not charging: time after the car has
taken its last energy is idle, time before it is waiting, since a car that takes more later was not done but kept from
charging (by a plan, a fuse, a queue), and nobody pays for that. A car that took nothing at all was idle.

Where energy ceases within an interval, its charging lasted as long as the highest power needs for it. That is told only
where the neighbour has no energy: amid charging, a mean below the peak is a power that moved.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ..sessions.model import Interval, SessionRecord
from .model import Stretch

VOLTS = Decimal(230)
"""The sum of the currents of all phases is the power over the voltage of one."""

type Demand = Callable[[datetime, datetime], Decimal | None]
"""Which share (0 to 1) was taken on the mean between two instants."""


@dataclass(frozen=True, slots=True)
class _Part:
    stretch: Stretch
    driver: str | None


def stretches_of(
    record: SessionRecord,
    intervals: Sequence[Interval],
    *,
    until: datetime | None = None,
    driver: str | None = None,
    demand: Demand | None = None,
) -> tuple[Stretch, ...]:
    """Return the stretches of a session from plug-in to plug-out, or to `until` (UTC) while the car is there.

    With `driver` only that driver's part of it: intervals that are another's are left out. `demand` is asked where
    another share counts than that of the main fuse, which is on record.
    """
    parts = list(_parts(record, sorted(intervals, key=lambda each: (each.start, each.end)), until))
    if driver is not None:
        parts = [part for part in parts if (part.driver or record.driver) == driver]
    last = max((place for place, part in enumerate(parts) if part.stretch.energy), default=-1)
    return tuple(
        replace(
            part.stretch,
            waiting=not part.stretch.charging and place < last,
            demand=part.stretch.demand if demand is None else demand(part.stretch.start, part.stretch.end),
        )
        for place, part in enumerate(parts)
    )


def _parts(record: SessionRecord, intervals: Sequence[Interval], until: datetime | None) -> Iterator[_Part]:
    """Yield the intervals in order, and the times between them, in which a car was there and nothing is on record."""
    at = record.started.astimezone(UTC)
    for place, interval in enumerate(intervals):
        if interval.start > at:
            yield _Part(Stretch(start=at, end=interval.start.astimezone(UTC), charging=False), None)
        before = intervals[place - 1] if place else None
        after = intervals[place + 1] if place + 1 < len(intervals) else None
        for stretch in _of_interval(interval, before, after):
            yield _Part(stretch, interval.driver)
        at = interval.end.astimezone(UTC)
    end = record.ended or until
    if end is not None and end > at:
        yield _Part(Stretch(start=at, end=end.astimezone(UTC), charging=False), None)


def _of_interval(interval: Interval, before: Interval | None, after: Interval | None) -> Iterator[Stretch]:
    whole = _whole(interval)
    charged = _charged_for(interval)
    if charged is None or not (_empty(before) or _empty(after)):
        yield whole
        return
    power = Decimal(str(interval.peak_power)) / 1000
    # What a car takes first after a pause comes at the interval's end, what it takes last at its beginning.
    if _empty(after):
        middle = whole.start + charged
        yield replace(whole, end=middle, power=power, current=_current(power))
        yield _idle(whole, middle, whole.end)
    else:
        middle = whole.end - charged
        yield _idle(whole, whole.start, middle)
        yield replace(whole, start=middle, power=power, current=_current(power))


def _whole(interval: Interval) -> Stretch:
    power = _power(interval)
    return Stretch(
        start=interval.start.astimezone(UTC),
        end=interval.end.astimezone(UTC),
        energy=interval.energy_in,
        from_sun=interval.from_sun,
        from_battery=interval.from_battery,
        from_grid=interval.energy_in - interval.from_sun - interval.from_battery,
        charging=interval.energy_in > 0,
        power=power,
        current=None if power is None else _current(power),
        site_price=interval.import_price,
        feed_in=interval.export_price,
        demand=None if interval.demand is None else Decimal(str(interval.demand)),
    )


def _idle(whole: Stretch, start: datetime, end: datetime) -> Stretch:
    return replace(
        whole,
        start=start,
        end=end,
        energy=0,
        from_sun=0,
        from_battery=0,
        from_grid=0,
        charging=False,
        power=None,
        current=None,
    )


def _power(interval: Interval) -> Decimal | None:
    """Return the mean power in kW into the car; where it also gave something, the mean does not tell."""
    if interval.mean_power is None or interval.energy_out or not interval.energy_in:
        return None
    return Decimal(str(interval.mean_power)) / 1000


def _current(power: Decimal) -> Decimal:
    return power * 1000 / VOLTS


def _charged_for(interval: Interval) -> timedelta | None:
    """Return how long the energy flowed at the highest power, `None` where that is the whole interval or unknown."""
    if not interval.energy_in or interval.energy_out or not interval.peak_power or interval.peak_power <= 0:
        return None
    charged = interval.energy_in * 3600 / interval.peak_power
    whole = (interval.end - interval.start).total_seconds()
    return timedelta(seconds=max(1, round(charged))) if charged < whole - 1 else None


def _empty(neighbour: Interval | None) -> bool:
    return neighbour is not None and not neighbour.energy_in
