"""No circles: a car does not give what another one, or the home battery, takes from the grid meanwhile.

What a car gives counts for the house alone, and the surplus that others follow is reckoned without it. Still,
energy that leaves one battery while the grid fills another has only been moved, at a loss.
"""

from .believed import FLOWING
from .claims import Case
from .planned import staying
from .relief import charges_from_grid
from .scene import Scene


def is_circle(case: Case, scene: Scene) -> bool:
    """Say whether what a car gives would only be moved. With a price and a plan it is known to pay, or not to."""
    if scene.snapshot.import_price is not None and staying(case, scene) is not None:
        return False
    others = (other for other in scene.cases if other.settings.id != case.settings.id)
    return charges_from_grid(scene) or any(_takes(other) for other in others)


def _takes(case: Case) -> bool:
    return (case.watts or 0.0) > FLOWING
