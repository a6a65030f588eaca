"""Handing the sun on: what each connector that follows it may use, what it takes already included."""

from collections.abc import Mapping

from .model import ClaimKind, ConnectorId
from .scene import Scene
from .setpoint import Draft


def sunlight(scene: Scene, drafts: Mapping[ConnectorId, Draft]) -> dict[ConnectorId, float | None]:
    """Return the surplus in W for each connector that follows the sun, `None` while nobody knows it.

    Those that follow nothing take theirs first. `drafts` hold every claim but those of sun and rooms.
    """
    following = [case for case in scene.cases if case.settings.mode.follows_sun]
    if scene.house.filtered is None:
        return {case.settings.id: None for case in following}
    others = (case for case in scene.cases if not case.settings.mode.follows_sun)
    left = -scene.house.filtered - sum(max(0.0, case.watts or 0.0) for case in others)
    available: dict[ConnectorId, float | None] = {}
    for case in sorted(following, key=lambda case: (-case.settings.priority, not case.running, case.settings.id)):
        available[case.settings.id] = left
        if case.plugged:
            left -= min(max(0.0, left), _most(drafts[case.settings.id]) * case.per_amp)
    return available


def _most(draft: Draft) -> float:
    """Return the most that a connector may take as far as its ceilings say, in A."""
    ceilings = [claim.amps for claim in draft.claims if claim.kind is ClaimKind.CEILING]
    return min(ceilings, default=draft.case.settings.max_current)
