"""The end of a session: what goes on record of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from .booking import Pen
from .counter import WATCHED, Counter, doubts
from .model import Ends, Interval, Mark, SessionRecord
from .opened import OpenSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A session that has ended: its last state, its last intervals, and its record."""

    state: OpenSession
    intervals: tuple[Interval, ...]
    record: SessionRecord


def ended(state: OpenSession, at: datetime) -> Ended:
    """End a session at a time; registers that did not tell until then leave a gap."""
    end = max(at, state.until)
    missing = doubts(state.taken) | doubts(state.given)
    if (end - state.until).total_seconds() > WATCHED:
        missing |= {Mark.GAP}
    pen = Pen(interval=state.interval, priced=state.currency is not None)
    pen.interval = replace(pen.interval, marks=pen.interval.marks | missing)
    pen.finish(end, state.taken.booked, state.given.booked)
    unmetered = frozenset[Mark]() if state.taken.last is not None else frozenset({Mark.ESTIMATED})
    marks = (state.marks | missing | unmetered).union(*(interval.marks for interval in pen.written))
    state = replace(state, active=False, power=0.0, updated=end, until=end, marks=marks)
    return Ended(state=state, intervals=tuple(pen.written), record=record(state))


def record(state: OpenSession) -> SessionRecord:
    """Return what is on record of a session as it stands; one that runs has no end."""
    known = state.identity
    return SessionRecord(
        id=state.id,
        connector=state.connector,
        started=state.started,
        ended=None if state.active else state.updated,
        energy_in=state.energy,
        energy_out=state.energy_out,
        taken=_ends(state.taken),
        given=_ends(state.given),
        soc=state.soc,
        odometer=state.odometer,
        vehicle=known.vehicle,
        driver=known.driver,
        card=known.card,
        known_by=known.vehicle_by if known.driver is None and known.vehicle is not None else known.known_by,
        tariff=known.tariff,
        currency=state.currency,
        marks=state.marks,
    )


def _ends(counter: Counter) -> Ends:
    return Ends(start=counter.first, stop=counter.last)
