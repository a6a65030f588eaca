"""The circuits below the main fuse carry no more outward than inward."""

from collections.abc import Iterator

from .claims import Case, discharge, phase_name, reason
from .model import Claim, PerPhase, Rank, ReasonKey
from .rooms import fresh_sample, path
from .scene import Scene
from .wishes import active_override


def outward_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield what a feeding connector may add before a circuit that it hangs on is full in the other direction.

    What the others give is theirs, as long as it is no more than an equal part.
    """
    if case.settings.max_discharge <= 0:
        return
    circuits, known = {item.id: item for item in scene.settings.circuits}, dict(scene.memory.circuits)
    for circuit in (circuits[each] for each in path(case.settings.circuit, scene.settings.circuits)):
        sample = fresh_sample(circuit, scene)
        memory = known.get(circuit.id) if sample is not None else None
        drawn = PerPhase() if memory is None or memory.currents is None else memory.currents
        if sample is not None and sample.powers is None:
            # Without powers a current may have no sign: what is fed in looks as if it were drawn, and makes no room.
            drawn = drawn.map(lambda amps: min(amps, 0.0))
        rooms = {}
        for phase in case.phases:
            amount, others = (
                circuit.limit - scene.settings.margin + drawn[phase],
                _others(case, circuit.id, phase, scene),
            )
            rooms[phase] = max(0.0, amount - sum(others), amount / (1 + len(others)))
        phase = min(rooms, key=lambda each: rooms[each])
        why = reason(ReasonKey.CIRCUIT, circuit=circuit.name, phase=phase_name(phase), headroom=rooms[phase])
        yield discharge(Rank.FUSE, rooms[phase], why)


def _others(case: Case, circuit: str, phase: int, scene: Scene) -> list[float]:
    """Return what others on a phase of a circuit give now or are about to, in A."""
    others = (
        _most_given(other, scene)
        for other in scene.cases
        if other.settings.max_discharge > 0
        and other.settings.id != case.settings.id
        and phase in other.phases
        and circuit in path(other.settings.circuit, scene.settings.circuits)
    )
    return [amps for amps in others if amps > 0]


def _most_given(case: Case, scene: Scene) -> float:
    override = active_override(case.settings.override, scene.snapshot.utc)
    asked = 0.0 if override is None else -override.amps
    part = scene.giving.get(case.settings.id, 0.0) / case.per_amp
    return min(case.settings.max_discharge, max(0.0, asked, part, -(case.memory.amps or 0.0)))
