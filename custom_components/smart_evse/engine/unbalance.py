"""Unbalance: how far our chargers may load one phase more than another."""

from collections.abc import Iterator, Mapping

from .claims import Case, discharge, phase_name, reason
from .model import Claim, Rank, ReasonKey
from .rooms import Room, last_drawn
from .scene import Scene

PRESETS: Mapping[str, float] = {"AT": 16.0, "CH": 16.0, "DE": 20.0}
"""The usual limits in A: 4.6 kVA in Germany (VDE-AR-N 4100, 5.5.2), 3.68 kVA in Austria and Switzerland (the network
operators' connection conditions, TAEV and WV-CH)."""

_PAIRS = tuple((high, low) for high in range(3) for low in range(3) if high != low)


def unbalance_rooms(scene: Scene) -> Iterator[Room]:
    """Yield the room of each phase against each other one: who loads the first and not the second takes of it.

    What others draw on the second is not set off against it: they may stop at any moment.
    """
    limit = scene.settings.unbalance_limit
    if limit is None or scene.settings.phases == 1:
        return
    for high, low in _PAIRS:
        loads = {case.settings.id: 1.0 for case in scene.cases if _loads(case, high, low) and case.reading is not None}
        if not loads:
            continue
        held = sum(last_drawn(case) for case in scene.cases if _loads(case, high, low) and case.reading is None)
        given = sum(_given(case) for case in scene.cases if _loads(case, low, high))
        left = limit - held - given
        why = reason(ReasonKey.UNBALANCE, phase=phase_name(high), headroom=max(0.0, left))
        yield Room(rank=Rank.GRID_OPERATOR, amount=left, loads=loads, reason=why)


def unbalance_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield what a connector may give on a phase before the others are loaded that much more."""
    limit = scene.settings.unbalance_limit
    if limit is None or scene.settings.phases == 1 or case.settings.max_discharge <= 0:
        return
    others = [other for other in scene.cases if other.settings.id != case.settings.id]
    for high, low in _PAIRS:
        if _loads(case, low, high):
            taken = sum(last_drawn(other) for other in others if _loads(other, high, low))
            left = limit - taken - sum(_given(other) for other in others if _loads(other, low, high))
            why = reason(ReasonKey.UNBALANCE, phase=phase_name(low), headroom=max(0.0, left))
            yield discharge(Rank.GRID_OPERATOR, left, why)


def _loads(case: Case, high: int, low: int) -> bool:
    return high in case.phases and low not in case.phases


def _given(case: Case) -> float:
    """Return what a connector gives on each of its phases, in A: decided or measured."""
    return max(0.0, -(case.memory.amps or 0.0), -(case.amps or 0.0))
