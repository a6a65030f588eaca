"""What is on record of a span, with what each session is worth by every measure: what statements are made of.

It waits for a disk: none of it is for the event loop.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from .engine.sessions.model import Interval, SessionRecord
from .engine.sessions.parts import drivers_of
from .engine.statements.charged import ChargedSession, Valuation, Value
from .engine.statements.model import Evidence, Meter
from .engine.statements.parts import intervals_of
from .engine.statements.worth import worths
from .ledger import EvidenceBook, Ledger, SessionFilter, SessionsBook
from .session_accounts import Names
from .session_evidence import evidence_of
from .signed.judging import SessionEvidence
from .site_tariffs import SiteTariffs
from .subscriptions import Subscribed

_LONGEST: Final = timedelta(days=180)
"""No car stands at a charger for longer."""

type Kept = tuple[SessionRecord, tuple[Interval, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What people call what a session knows by its id, and the tariffs of the site.

    `cards` are as they may be shown; `currency` is the site's, for what was booked without one.
    """

    names: Names
    meters: Mapping[str, Meter]
    tariffs: SiteTariffs
    currency: str
    cards: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is on record at one site, and what its meters have signed over it, by session."""

    kept: Sequence[Kept]
    evidence: Mapping[str, SessionEvidence]


def taken(ledger: Ledger, kept: Sequence[Kept]) -> Taken:
    """Return sessions with what was signed over them."""
    return Taken(kept=kept, evidence=evidence_of(EvidenceBook(ledger), (record for record, _ in kept)))


def together(each: Iterable[Taken]) -> Taken:
    """Return what is on record at several sites, the first first."""
    parts = tuple(each)
    kept = [one for part in parts for one in part.kept]
    return Taken(
        kept=sorted(kept, key=lambda one: (one[0].started, one[0].id)),
        evidence={key: told for part in parts for key, told in part.evidence.items()},
    )


def kept_between(
    ledger: Ledger, since: datetime, until: datetime, *, driver: str | None = None, vehicle: str | None = None
) -> list[Kept]:
    """Return what has ended and touches a span, the first first; those of a driver are whole, with others' parts."""
    book = SessionsBook(ledger)
    before = SessionFilter(since=since - _LONGEST, until=since, driver=driver, vehicle=vehicle)
    early = [each for each in book.sessions(before) if each.ended is not None and each.ended > since]
    within = book.with_intervals(SessionFilter(since=since, until=until, driver=driver, vehicle=vehicle))
    kept = [(record, book.intervals(record.id)) for record in early]
    kept += [each for each in within if each[0].ended is not None]
    return sorted(kept, key=lambda each: (each[0].started, each[0].id))


def charged_sessions(
    found: Taken, kept: Iterable[Kept], around: Around, subscribed: Subscribed
) -> Iterator[ChargedSession]:
    """Yield those sessions that are `kept` of what was found, as statements take them in."""
    drivers = tuple(around.names.drivers.items())
    for record, intervals in kept:
        told = found.evidence.get(record.id)
        vehicle = record.vehicle
        yield ChargedSession(
            record=record,
            intervals=intervals,
            meter=around.meters.get(record.connector, Meter(charger=record.connector)),
            values=_values(record, intervals, around, subscribed),
            names=drivers,
            vehicle=None if vehicle is None else around.names.vehicles.get(vehicle),
            plate=None if vehicle is None else around.names.plates.get(vehicle),
            card=None if record.card is None else around.cards.get(record.card),
            evidence=None if told is None else Evidence(told.verdict.evidence),
        )


def _values(
    record: SessionRecord, intervals: tuple[Interval, ...], around: Around, subscribed: Subscribed
) -> tuple[Value, ...]:
    found = []
    # What was put on record without intervals is priced as one: as it is stated.
    intervals = intervals_of(record, intervals)
    drivers = drivers_of(record, intervals)
    for driver in sorted(drivers, key=str):
        # What is nobody's of a shared session has no tariff of its own.
        whose = driver if len(drivers) > 1 else None
        if len(drivers) > 1 and driver is None:
            continue
        priced = subscribed.priced(record, driver) or around.tariffs.priced(record, intervals, driver=whose)
        if priced is not None:
            found.append(Value(valuation=Valuation.TARIFF, priced=priced, driver=whose))
    return (*found, *worths(intervals, record.currency or around.currency))
