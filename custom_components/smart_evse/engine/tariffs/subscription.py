"""Energy that is paid with a monthly fee: it is used up in order of time, by local months."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from fractions import Fraction

from .amounts import exact
from .model import Stretch, Subscription
from .pieces import seconds
from .portions import cut_after, cut_at

type Month = tuple[int, int]
"""Year and month of the site's calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What of a session is paid with the fee: Wh by month, and the stretches as the tariff's prices find them."""

    included: Mapping[Month, int]
    beyond: tuple[Stretch, ...]


@dataclass(slots=True)
class _Used:
    included: dict[Month, int] = field(default_factory=dict)
    beyond: list[Stretch] = field(default_factory=list)


def allowances(
    subscription: Subscription, sessions: Mapping[str, Sequence[Stretch]], zone: tzinfo
) -> dict[str, Allowance]:
    """Return for each session of a subscriber what the fee pays for.

    `sessions` must be all that touch the months in question. In `beyond` the energy that is paid already is missing,
    the time is not: what a tariff charges for time, it charges all the same.
    """
    left: dict[Month, int] = {}
    used = {session: _Used() for session in sessions}
    flow = [
        (part, session) for session, stretches in sessions.items() for each in stretches for part in _months(each, zone)
    ]
    for part, session in sorted(flow, key=lambda each: (each[0].start, each[0].end, each[1])):
        month = _month(part.start, zone)
        free = min(left.setdefault(month, subscription.included), part.energy)
        left[month] -= free
        mine = used[session]
        if free:
            mine.included[month] = mine.included.get(month, 0) + free
        mine.beyond.extend(_beyond(part, free))
    return {key: Allowance(included=each.included, beyond=tuple(each.beyond)) for key, each in used.items()}


def _months(stretch: Stretch, zone: tzinfo) -> Iterator[Stretch]:
    """Yield the parts of a stretch that lie in one local month each, in UTC."""
    rest = replace(stretch, start=stretch.start.astimezone(UTC), end=stretch.end.astimezone(UTC))
    while (border := _month_end(rest.start, zone)) < rest.end:
        part, rest = cut_at(rest, border)
        yield part
    yield rest


def _month(at: datetime, zone: tzinfo) -> Month:
    local = at.astimezone(zone)
    return local.year, local.month


def _month_end(at: datetime, zone: tzinfo) -> datetime:
    year, month = _month(at, zone)
    following = (year + month // 12, month % 12 + 1)
    return datetime(*following, 1, tzinfo=zone).astimezone(UTC)


def _beyond(part: Stretch, free: int) -> Iterator[Stretch]:
    """Yield what is left of a stretch whose first Wh are free: until they are used up it only takes time."""
    if not free:
        yield part
        return
    first, rest = cut_after(part, free)
    hours = seconds(part.start, part.end) / 3600
    # Its power stays what it was, or a price for a power would take it for a pause.
    power = part.power if part.power is not None or not hours else exact(Fraction(part.energy) / 1000 / hours)
    yield replace(first, energy=0, from_sun=0, from_battery=0, from_grid=0, power=power)
    if rest.energy:
        yield rest
