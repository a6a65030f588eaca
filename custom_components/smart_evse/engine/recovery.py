"""After the grid meter was silent: what the house did meanwhile nobody saw, so nothing rises before the hold."""

from collections.abc import Iterator

from .claims import Case, ceiling, reason
from .model import Claim, Rank, ReasonKey
from .scene import Scene


def recovery_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield what a connector had when the meter came back, until the house was watched for the hold."""
    left = scene.settings.rise_hold - (scene.now - scene.house.recovered_at)
    if left > 0:
        # Of equal ceilings the better rank is named: what keeps a connector down anyway says more than this.
        yield ceiling(Rank.COMFORT, case.memory.amps or 0.0, reason(ReasonKey.METER_RECOVERED, seconds=left))
