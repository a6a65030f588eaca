"""What a car may give: no more than the house draws, unless it may feed the grid, and then what that can take."""

from collections.abc import Iterator

from .claims import Case, discharge, reason
from .house_need import may_export
from .model import Claim, Rank, ReasonKey
from .reserve import reserve_claims
from .scene import Scene


def discharge_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield what keeps a car from giving more than its driver, the house and the grid have use for.

    What other connectors feed in is not counted here but by the caller, who hands over the house as it
    is after them.
    """
    if case.settings.max_discharge <= 0:
        return
    kept = tuple(reserve_claims(case, scene))
    yield from kept
    if not kept and not may_export(case, scene):
        need = scene.giving.get(case.settings.id, 0.0)
        key = ReasonKey.HOUSE_GIVING if need > 0 else ReasonKey.HOUSE_RESTING
        yield discharge(Rank.GRID_OPERATOR, need / case.per_amp, reason(key, watts=need))
    export_limit, base = scene.settings.export_limit, scene.house.base
    if export_limit is None:
        return
    allowed = 0.0 if base is None else max(0.0, export_limit + base) / case.per_amp
    yield discharge(Rank.GRID_OPERATOR, allowed, reason(ReasonKey.EXPORT_LIMIT, watts=export_limit))
