"""The people of a ledger, and what they have taken: runs in a thread, and needs a database library."""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from .engine.access.model import Card, Driver, Guest, Role
from .engine.access.people import People
from .engine.access.quota import Used
from .engine.sessions.model import Interval, SessionRecord
from .engine.sessions.parts import driver_of
from .ledger import Ledger, PeopleBook, SessionFilter, SessionsBook
from .ledger.costs import cost_of, money
from .ledger.totals import month_begin
from .people import Worth

_NONE: Final = Decimal(0)
_STAY: Final = timedelta(days=60)
"""No car is plugged in for longer: a session that began before this is over."""


def no_tariff(*_: object) -> None:
    """Say that nobody pays by a tariff."""


def read(ledger: Ledger) -> People:
    """Return everybody on record."""
    book = PeopleBook(ledger)
    return People.of(book.drivers(), book.cards(), book.guests())


def put(ledger: Ledger, *parties: Driver | Card | Guest) -> None:
    """Put people and cards on record. A guest is a driver as well: what they take is on record under one id."""
    book = PeopleBook(ledger)
    for party in parties:
        match party:
            case Driver():
                book.put_driver(party)
            case Card():
                book.put_card(party)
            case Guest():
                rule, active = party.rule, not party.revoked
                book.put_driver(Driver(id=party.id, name=party.name, role=Role.GUEST, rule=rule, active=active))
                book.put_guest(party)


def forget(ledger: Ledger, driver: str) -> None:
    """Forget who a driver was."""
    PeopleBook(ledger).forget_driver(driver)


def taken(
    ledger: Ledger,
    wanted: Iterable[tuple[str, datetime | None]],
    worth: Worth = no_tariff,
    charged: Container[str] = (),
) -> Mapping[str, tuple[datetime | None, Used]]:
    """Return what drivers and guests took since then, `None` for ever.

    Of those who are `charged` it is what their tariff asks that counts (`worth`); where there is none, and of all
    others, what it cost the site.
    """
    book = SessionsBook(ledger)
    return {
        account: (since, _charged(book, account, since, worth) if account in charged else _taken(book, account, since))
        for account, since in wanted
    }


def _taken(book: SessionsBook, account: str, since: datetime | None) -> Used:
    """Return what somebody took and what it cost: of whole months by their sums, however many sessions there were."""
    if since is not None and since != month_begin(since, book.ledger.zone):
        return _charged(book, account, since, no_tariff)
    months = book.months_since(since, driver=account)
    used = Used(energy=sum(month.energy_in for month in months), money=sum((month.cost for month in months), _NONE))
    # What somebody takes now is added up as it flows, also where a month was closed meanwhile.
    for record, intervals in book.unended():
        mine = [each for each in intervals if _since(each, since) and driver_of(record, each) == account]
        used += Used(energy=-sum(each.energy_in for each in mine), money=-_cost(mine))
    return used


def _charged(book: SessionsBook, account: str, since: datetime | None, worth: Worth) -> Used:
    begun = None if since is None else since - _STAY
    energy, cost = 0, _NONE
    for record, intervals in book.with_intervals(SessionFilter(since=begun, driver=account)):
        if record.ended is None:
            # What somebody takes now is added up as it flows.
            continue
        parts = tuple(_parts(record, intervals))
        mine = [each for each in parts if _since(each, since) and driver_of(record, each) == account]
        energy += sum(each.energy_in for each in mine)
        asked = worth(record, parts, account, since) if mine else None
        cost += _cost(mine) if asked is None else asked
    return Used(energy=energy, money=cost)


def _cost(intervals: Iterable[Interval]) -> Decimal:
    """Return what it cost the site. What has no price yet costs nothing yet."""
    return sum((money(cost_of(each) or 0) for each in intervals), _NONE)


def _since(interval: Interval, since: datetime | None) -> bool:
    return since is None or interval.start >= since


def _parts(record: SessionRecord, intervals: tuple[Interval, ...]) -> Iterator[Interval]:
    """Yield the intervals of a session; of one that has none, all of it when it began."""
    yield from intervals
    if not intervals and record.ended is not None:
        whole, energy = (record.started, record.ended), record.energy_in
        yield Interval(start=whole[0], end=whole[1], energy_in=energy, unattributed=energy)
