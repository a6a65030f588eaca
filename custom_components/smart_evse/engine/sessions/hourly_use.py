"""How connectors were used hour by hour, for statistics: the same figures as an analysis of each hour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..model import ConnectorId
from .analysis import Refusal, Span, Stay, analyse

HOUR = timedelta(hours=1)
_SECONDS = HOUR.total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfUse:
    """One hour of all connectors together.

    `taken` is how many had a car on the mean, `least_taken` and `most_taken` the fewest and the most at once;
    `charging` and `most_charging` the same of those into which energy flowed. `idle` are the seconds in which a car was
    there and took nothing, `full` is the share (0 to 1) of the hour in which all were taken, `refused` how many were
    turned away. `by_speed` are the Wh of sessions of each speed, the fastest last.
    """

    at: datetime
    taken: float
    least_taken: int
    most_taken: int
    charging: float
    most_charging: int
    idle: float
    full: float
    refused: int
    by_speed: tuple[int, ...]


def hourly(
    stays: Sequence[Stay], span: Span, connectors: Sequence[ConnectorId], refusals: Sequence[Refusal] = ()
) -> Iterator[HourOfUse]:
    """Yield every whole hour of a span, those in which nothing happened, too."""
    at = _hour_from(span.since)
    near = sorted(stays, key=lambda stay: stay.record.started)
    while at + HOUR <= span.until:
        end = at + HOUR
        # Those that have ended by now are looked at no more.
        near = [stay for stay in near if stay.record.ended is None or stay.record.ended >= at]
        here = [stay for stay in near if stay.record.started < end]
        said = [refusal for refusal in refusals if at <= refusal.at < end]
        yield _use(at, here, connectors, said)
        at = end


def _hour_from(since: datetime) -> datetime:
    hour = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour if hour == since else hour + HOUR


def _use(
    at: datetime, stays: Sequence[Stay], connectors: Sequence[ConnectorId], refusals: Sequence[Refusal]
) -> HourOfUse:
    found = analyse(stays, Span(since=at, until=at + HOUR, zone=UTC), connectors, refusals)
    return HourOfUse(
        at=at,
        taken=found.total.occupied / _SECONDS,
        least_taken=next((count for count, seconds in enumerate(found.taken) if seconds), 0),
        most_taken=found.most_taken,
        charging=found.total.charging / _SECONDS,
        most_charging=found.most_charging,
        idle=found.total.idle,
        full=found.full,
        refused=sum(found.refusals.values()),
        by_speed=tuple(use.energy_in for use in found.by_speed),
    )
