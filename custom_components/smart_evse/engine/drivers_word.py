"""The driver's word: a current set by hand, and the end that was set for a session.

It goes before the mode and the plan. A car that is told to give is not asked whether it will be ready; but who says
so hears what it costs.
"""

from collections.abc import Iterator

from .claims import Case, ceiling, reason, target
from .model import Claim, Rank, Reason, ReasonKey
from .reserve import missed_by_giving
from .scene import Scene
from .wishes import active_override


def override_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the driver's word, and the end that was set for this session."""
    if (override := active_override(case.settings.override, scene.snapshot.utc)) is not None:
        yield target(Rank.OVERRIDE, override.amps, _why(override.amps, case, scene))
    if (left := case.settings.energy_left) is not None and left <= 0:
        yield ceiling(Rank.OVERRIDE, 0.0, reason(ReasonKey.STOP_AFTER_ENERGY))


def _why(amps: float, case: Case, scene: Scene) -> Reason:
    if amps == 0:
        return reason(ReasonKey.OVERRIDE_STOP)
    if (departs := missed_by_giving(case, scene)) is not None:
        return reason(ReasonKey.OVERRIDE_MISSES, amps=amps, time=departs.isoformat())
    return reason(ReasonKey.OVERRIDE, amps=amps)
