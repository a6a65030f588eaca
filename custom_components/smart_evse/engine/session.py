"""A session: plug-in to plug-out, its energy the difference of two registers.

Pauses do not end it, nor does a restart: it is kept, and the register tells what happened
meanwhile. Where a charger has no lifetime register its power is summed up and the session says so.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from .model import ConnectorReading

_FASTEST = 50_000.0
"""No connector of a house moves energy faster, in W: a register that does has been swapped or reset."""

_SLACK = 100.0
"""Registers step in lumps, and clocks differ a little, in Wh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A lifetime register seen through a session, in Wh: where it began, what was last read."""

    start: float
    last: float
    at: datetime

    @property
    def energy(self) -> float:
        """What has gone through since the start."""
        return self.last - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One stay of one car. Energies in Wh, `duration` in s, times in UTC.

    `estimated` says that some of the energy was summed up from power or that a register broke.
    """

    started: datetime
    updated: datetime
    active: bool = True
    energy: float = 0.0
    energy_out: float = 0.0
    estimated: bool = False
    taken: Register | None = None
    given: Register | None = None
    power: float = 0.0

    @property
    def duration(self) -> float:
        """How long the car has been, or was, plugged in."""
        return max(0.0, (self.updated - self.started).total_seconds())


def follow(session: Session | None, reading: ConnectorReading, utc: datetime) -> Session | None:
    """Carry a session on to a new reading taken at `utc`.

    A connector that does not tell its state keeps whatever is. A session that has ended is kept
    until the next car comes, so that it can still be looked at.
    """
    if reading.state is None:
        return session
    if reading.state.faulty:
        return session if session is None or not session.active else _meter(session, reading, utc)
    if not reading.state.plugged:
        if session is None or not session.active:
            return session
        return replace(_meter(session, reading, utc), active=False)
    if session is None or not session.active:
        session = Session(started=utc, updated=utc)
    return _meter(session, reading, utc)


def _meter(session: Session, reading: ConnectorReading, utc: datetime) -> Session:
    taken, broke = _advance(session.taken, reading.energy_in, session.energy, utc)
    given, broke_out = _advance(session.given, reading.energy_out, session.energy_out, utc)
    session = replace(session, taken=taken, given=given, estimated=session.estimated or broke or broke_out)
    if taken is None:
        session = _sum_up(session, utc)
    return replace(
        session,
        updated=utc,
        power=reading.power or 0.0,
        energy=session.energy if taken is None else taken.energy,
        energy_out=session.energy_out if given is None else given.energy,
    )


def _advance(
    register: Register | None, value: float | None, before: float, utc: datetime
) -> tuple[Register | None, bool]:
    """Move a register on; one that runs backwards or leaps goes on from where it now is, flagged.

    `before` is what had gone through when a register is first seen, in Wh.
    """
    if value is None:
        return register, False
    if register is None:
        return Register(start=value - before, last=value, at=utc), before > 0
    seconds = max(0.0, (utc - register.at).total_seconds())
    if register.last <= value <= register.last + _FASTEST * seconds / 3600 + _SLACK:
        # Its clock stands while it does: one that counts in lumps has had all that time for the next.
        return (replace(register, last=value, at=utc) if value > register.last else register), False
    return Register(start=value - register.energy, last=value, at=utc), True


def _sum_up(session: Session, utc: datetime) -> Session:
    hours = min(max(0.0, (utc - session.updated).total_seconds()), 60.0) / 3600
    if session.power >= 0:
        return replace(session, energy=session.energy + session.power * hours, estimated=True)
    return replace(session, energy_out=session.energy_out - session.power * hours, estimated=True)
