"""When a car may give: the reserve in it, and what may be fed in."""

from collections.abc import Iterator

from .claims import Case, discharge, reason
from .model import Claim, Rank, ReasonKey
from .scene import Scene

_RESERVE_HYSTERESIS = 2.0
"""A battery that stopped at its reserve recovers a little by itself, in % of state of charge."""


def discharge_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield what keeps a car from giving more than its driver and the grid allow.

    What other connectors feed in is not counted here but by the caller, who hands over the house as it
    is after them.
    """
    if case.settings.max_discharge <= 0:
        return
    yield from _reserve(case)
    export_limit, base = scene.settings.export_limit, scene.house.base
    if export_limit is None:
        return
    allowed = 0.0 if base is None else max(0.0, export_limit + base) / case.per_amp
    yield discharge(Rank.GRID_OPERATOR, allowed, reason(ReasonKey.EXPORT_LIMIT, watts=export_limit))


def _reserve(case: Case) -> Iterator[Claim]:
    soc = None if case.reading is None else case.reading.soc
    reserve = case.settings.reserve_soc
    if soc is None:
        yield discharge(Rank.VEHICLE, 0.0, reason(ReasonKey.RESERVE_UNKNOWN))
        return
    giving = (case.memory.amps or 0.0) < 0
    if soc <= reserve or (not giving and soc <= reserve + _RESERVE_HYSTERESIS):
        yield discharge(Rank.VEHICLE, 0.0, reason(ReasonKey.RESERVE, soc=soc, reserve=reserve))
