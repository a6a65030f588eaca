"""A stream of readings of one connector, and what becomes of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from custom_components.smart_evse.engine.model import VehicleState
from custom_components.smart_evse.engine.sessions.follow import follow
from custom_components.smart_evse.engine.sessions.model import Interval, Mark, SessionRecord
from custom_components.smart_evse.engine.sessions.moment import Moment
from custom_components.smart_evse.engine.sessions.opened import OpenSession
from custom_components.smart_evse.records import made, plain

START = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""The night in which summer time ends in Europe: an hour later its clocks go back."""

CHARGING, PLUGGED, AWAY = VehicleState.CHARGING, VehicleState.CONNECTED, VehicleState.NOT_CONNECTED


def moment(
    seconds: float,
    state: VehicleState | None = CHARGING,
    register: float | None = None,
    *,
    run: str = "first",
    clock: float = 0.0,
    **more: Any,  # noqa: ANN401 - whatever a moment has
) -> Moment:
    """Return a reading so many s after the start; the wall clock is ahead by `clock` s."""
    at = START + timedelta(seconds=seconds + clock)
    return Moment(connector="box:0", at=at, now=1000.0 + seconds, run=run, state=state, energy_in=register, **more)


def unplugged(last: Moment) -> list[Moment]:
    """Return what a charger says after its last reading once the car is gone."""
    return [
        replace(last, at=last.at + timedelta(seconds=after), now=last.now + after, state=AWAY, power=0.0)
        for after in (5, 35, 65)
    ]


@dataclass(slots=True)
class Life:
    """What has been told, and what is on record of it."""

    state: OpenSession | None = None
    intervals: list[Interval] = field(default_factory=list)
    closed: list[SessionRecord] = field(default_factory=list)
    of: dict[str, list[Interval]] = field(default_factory=dict)

    def hear(self, *moments: Moment) -> Life:
        for each in moments:
            told = follow(self.state, each)
            self.state = told.state
            self.intervals += told.intervals
            if told.intervals:
                assert told.session is not None
                self.of.setdefault(told.session, []).extend(told.intervals)
            if told.closed is not None:
                self.closed.append(told.closed)
        return self

    def restart(self) -> Life:
        """Go through what is on disk."""
        if self.state is not None:
            self.state = made(OpenSession, json.loads(json.dumps(plain(self.state))))
        return self

    @property
    def session(self) -> OpenSession:
        assert self.state is not None
        return self.state

    @property
    def record(self) -> SessionRecord:
        return self.closed[-1]

    @property
    def marks(self) -> set[Mark]:
        return {mark for interval in self.intervals for mark in interval.marks}

    def energies(self) -> list[int]:
        return [interval.energy_in for interval in self.intervals]


def live(*moments: Moment) -> Life:
    return Life().hear(*moments)


def charge(
    begin: int, end: int, step: int = 10, power: float = 11_000.0, base: float = 1_000_000.0
) -> Iterable[Moment]:
    """Yield readings of a car that charges since second 0, at a power in W."""
    return (moment(second, register=base + power * second / 3600, power=power) for second in range(begin, end, step))


def shifted(moments: Iterable[Moment], **changes: object) -> list[Moment]:
    return [replace(each, **changes) for each in moments]  # type: ignore[arg-type]
