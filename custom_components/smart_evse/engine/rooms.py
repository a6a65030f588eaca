"""Limits on what several connectors take together: a fuse, a sub-panel, a grid operator's order, a peak budget.

Each is a room that all who load it have to share. What a room is counted in (A on a conductor, W of the site) is
its own affair: a connector loads it with so much for each ampere that it takes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from .claims import Case, phase_name, reason
from .fuse_curve import kept, tolerated
from .house import grid_currents
from .latency import settle_time
from .model import Circuit, ConnectorId, GridReading, HouseMemory, PerPhase, Rank, Reason, ReasonKey, SiteSettings
from .scene import Scene

MAIN = ""
"""The main fuse has no circuit's name."""

_LATE = 20.0
"""A charger that follows later than this keeps a distance to every fuse, in s: what the house switches on meanwhile
flows on top of what the car still takes."""

_DISTANCE, _FARTHEST = 0.05, 3.0
"""How far it keeps away for each second that it is later, and at most, in A."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What all connectors that load it may take together: `amount`, of which each ampere takes `loads`.

    `exempt` are connectors that take their part and are not held back by this room.
    """

    rank: Rank
    amount: float
    loads: Mapping[ConnectorId, float]
    reason: Reason
    exempt: frozenset[ConnectorId] = frozenset()


def fuse_rooms(scene: Scene) -> Iterator[Room]:
    """Yield the room of each phase of the main fuse and of every circuit below it.

    None for the main fuse while nobody can tell what the house draws on each phase.
    """
    cases = [case for case in scene.cases if case.reading is not None]
    if scene.house.held is not None:
        limit = scene.settings.fuse - scene.settings.margin
        strict = tuple(_phases(cases, MAIN, scene.house.held.map(lambda held: limit - held), None, scene.settings))
        yield from _lent(strict, scene) if scene.settings.lenient else (room for _, room in strict)
        yield from _distant(strict, scene)
    for circuit in scene.settings.circuits:
        rooms = tuple(_phases(cases, circuit.id, _circuit_room(circuit, scene), circuit.name, scene.settings))
        yield from (room for _, room in rooms)
        yield from _distant(rooms, scene)


def _distant(rooms: Iterable[tuple[int, Room]], scene: Scene) -> Iterator[Room]:
    """Yield what chargers that follow late may take of each room; the others are not held back by it."""
    distances = ((case, min(_FARTHEST, _DISTANCE * (settle_time(case) - _LATE))) for case in scene.cases)
    late = {case.settings.id: amps for case, amps in distances if amps > 0}
    for _, room in rooms:
        if own := [amps for key, amps in late.items() if key in room.loads]:
            yield replace(room, amount=room.amount - max(own), exempt=frozenset(room.loads.keys() - late.keys()))


def _lent(rooms: Iterable[tuple[int, Room]], scene: Scene) -> Iterator[Room]:
    """Yield the rooms of a fuse that bears an overload for a while.

    What is lent lets a running car keep what it has. Nobody starts on it or takes more: those who do not
    run are held to the strict room, and each of the others to what it draws.
    """
    more = tolerated(scene)
    for phase, room in rooms:
        keeping = {case.settings.id: kept(case) for case in scene.cases if case.settings.id in room.loads}
        running = {key: amps for key, amps in keeping.items() if amps > 0}
        lent = min(sum(running.values()), room.amount + more[phase])
        if lent <= room.amount:
            yield room
            continue
        yield replace(room, exempt=frozenset(running))
        yield replace(room, amount=lent)
        yield from (replace(room, amount=amps, loads={key: 1.0}) for key, amps in running.items())


def power_room(scene: Scene, watts: float, rank: Rank, why: Reason, *, exempt: frozenset[ConnectorId]) -> Room:
    """Return a room of so many W for all connectors of the site."""
    loads = {case.settings.id: case.per_amp for case in scene.cases if case.reading is not None}
    return Room(rank=rank, amount=watts, loads=loads, reason=why, exempt=exempt)


def path(circuit: str | None, circuits: Iterable[Circuit]) -> Iterator[str]:
    """Yield a circuit and those above it; one that is gone leaves what hangs on it to the main fuse."""
    known = {item.id: item for item in circuits}
    while circuit is not None and (item := known.pop(circuit, None)) is not None:
        yield item.id
        circuit = item.parent


def fresh_sample(circuit: Circuit, scene: Scene) -> GridReading | None:
    """Return a sample of a circuit's own meter that may be acted on."""
    if circuit.max_age is None:
        return None
    grid = next((reading for known, reading in scene.snapshot.circuits if known == circuit.id), None)
    if grid is None or scene.now - grid.at > circuit.max_age or grid_currents(grid, scene.settings) is None:
        return None
    return grid


def _phases(
    cases: Iterable[Case], circuit: str, amounts: PerPhase, name: str | None, settings: SiteSettings
) -> Iterator[tuple[int, Room]]:
    below = [case for case in cases if circuit in (MAIN, *path(case.settings.circuit, settings.circuits))]
    for phase in range(3):
        loads = {case.settings.id: 1.0 for case in below if phase in case.phases}
        if loads:
            why = _fuse(name, phase, amounts[phase])
            yield phase, Room(rank=Rank.FUSE, amount=amounts[phase], loads=loads, reason=why)


def _circuit_room(circuit: Circuit, scene: Scene) -> PerPhase:
    """Return what a circuit leaves to those who can be told anything.

    Its own meter tells what else hangs on it. Without one it is taken to carry the most that its owner said, what the
    metered circuits below it carry beside the chargers, and what a silent charger may be drawing: nobody can take
    that back.
    """
    limit = circuit.limit - scene.settings.margin
    if fresh_sample(circuit, scene) is not None and (held := _held(circuit.id, scene)) is not None:
        return held.map(lambda amps: limit - amps)
    unseen = limit - circuit.others
    left = PerPhase(unseen, unseen, unseen)
    metered = set(_metered_below(circuit.id, scene))
    for below in metered:
        held = _held(below, scene)
        left -= PerPhase() if held is None else held.map(lambda amps: max(0.0, amps))
    for case in scene.cases:
        above = set(path(case.settings.circuit, scene.settings.circuits))
        if case.reading is None and circuit.id in above and not above & metered:
            drawn = last_drawn(case)
            left -= PerPhase(*(drawn if phase in case.phases else 0.0 for phase in range(3)))
    return left


def _metered_below(circuit: str, scene: Scene) -> Iterator[str]:
    """Yield the topmost circuits with a meter below one without."""
    metered = {item.id for item in scene.settings.circuits if fresh_sample(item, scene) is not None}
    for item in metered:
        above = list(path(item, scene.settings.circuits))[1:]
        between = above[: above.index(circuit)] if circuit in above else [item]
        if not metered & set(between):
            yield item


def _held(circuit: str, scene: Scene) -> PerPhase | None:
    memory: HouseMemory | None = dict(scene.memory.circuits).get(circuit)
    return None if memory is None else memory.held


def last_drawn(case: Case) -> float:
    """Return the most that a silent charger may be drawing on a phase, in A."""
    last = 0.0 if case.last is None or case.last.currents is None else max(case.last.currents)
    return max(0.0, last, case.memory.amps or 0.0)


def _fuse(circuit: str | None, phase: int, headroom: float) -> Reason:
    left = max(0.0, headroom)
    if circuit is None:
        return reason(ReasonKey.MAIN_FUSE, phase=phase_name(phase), headroom=left)
    return reason(ReasonKey.CIRCUIT, circuit=circuit, phase=phase_name(phase), headroom=left)
