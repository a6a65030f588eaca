"""Sessions out of the ledger, with the names that people know.

It waits for a disk: none of it is for the event loop.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from .documents.account import Account, Quarter
from .engine.sessions.model import Interval, SessionRecord
from .ledger import SessionFilter, SessionsBook
from .ledger.costs import cost_of, money, reference_of
from .ledger.summaries import Summary, summaries
from .ledger.trail import Correction, corrections
from .viewers import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What people call what a session only knows by its id, and the number plates of vehicles."""

    chargers: Mapping[str, str] = field(default_factory=dict)
    vehicles: Mapping[str, str] = field(default_factory=dict)
    plates: Mapping[str, str] = field(default_factory=dict)
    drivers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One session, how it is told, and what was corrected of it, the first first."""

    account: Account
    corrections: tuple[Correction, ...] = ()


def find(
    book: SessionsBook, which: SessionFilter, viewer: Viewer, names: Names, running: Iterable[SessionRecord] = ()
) -> list[Account]:
    """Return the sessions that somebody asks for and may see, the latest first, without their intervals.

    Of those that are `running` it is what is known so far.
    """
    if viewer.drivers is None:
        asked: Iterable[SessionFilter] = (which,)
    else:
        asked = (replace(which, driver=driver) for driver in viewer.drivers if which.driver in (None, driver))
    known = [summary for each in asked for summary in summaries(book, each)]
    notes = corrections(book.ledger, [each.record.id for each in known if each.corrections])
    accounts = [_account_of(each, names, notes.get(each.record.id, ())) for each in known]
    told = {each.record.id for each in known}
    accounts += [
        account_of(record, book.intervals(record.id), names)
        for record in running
        if record.id not in told and viewer.sees(record.driver) and _is_meant(record, which)
    ]
    accounts.sort(key=lambda account: (account.record.started, account.record.id), reverse=True)
    return accounts[: which.limit]


def with_quarters(book: SessionsBook, accounts: Iterable[Account], most: int) -> list[Account] | None:
    """Return the sessions with their intervals; `None` where those are more than `most` in all."""
    found, left = [], most
    for account in accounts:
        intervals = book.intervals(account.record.id)
        left -= len(intervals)
        if left < 0:
            return None
        found.append(replace(account, quarters=tuple(map(_quarter, intervals))))
    return found


def _is_meant(record: SessionRecord, which: SessionFilter) -> bool:
    chosen = ((which.driver, record.driver), (which.vehicle, record.vehicle), (which.connector, record.connector))
    begun_late = which.until is not None and record.started >= which.until
    begun_early = which.since is not None and record.started < which.since
    return not begun_late and not begun_early and all(asked in (None, found) for asked, found in chosen)


def find_one(
    book: SessionsBook, session: str, viewer: Viewer, names: Names, running: Iterable[SessionRecord] = ()
) -> Found | None:
    """Return a session by its id; `None` where there is none, or none that may be seen."""
    record = book.session(session) or next((each for each in running if each.id == session), None)
    if record is None or not viewer.sees(record.driver):
        return None
    made = corrections(book.ledger, [session]).get(session, ())
    return Found(account=account_of(record, book.intervals(session), names, made), corrections=made)


def account_of(
    record: SessionRecord, intervals: Iterable[Interval], names: Names, made: Iterable[Correction] = ()
) -> Account:
    """Put a session and what it cost together, by its intervals. What none of them tells has no source and no price."""
    quarters = tuple(map(_quarter, tuple(intervals) or _whole(record)))
    priced = [each for each in quarters if each.cost is not None]
    known = [each.interval for each in quarters]
    summary = Summary(
        record=record,
        from_sun=sum(each.from_sun for each in known),
        from_battery=sum(each.from_battery for each in known),
        from_grid=sum(each.from_grid for each in known),
        unattributed=sum(each.unattributed for each in known),
        unpriced=sum(each.interval.energy_in for each in quarters if each.cost is None),
        cost=_sum(each.cost for each in priced),
        reference=None if any(each.reference is None for each in priced) else _sum(each.reference for each in priced),
        co2=_co2(known),
    )
    return replace(_account_of(summary, names, made), quarters=quarters)


def _account_of(summary: Summary, names: Names, made: Iterable[Correction]) -> Account:
    record = summary.record
    priced = record.currency is not None and (summary.unpriced < record.energy_in or not record.energy_in)
    return Account(
        record=record,
        charger=names.chargers.get(record.connector, record.connector),
        vehicle=_name(record.vehicle, names.vehicles),
        plate=None if record.vehicle is None else names.plates.get(record.vehicle),
        driver=_name(record.driver, names.drivers),
        note=next((each.why for each in reversed(tuple(made)) if each.why), None),
        from_sun=summary.from_sun,
        from_battery=summary.from_battery,
        from_grid=summary.from_grid,
        unattributed=summary.unattributed,
        cost=summary.cost if priced else None,
        reference=summary.reference if priced else None,
        unpriced=summary.unpriced,
        co2=summary.co2,
    )


def _quarter(interval: Interval) -> Quarter:
    return Quarter(interval=interval, cost=_money(cost_of(interval)), reference=_money(reference_of(interval)))


def _whole(record: SessionRecord) -> tuple[Interval, ...]:
    if record.ended is None:
        return ()
    energy = record.energy_in
    return (
        Interval(
            start=record.started, end=record.ended, energy_in=energy, energy_out=record.energy_out, unattributed=energy
        ),
    )


def _name(key: str | None, names: Mapping[str, str]) -> str | None:
    return None if key is None else names.get(key, key)


def _money(billionths: int | None) -> Decimal | None:
    return None if billionths is None else money(billionths)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def _co2(intervals: Iterable[Interval]) -> float | None:
    """Return g of CO2 of what came from the grid, `None` where the grid's is not known for all of it."""
    parts = [(each.from_grid + each.unattributed, each.co2) for each in intervals]
    if not parts or any(energy and co2 is None for energy, co2 in parts):
        return None
    return sum(energy * (co2 or 0.0) for energy, co2 in parts) / 1000
