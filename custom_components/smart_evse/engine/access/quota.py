"""How much of a quota is left, counted from the beginning of its period on the calendar of the site."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from .model import Period, Quota

_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What somebody has taken since the beginning of a period: Wh, and money in the site's currency.

    What no price is known of yet is not in `money`.
    """

    energy: int = 0
    money: Decimal = _NOTHING

    def __add__(self, other: Used) -> Used:
        return Used(energy=self.energy + other.energy, money=self.money + other.money)


def since(period: Period, utc: datetime, zone: tzinfo) -> datetime | None:
    """Return when the period began that holds `utc`, in UTC; `None` for one that never began. Weeks begin on Monday."""
    local = utc.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match period:
        case Period.DAY:
            begin = midnight
        case Period.WEEK:
            begin = midnight - timedelta(days=local.weekday())
        case Period.MONTH:
            begin = midnight.replace(day=1)
        case Period.YEAR:
            begin = midnight.replace(month=1, day=1)
        case Period.ALWAYS:
            return None
    return begin.astimezone(utc.tzinfo)


def left(quota: Quota, used: Used) -> Quota:
    """Return what may still be taken, never less than nothing."""
    return Quota(
        period=quota.period,
        energy=None if quota.energy is None else max(0, quota.energy - used.energy),
        money=None if quota.money is None else max(_NOTHING, quota.money - used.money),
    )


def is_spent(quota: Quota, used: Used) -> bool:
    """Say whether nothing is left of it."""
    rest = left(quota, used)
    return rest.energy == 0 or rest.money == 0
