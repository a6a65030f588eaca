"""Tariffs with a monthly fee: which months are to be paid for, and what of a session the fee has paid already.

It waits for a disk: none of it is for the event loop.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from .engine.sessions.model import Interval, SessionRecord
from .engine.sessions.parts import drivers_of
from .engine.statements.charged import Extra
from .engine.statements.span import month
from .engine.tariffs.evaluate import price
from .engine.tariffs.model import Priced, Stretch, Tariff
from .engine.tariffs.stretches import stretches_of
from .engine.tariffs.subscription import allowances
from .site_tariffs import Payer, SiteTariffs

FEE = "subscription"
"""The words' key of a monthly fee."""

_MOMENT = timedelta(microseconds=1)

type Month = tuple[datetime, datetime]
"""When one begins and ends, aware UTC."""

type Kept = tuple[SessionRecord, tuple[Interval, ...]]


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What subscribers pay for each of their sessions beyond what their fee has paid for."""

    amounts: Mapping[tuple[str, str | None], Priced] = field(default_factory=dict)

    def priced(self, record: SessionRecord, driver: str | None) -> Priced | None:
        """Return what a session comes to for a driver, `None` where they have no subscription."""
        return self.amounts.get((record.id, driver))


def subscribed(kept: Iterable[Kept], tariffs: SiteTariffs, zone: ZoneInfo) -> Subscribed:
    """Return what subscribers pay; `kept` must be all sessions of the months in question."""
    taken: dict[tuple[str | None, str], dict[str, tuple[Tariff, tuple[Stretch, ...]]]] = {}
    for record, intervals in kept:
        drivers = drivers_of(record, intervals)
        for driver in drivers:
            tariff = tariffs.of_session(record, intervals, driver)
            if tariff is None or tariff.subscription is None or driver is None:
                continue
            flowed = stretches_of(record, intervals, driver=driver if len(drivers) > 1 else None)
            taken.setdefault((driver, tariff.id), {})[record.id] = (tariff, flowed)
    found: dict[tuple[str, str | None], Priced] = {}
    for (driver, _), sessions in taken.items():
        # What is included is that of the version that held last: one fee pays for a month.
        subscription = next(reversed(sessions.values()))[0].subscription
        if subscription is None:
            continue
        left = allowances(subscription, {key: flowed for key, (_, flowed) in sessions.items()}, zone)
        for key, (tariff, _) in sessions.items():
            found[key, driver] = price(tariff, left[key].beyond, zone)
    return Subscribed(found)


def months_within(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Month]:
    """Yield the months that begin in a span."""
    local = since.astimezone(zone)
    year, number = local.year, local.month
    while True:
        begin, end = month(year, number, zone)
        if begin >= until:
            return
        if begin >= since:
            yield begin, end
        year, number = year + number // 12, number % 12 + 1


def fees(
    tariffs: SiteTariffs,
    drivers: Iterable[str],
    months: Sequence[Month],
    charged: frozenset[tuple[str | None, datetime]] = frozenset(),
) -> Iterator[Extra]:
    """Yield the fees of some months; those that were `charged` before are left out."""
    for driver in drivers:
        counted: dict[Tariff, int] = {}
        for begin, end in months:
            tariff = tariffs.holding(Payer(driver=driver), end - _MOMENT)
            if tariff is not None and tariff.subscription is not None and (driver, begin) not in charged:
                counted[tariff] = counted.get(tariff, 0) + 1
        for tariff, count in counted.items():
            if (subscription := tariff.subscription) is not None:
                yield Extra(
                    what=FEE,
                    quantity=Decimal(count),
                    unit="month",
                    price=subscription.fee,
                    vat=subscription.vat,
                    driver=driver,
                )
