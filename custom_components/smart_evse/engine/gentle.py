"""Being gentle with contactors: after a stop for the fuse a start has to be worth it."""

from collections.abc import Iterator

from .claims import Case, ceiling, reason
from .model import Claim, Rank, ReasonKey
from .scene import Scene
from .wishes import active_override

_DAY = 86_400.0
_HOUR = 3_600.0

_PAUSE = 60.0
"""The pause before a first restart, in s; each further start within the hour adds as much."""

_LONGEST = 600.0


def restart_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the pause after a stop for the fuse, the longer the more often it came.

    A house that swings about the limit of its fuse would else stop and start a car all evening. A driver's
    own word passes: whoever stands beside the car decides.
    """
    memory = case.memory
    if memory.stopped_for is None or memory.stopped_for > Rank.GRID_OPERATOR:
        return
    if active_override(case.settings.override, scene.snapshot.utc) is not None:
        return
    often = sum(1 for at in memory.starts if scene.now - at < _HOUR)
    left = min(_LONGEST, _PAUSE * often) - (scene.now - memory.changed_at)
    if left > 0:
        yield ceiling(Rank.COMFORT, 0.0, reason(ReasonKey.RESTART_PAUSE, seconds=left))


def recent(times: tuple[float, ...], now: float) -> tuple[float, ...]:
    """Return what happened within the last day."""
    return tuple(at for at in times if now - at < _DAY)
