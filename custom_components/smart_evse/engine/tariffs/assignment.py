"""Which tariff holds for a session: what its driver was promised, else the most specific that was assigned."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from .model import Tariff

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A tariff for some drivers, vehicles and connectors (ids; none listed means all), for a time.

    It holds from `valid_from` (included) until `valid_until` (not included). A higher `priority` wins before anything
    else is looked at.
    """

    tariff: str
    drivers: frozenset[str] = frozenset()
    vehicles: frozenset[str] = frozenset()
    connectors: frozenset[str] = frozenset()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    priority: int = 0


def tariff_for(  # noqa: PLR0913
    assignments: Iterable[Assignment],
    at: datetime,
    *,
    driver: str | None = None,
    vehicle: str | None = None,
    connector: str | None = None,
    own: str | None = None,
) -> str | None:
    """Return the id of the tariff that holds at `at` (when the session began), `None` where none does.

    `own` is the driver's or guest's own tariff (by their access rule): it beats what was assigned. Else the higher
    priority wins, then who names more of driver, vehicle and connector, then the driver before the vehicle before the
    connector, then what began to hold last. What is still alike is told apart by the tariff's id.
    """
    if own is not None:
        return own
    holding = [each for each in assignments if _holds(each, at, driver, vehicle, connector)]
    return max(holding, key=_rank).tariff if holding else None


def version_at(versions: Iterable[Tariff], key: str, at: datetime) -> Tariff | None:
    """Return the version of a tariff that holds at `at`; of several the one that began last."""
    holding = [each for each in versions if each.id == key and _within(each.valid_from, each.valid_until, at)]
    return max(holding, key=lambda each: _since(each.valid_from), default=None)


def _holds(each: Assignment, at: datetime, driver: str | None, vehicle: str | None, connector: str | None) -> bool:
    return (
        _within(each.valid_from, each.valid_until, at)
        and (not each.drivers or driver in each.drivers)
        and (not each.vehicles or vehicle in each.vehicles)
        and (not each.connectors or connector in each.connectors)
    )


def _rank(each: Assignment) -> tuple[int, int, bool, bool, bool, datetime, str]:
    names = (bool(each.drivers), bool(each.vehicles), bool(each.connectors))
    return (each.priority, sum(names), *names, _since(each.valid_from), each.tariff)


def _since(valid_from: datetime | None) -> datetime:
    return _EVER if valid_from is None else valid_from


def _within(valid_from: datetime | None, valid_until: datetime | None, at: datetime) -> bool:
    return (valid_from is None or valid_from <= at) and (valid_until is None or at < valid_until)
