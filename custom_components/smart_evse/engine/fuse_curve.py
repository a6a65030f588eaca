"""How long a gG fuse bears an overload, and what that leaves to cars that charge already.

A fuse is no cliff: it carries 1.25 times its rating for an hour and more, and a kettle beside a car is over long
before. What an overload has used of the fuse's endurance is added up on the lower gate of its time-current
curve (IEC 60269-1): no good fuse melts sooner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
import math

from .claims import Case
from .house import grid_currents
from .memory import FuseMemory
from .model import PerPhase
from .scene import Scene


@dataclass(frozen=True, slots=True)
class Gate:
    """The least currents that may melt a fuse within 10 s and within 0.1 s, in A (IEC 60269-1, Table 3)."""

    ten: float
    tenth: float


GATES: Mapping[float, Gate] = {
    16.0: Gate(33, 85),
    20.0: Gate(42, 110),
    25.0: Gate(52, 150),
    32.0: Gate(75, 200),
    40.0: Gate(95, 260),
    50.0: Gate(125, 350),
    63.0: Gate(160, 450),
}
"""The gates of each rating in A."""

NON_FUSING = 1.25
"""The conventional non-fusing current as a multiple of the rating (IEC 60269-1, Table 2)."""

CONVENTIONAL_TIME = 3600.0
"""How long a fuse up to 63 A bears it at least, in s; 1.6 times the rating melts it within that time."""

_COOLING = 3600.0
"""The time constant at which a fuse and the cables behind it forget an overload, in s: slower than they do."""

_SHRUGGED_OFF = 0.1
"""No more than this part of the endurance is lent to cars."""

_LONGEST = 60.0
"""A sample stands for no longer than this, in s."""

_AT_LIMIT = 1.0
"""A car that draws within this of its limit uses all of it, in A."""


def melting_time(rating: float, amps: float) -> float:
    """Return after how many seconds at `amps` a gG fuse may melt at the soonest, endless where it never does.

    Log-log between the gates, and a constant I²t beyond the last. A rating without gates of its own has those
    of the next smaller one in proportion: they are the tighter ones.
    """
    if amps <= NON_FUSING * rating:
        return math.inf
    like = max((known for known in GATES if known <= rating), default=min(GATES))
    ten, tenth = (edge * rating / like for edge in (GATES[like].ten, GATES[like].tenth))
    points = ((NON_FUSING * rating, CONVENTIONAL_TIME), (ten, 10.0), (tenth, 0.1))
    for (low, slow), (high, fast) in pairwise(points):
        if amps <= high:
            part = math.log(amps / low) / math.log(high / low)
            return slow * math.exp(part * math.log(fast / slow))
    return 0.1 * (tenth / amps) ** 2


def endure(memory: FuseMemory, scene: Scene) -> FuseMemory:
    """Take in a grid sample: what is above the rating uses up endurance, what is below lets it come back."""
    grid = scene.snapshot.grid
    if not scene.settings.lenient or grid is None:
        return FuseMemory()
    currents = grid_currents(grid, scene.settings)
    if grid.at == memory.at or currents is None:
        return memory
    seconds = 0.0 if memory.at is None else min(max(0.0, grid.at - memory.at), _LONGEST)
    l1, l2, l3 = (
        _used(used, scene.settings.fuse, abs(amps), seconds) for used, amps in zip(memory.used, currents, strict=True)
    )
    return FuseMemory(at=grid.at, used=(l1, l2, l3))


def tolerated(scene: Scene) -> PerPhase:
    """Return what running cars may keep above the strict limit of the main fuse, in A on each phase.

    As much as the fuse carries without ever melting, for as long as little of its endurance is used.
    """
    if not scene.settings.lenient:
        return PerPhase()
    more = (NON_FUSING - 1) * scene.settings.fuse
    return PerPhase(*(more if used < _SHRUGGED_OFF else 0.0 for used in scene.memory.fuse.used))


def kept(case: Case) -> float:
    """Return the current that a connector charges with just now, in A of its limit: 0 for one that does not."""
    drawn, limit, step = case.amps or 0.0, case.memory.amps or 0.0, case.settings.step
    if limit <= 0 or drawn < _AT_LIMIT:
        return 0.0
    return min(limit, math.ceil((drawn + _AT_LIMIT) / step) * step)


def _used(used: float, rating: float, amps: float, seconds: float) -> float:
    if amps <= rating:
        return used * math.exp(-seconds / _COOLING)
    # Between the rating and what never melts the fuse it is the cables that warm: that counts all the same.
    return min(1.0, used + seconds / min(melting_time(rating, amps), CONVENTIONAL_TIME))
