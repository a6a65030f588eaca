"""Taking turns in the sun: who has had its run makes room for who has waited longest."""

from collections.abc import Mapping

from .claims import Case
from .late_meter import sunshine
from .model import ConnectorId, Mode
from .scene import Scene
from .settings import SunSharing
from .sun_run import needed, since
from .turns import takes_nothing

_RUN = 900.0
"""A car keeps the sun for this long before another may have it, in s: a start wears its contactor."""


def turn_place(case: Case, now: float) -> tuple[int, int, float, str]:
    """Return a connector's place in the queue for the sun: the least comes first."""
    settings, solar = case.settings, case.memory.solar
    if takes_nothing(case.memory.appetite) or not case.plugged:
        return -settings.priority, 3, 0.0, settings.id
    if solar.running:
        place = 0 if since(solar, now) < _RUN else 2
        return -settings.priority, place, solar.changed_at or 0.0, settings.id
    return -settings.priority, 1, solar.waiting_since or 0.0, settings.id


def yielding(scene: Scene, available: Mapping[ConnectorId, float | None]) -> frozenset[ConnectorId]:
    """Return who has to make room: it has had its run, another's turn has come and the sun does not carry both."""
    if scene.settings.sun_sharing is not SunSharing.TURNS:
        return frozenset()
    solar = [case for case in scene.cases if case.settings.mode is Mode.SOLAR and case.plugged]
    places = {case.settings.id: turn_place(case, scene.now) for case in solar}
    next_up = [case for case in solar if places[case.settings.id][1] == 1 and _is_carried(case, scene, available)]
    return frozenset(
        case.settings.id
        for case in solar
        if places[case.settings.id][1] == 2
        and not _is_carried(case, scene, available)
        and any(places[other.settings.id] < places[case.settings.id] for other in next_up)
    )


def is_waiting_its_turn(case: Case, scene: Scene, watts: float) -> bool:
    """Say whether the sun would carry a connector if another did not have it."""
    base = sunshine(scene)
    if scene.settings.sun_sharing is not SunSharing.TURNS or base is None:
        return False
    taken = any(other.memory.solar.running for other in scene.cases if other is not case)
    return taken and watts < needed(case, scene) <= -base


def _is_carried(case: Case, scene: Scene, available: Mapping[ConnectorId, float | None]) -> bool:
    return (available.get(case.settings.id) or 0.0) >= needed(case, scene)
