"""Sharing what the fuses leave over: everyone's minimum in order, then the rest level by level.

A circuit below the main fuse has no meter of its own here: all that is known of it is what our
connectors take there, and its limit is what it leaves them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .claims import Case, ceiling, discharge, phase_name, reason
from .model import Circuit, Claim, HouseMemory, PerPhase, Rank, Reason, ReasonKey, SiteSettings

_EPSILON = 1e-6
_MAIN = ""

type Conductor = tuple[str, int]
"""One phase of one circuit; the main fuse has no name."""

type Room = dict[Conductor, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a connector would take if every fuse were endless, in A, and the conductors it loads."""

    case: Case
    amps: float
    conductors: tuple[Conductor, ...]

    @property
    def id(self) -> str:
        """Whose demand it is."""
        return self.case.settings.id


def demand(case: Case, amps: float, circuits: tuple[Circuit, ...]) -> Demand:
    """State a demand, with every conductor from the connector up to the main fuse."""
    return Demand(case=case, amps=amps, conductors=conductors(case.settings.circuit, case.phases, circuits))


def conductors(circuit: str | None, phases: tuple[int, ...], circuits: tuple[Circuit, ...]) -> tuple[Conductor, ...]:
    """Return every conductor from a connector's circuit up to the main fuse, which is called ""."""
    path = (_MAIN, *_path(circuit, circuits))
    return tuple((name, phase) for name in path for phase in phases)


def circuit_rooms(cases: Iterable[Case], settings: SiteSettings) -> Room:
    """Return what each phase of each circuit has for those who can be told anything.

    What a silent charger may be drawing is taken off: nobody can take it back.
    """
    limits = {circuit.id: circuit.limit - settings.margin for circuit in settings.circuits}
    room: Room = {(name, phase): limit for name, limit in limits.items() for phase in range(3)}
    for case in cases:
        if case.reading is None:
            for conductor in demand(case, _last_drawn(case), settings.circuits).conductors:
                if conductor in room:
                    room[conductor] -= _last_drawn(case)
    return room


def share(demands: Iterable[Demand], headroom: PerPhase, circuits: Room, names: dict[str, str]) -> dict[str, Claim]:
    """Split the headroom of each conductor among those who want to charge.

    `headroom` is that of the main fuse, `circuits` that of the circuits below it, called `names`.

    First everyone's minimum, by priority and those already charging before those who wait; then
    all rise together until their wish or a full conductor stops them. The result is the same in
    whatever order the demands come.
    """
    ordered = sorted(
        (item for item in demands if item.amps > 0),
        key=lambda item: (-item.case.settings.priority, not item.case.running, item.id),
    )
    room: Room = {(_MAIN, phase): headroom[phase] for phase in range(3)} | circuits
    left = dict(room)
    granted = _minima(ordered, left)
    _fill([item for item in ordered if item.id in granted], granted, left)
    return {item.id: _claim(item, granted.get(item.id), left, room, names) for item in ordered}


def export_claims(case: Case, house: HouseMemory, settings: SiteSettings) -> Iterator[Claim]:
    """Yield what a feeding connector may add before a phase is full in the other direction."""
    currents = house.currents
    if case.settings.max_discharge <= 0 or currents is None:
        return
    limit = settings.fuse - settings.margin
    phase = min(case.phases, key=lambda index: currents[index])
    room = limit + currents[phase]
    yield discharge(Rank.FUSE, room, reason(ReasonKey.MAIN_FUSE, phase=phase_name(phase), headroom=room))


def _path(circuit: str | None, circuits: tuple[Circuit, ...]) -> Iterator[str]:
    """Yield the circuits above a connector; one that is gone leaves it on the main fuse."""
    known = {item.id: item for item in circuits}
    while circuit is not None and (item := known.pop(circuit, None)) is not None:
        yield item.id
        circuit = item.parent


def _last_drawn(case: Case) -> float:
    last = 0.0 if case.last is None or case.last.currents is None else max(case.last.currents)
    return max(0.0, last, case.memory.amps or 0.0)


def _minima(ordered: list[Demand], left: Room) -> dict[str, float]:
    granted: dict[str, float] = {}
    for item in ordered:
        minimum = min(item.case.settings.minimum, item.amps)
        if all(left[conductor] + _EPSILON >= minimum for conductor in item.conductors):
            granted[item.id] = minimum
            for conductor in item.conductors:
                left[conductor] -= minimum
    return granted


def _fill(rising: list[Demand], granted: dict[str, float], left: Room) -> None:
    while rising := [item for item in rising if _room(item, granted, left) > _EPSILON]:
        users: dict[Conductor, int] = {}
        for item in rising:
            for conductor in item.conductors:
                users[conductor] = users.get(conductor, 0) + 1
        step = min(
            *(item.amps - granted[item.id] for item in rising),
            *(left[conductor] / count for conductor, count in users.items()),
        )
        for item in rising:
            granted[item.id] += step
        for conductor, count in users.items():
            left[conductor] -= step * count


def _room(item: Demand, granted: dict[str, float], left: Room) -> float:
    return min(item.amps - granted[item.id], *(left[conductor] for conductor in item.conductors))


def _claim(item: Demand, amount: float | None, left: Room, room: Room, names: dict[str, str]) -> Claim:
    """State the share as a ceiling; what nobody wanted is still open to whoever has it."""
    name, phase = min(item.conductors, key=lambda conductor: (left[conductor], room[conductor]))
    amps = 0.0 if amount is None else amount + max(0.0, left[name, phase])
    return ceiling(Rank.FUSE, amps, _fuse(names.get(name), phase, max(0.0, room[name, phase])))


def _fuse(circuit: str | None, phase: int, headroom: float) -> Reason:
    if circuit is None:
        return reason(ReasonKey.MAIN_FUSE, phase=phase_name(phase), headroom=headroom)
    return reason(ReasonKey.CIRCUIT, circuit=circuit, phase=phase_name(phase), headroom=headroom)
