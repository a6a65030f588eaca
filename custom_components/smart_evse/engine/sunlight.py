"""Handing the sun on: what each connector that follows it may use, what it takes already included.

One after another, all together by weight, or in turns: the owner's choice. In each of them priority goes before, and
who has no room for its minimum is told what is left.
"""

from collections.abc import Iterable, Mapping, Sequence

from .claims import Case
from .home_battery import cars_part
from .late_meter import sunshine
from .model import ClaimKind, ConnectorId, Mode
from .scene import Scene
from .setpoint import Draft
from .settings import SunSharing
from .sun_turns import turn_place
from .turns import takes_nothing, wanted

type Caps = Mapping[ConnectorId, float]
"""The most that each connector can use, in W."""


def sunlight(scene: Scene, drafts: Mapping[ConnectorId, Draft]) -> dict[ConnectorId, float | None]:
    """Return the surplus in W for each connector that follows the sun, `None` while nobody knows it.

    Those that follow nothing take theirs first. `drafts` hold every claim but those of sun and rooms.
    """
    following = [case for case in scene.cases if case.settings.mode.follows_sun]
    base = sunshine(scene)
    if base is None:
        return {case.settings.id: None for case in following}
    others = (case for case in scene.cases if not case.settings.mode.follows_sun)
    left = cars_part(-base - sum(max(0.0, case.watts or 0.0) for case in others), scene)
    caps = {case.settings.id: _most(drafts[case.settings.id]) * case.per_amp for case in following}
    match scene.settings.sun_sharing:
        case SunSharing.PRIORITY:
            return _in_order(sorted(following, key=_rank), caps, left)
        case SunSharing.TURNS:
            return _in_order(sorted(following, key=lambda case: turn_place(case, scene.now)), caps, left)
        case SunSharing.PROPORTIONAL:
            return _together(sorted(following, key=_rank), caps, left)


def _rank(case: Case) -> tuple[int, bool, str]:
    return -case.settings.priority, not case.running, case.settings.id


def _in_order(cases: Iterable[Case], caps: Caps, left: float) -> dict[ConnectorId, float | None]:
    available: dict[ConnectorId, float | None] = {}
    kept = 0.0
    for case in cases:
        offered = left - kept if _is_smart(case) else left
        available[case.settings.id] = offered
        part = min(max(0.0, offered), caps[case.settings.id]) if case.plugged else 0.0
        if _bides(case):
            kept += part if _is_tempted(case) else 0.0
        else:
            left -= part
    return available


def _together(cases: Sequence[Case], caps: Caps, left: float) -> dict[ConnectorId, float | None]:
    """Share between those that run; one that does not is told what it would have if it joined them."""
    running = [case for case in cases if case.plugged and case.running]
    joined, available = list(running), dict[ConnectorId, float | None](_shares(running, caps, left))
    biding: list[Case] = []
    for case in cases:
        if case in running:
            continue
        others = [*joined, *biding] if _is_smart(case) else joined
        share = _shares([*others, case] if case.plugged else [case], caps, left)[case.settings.id]
        available[case.settings.id] = share
        if case.plugged and share >= _least(case) and not takes_nothing(case.memory.appetite):
            if not _bides(case):
                joined.append(case)
            elif _is_tempted(case):
                biding.append(case)
    return available


def _is_smart(case: Case) -> bool:
    return case.settings.mode is Mode.SMART


def _is_tempted(case: Case) -> bool:
    """Say whether a car that waits would gain by the sun it sees, and so is about to begin."""
    return case.memory.smart.regret > 0


def _bides(case: Case) -> bool:
    """Say whether a car waits for a better hour: what tempts it is kept from others of its kind alone."""
    return _is_smart(case) and not case.memory.smart.running


def _shares(cases: Sequence[Case], caps: Caps, left: float) -> dict[ConnectorId, float]:
    """Return everyone's minimum by priority, then the rest by weight; who misses the minimum gets what was left."""
    shares: dict[ConnectorId, float] = {}
    rising: list[Case] = []
    for case in sorted(cases, key=_rank):
        share = min(left, _least(case))
        shares[case.settings.id] = share
        left -= max(0.0, share)
        if share >= _least(case):
            rising.append(case)
    while rising and left > 1.0:
        weight = sum(case.settings.weight for case in rising)
        given = {case.settings.id: left * case.settings.weight / weight for case in rising}
        for case in rising:
            key = case.settings.id
            grown = min(shares[key] + given[key], max(caps[key], shares[key]))
            left -= grown - shares[key]
            shares[key] = grown
        rising = [case for case in rising if shares[case.settings.id] < caps[case.settings.id] - 1.0]
    return shares


def _least(case: Case) -> float:
    return case.settings.minimum * case.per_amp


def _most(draft: Draft) -> float:
    """Return the most that a connector may take as far as its ceilings say and its car was seen to, in A."""
    ceilings = [claim.amps for claim in draft.claims if claim.kind is ClaimKind.CEILING]
    return wanted(draft.case, min(ceilings, default=draft.case.settings.max_current))
