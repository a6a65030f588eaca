"""Splitting what the house needs among the cars that may give: by priority, then equally."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from .circles import is_circle
from .claims import Case, reason
from .giving import gain, least, worth_giving
from .model import ConnectorId, Mode, Reason, ReasonKey
from .plan.model import PlanReason
from .planned import slot_now, staying
from .reserve import reserved
from .scene import Scene
from .wishes import active_override

_START = 1.1
"""The house has to need this much more than the least to begin giving: it would soon end again."""

_JOIN = 1000.0
"""A further car joins when each has this much to give in W: all of them lose most at little power."""


def parts(scene: Scene) -> dict[ConnectorId, float]:
    """Return what each car that may give has to give now for the house to draw nothing, in W."""
    left = scene.memory.relief.need or 0.0
    granted: dict[ConnectorId, float] = {}
    if left <= 0:
        return granted
    willing = sorted((case for case in scene.cases if _is_willing(case, scene)), key=_order)
    for _, members in groupby(willing, key=lambda case: case.settings.priority):
        split = _split(list(members), left, scene)
        granted |= split
        left -= sum(split.values())
    return granted


def refusal(case: Case, scene: Scene, watts: float) -> Reason | None:
    """Return why a car in mode `house` does not give `watts`, `None` where it may."""
    if case.settings.max_discharge <= 0:
        return reason(ReasonKey.NOT_BIDIRECTIONAL)
    if not case.plugged:
        return reason(ReasonKey.NOT_CONNECTED)
    if (why := reserved(case, scene)) is not None:
        return why
    if is_circle(case, scene):
        return reason(ReasonKey.NO_CIRCLE)
    return None if worth_giving(case, scene, watts) else reason(ReasonKey.GIVING_NOT_WORTH)


def may_export(case: Case, scene: Scene) -> bool:
    """Say whether a car may feed the grid now: contract and law allow it, and its driver or plan and price want it."""
    if not case.settings.giving.may_export:
        return False
    override = active_override(case.settings.override, scene.snapshot.utc)
    if override is not None:
        return override.amps < 0
    slot, house = slot_now(case, scene), max(0.0, scene.house.base or 0.0)
    if case.settings.mode is not Mode.SMART or slot is None or slot.reason is not PlanReason.GIVE:
        return False
    given = -slot.power
    return (
        given > house
        and scene.snapshot.export_price is not None
        and gain(case, scene, given) > gain(case, scene, house)
    )


def most(case: Case, scene: Scene) -> float:
    """Return the most that box, cable, car and driver let a car give, in W."""
    box = case.settings
    override = active_override(box.override, scene.snapshot.utc)
    asked = () if override is None else (max(0.0, -override.amps),)
    return min(box.max_discharge, box.maximum, *asked) * case.per_amp


def _is_willing(case: Case, scene: Scene) -> bool:
    if case.settings.max_discharge <= 0 or not case.plugged:
        return False
    override = active_override(case.settings.override, scene.snapshot.utc)
    if override is not None:
        return override.amps < 0 and reserved(case, scene) is None
    if case.settings.mode is Mode.SMART and staying(case, scene) is None:
        return False
    asked = min(scene.memory.relief.need or 0.0, most(case, scene))
    return case.settings.mode in (Mode.HOUSE, Mode.SMART) and refusal(case, scene, asked) is None


def _order(case: Case) -> tuple[int, bool, float, str]:
    """By priority; then who gives already, then the fullest."""
    return -case.settings.priority, not _gives(case), -(case.memory.giving.soc or 0.0), case.settings.id


def _gives(case: Case) -> bool:
    return (case.memory.amps or 0.0) < 0


def _split(cases: list[Case], left: float, scene: Scene) -> dict[ConnectorId, float]:
    """Return equal parts for as many as have enough to give, each up to its most."""
    bounds = {case.settings.id: min(most(case, scene), left - case.settings.giving.ceiling) for case in cases}
    able = [case for case in cases if bounds[case.settings.id] >= _enough(case, first=True)]
    few = int(left / min((_enough(case, first=False) for case in able), default=1.0))
    for count in range(min(len(able), max(1, few)), 0, -1):
        chosen = able[:count]
        amount = left - min(case.settings.giving.ceiling for case in chosen)
        split = dict(_level([(bounds[case.settings.id], case) for case in chosen], amount))
        if all(split[case.settings.id] >= _enough(case, first=case is chosen[0]) for case in chosen):
            return split
    return {}


def _enough(case: Case, *, first: bool) -> float:
    if _gives(case):
        return least(case)
    return least(case) * _START if first else max(least(case) * _START, _JOIN)


def _level(bounds: Iterable[tuple[float, Case]], amount: float) -> Iterator[tuple[ConnectorId, float]]:
    """Yield equal parts, what one cannot give going to the others."""
    ordered = sorted(bounds, key=lambda item: (item[0], item[1].settings.id))
    for index, (bound, case) in enumerate(ordered):
        part = min(bound, amount / (len(ordered) - index))
        amount -= part
        yield case.settings.id, part
