"""Sessions out of the ledger, with the names that people know.

It waits for a disk: none of it is for the event loop.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from .documents.account import Account, Quarter
from .engine.sessions.model import Interval, SessionRecord
from .engine.sessions.parts import driver_of, drivers_of, part_of
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

    Of those that are `running` it is what is known so far. Where drivers are asked for, it is what each of them took.
    """
    if viewer.drivers is None:
        asked: Iterable[SessionFilter] = (which,)
    else:
        asked = (replace(which, driver=driver) for driver in viewer.drivers if which.driver in (None, driver))
    now = tuple(running)
    accounts = [account for each in asked for account in _found(book, each, names, now)]
    accounts.sort(key=lambda account: (account.record.started, account.record.id), reverse=True)
    return accounts[: which.limit]


def _found(
    book: SessionsBook, which: SessionFilter, names: Names, running: tuple[SessionRecord, ...]
) -> Iterator[Account]:
    """Yield what is asked for of everybody's sessions, or of one driver's."""
    going = {record.id for record in running}
    # One that was put on record while it goes on is told as far as it goes by now.
    known = [each for each in summaries(book, which) if each.record.ended is not None or each.record.id not in going]
    notes = corrections(book.ledger, [each.record.id for each in known if each.corrections])
    others = book.others(each.record.id for each in known)
    for each in known:
        drivers = others.get(each.record.id, frozenset())
        if drivers and which.driver is not None:
            part = _part(each.record, book.intervals(each.record.id), which.driver, names)
            yield replace(part, quarters=())
        else:
            yield replace(_account_of(each, names, notes.get(each.record.id, ())), others=drivers)
    for record in running:
        intervals = book.intervals(record.id)
        if _is_meant(record, which) and which.driver in (None, *drivers_of(record, intervals)):
            told = account_of(record, intervals, names) if which.driver is None else None
            yield told or _part(record, intervals, which.driver, names)


def _part(record: SessionRecord, intervals: tuple[Interval, ...], driver: str | None, names: Names) -> Account:
    """Return what one driver took in a session. What was corrected of it may speak of others."""
    part, own = part_of(record, intervals, driver)
    return replace(account_of(part, own, names), partial=part is not record)


def with_quarters(book: SessionsBook, accounts: Iterable[Account], names: Names, most: int) -> list[Account] | None:
    """Return the sessions with their intervals; `None` where those are more than `most` in all."""
    found, left = [], most
    for account in accounts:
        record, intervals = account.record, book.intervals(account.record.id)
        whole = book.session(record.id) if account.partial else None
        if whole is not None:
            _, intervals = part_of(whole, intervals, record.driver)
        left -= len(intervals)
        if left < 0:
            return None
        found.append(replace(account, quarters=_quarters(whole or record, intervals, names)))
    return found


def _is_meant(record: SessionRecord, which: SessionFilter) -> bool:
    chosen = ((which.vehicle, record.vehicle), (which.connector, record.connector))
    begun_late = which.until is not None and record.started >= which.until
    begun_early = which.since is not None and record.started < which.since
    return not begun_late and not begun_early and all(asked in (None, found) for asked, found in chosen)


def find_one(
    book: SessionsBook, session: str, viewer: Viewer, names: Names, running: Iterable[SessionRecord] = ()
) -> Found | None:
    """Return a session by its id, or what somebody took in it; `None` where there is none, or none that may be seen."""
    record = next((each for each in running if each.id == session), None) or book.session(session)
    if record is None:
        return None
    intervals = book.intervals(session)
    drivers = drivers_of(record, intervals)
    if viewer.sees_all or all(map(viewer.sees, drivers)):
        made = corrections(book.ledger, [session]).get(session, ())
        return Found(account=account_of(record, intervals, names, made), corrections=made)
    own = sorted(driver for driver in drivers if driver is not None and viewer.sees(driver))
    # Whoever is several drivers sees in one place what the first of them took, and the rest in the list.
    return Found(account=_part(record, intervals, own[0], names)) if own else None


def account_of(
    record: SessionRecord, intervals: Iterable[Interval], names: Names, made: Iterable[Correction] = ()
) -> Account:
    """Put a session and what it cost together, by its intervals. What none of them tells has no source and no price."""
    quarters = _quarters(record, tuple(intervals) or _whole(record), names)
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
    others = frozenset(each.driver for each in known if each.driver is not None) - {record.driver}
    return replace(_account_of(summary, names, made), quarters=quarters, others=others)


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


def _quarters(record: SessionRecord, intervals: Iterable[Interval], names: Names) -> tuple[Quarter, ...]:
    return tuple(
        Quarter(
            interval=each,
            driver=_name(driver_of(record, each), names.drivers),
            cost=_money(cost_of(each)),
            reference=_money(reference_of(each)),
        )
        for each in intervals
    )


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
