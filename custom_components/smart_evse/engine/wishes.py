"""What people want of a connector: the mode they chose, and whether their word against it stands."""

from collections.abc import Iterator
from datetime import datetime
import math

from .claims import Case, reason, target
from .model import Claim, Mode, Override, Rank, ReasonKey
from .scene import Scene


def active_override(override: Override | None, utc: datetime) -> Override | None:
    """Return the override that still stands at `utc`."""
    if override is None or (override.until is not None and utc >= override.until):
        return None
    return override


def mode_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the wish of the modes that look at nothing but themselves."""
    match case.settings.mode:
        case Mode.OFF:
            yield target(Rank.MODE, 0.0, reason(ReasonKey.MODE_OFF))
        case Mode.FAST:
            yield target(Rank.MODE, math.inf, reason(ReasonKey.MODE_FAST))
        case _:
            return
