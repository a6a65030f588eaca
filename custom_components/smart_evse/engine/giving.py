"""What giving is worth: the energy it saves, less what the battery loses for it."""

from functools import lru_cache

from .claims import Case
from .model import ConnectorSettings
from .plan.curve import Curve
from .planned import staying
from .scene import Scene
from .vehicle.transfer import transfer

_LEAST_EFFICIENCY = 0.5
"""Where nobody knows a price, half of what is taken from the battery has to arrive."""

_WORTH_WHILE = 0.005
"""What giving has to save beyond its cost to begin, and may lose before it ends, in currency per kWh."""


def worth_giving(case: Case, scene: Scene, watts: float) -> bool:
    """Say whether giving `watts` at the wall saves more than it costs: losses, wear, and what the energy is worth.

    Without a price nothing speaks against it but losses; without a plan the energy counts as free.
    """
    taken = battery_power(case, scene, watts)
    if watts <= 0 or taken <= 0 or watts < taken * _LEAST_EFFICIENCY:
        return False
    if scene.snapshot.import_price is None:
        return True
    margin = -_WORTH_WHILE if (case.memory.amps or 0.0) < 0 else _WORTH_WHILE
    return gain(case, scene, watts) > margin * watts / 1000


def best_giving(case: Case, scene: Scene, most: float) -> float:
    """Return the power at the wall up to `most` W at which giving saves most, 0 where none is worth it."""
    curve = _curve(case.settings, scene.settings.voltage)
    house = max(0.0, scene.house.base or 0.0)
    if scene.snapshot.import_price is None:
        known = min(house, most)
        return known if known >= least(case) and worth_giving(case, scene, known) else 0.0
    bends = (out for _, out in curve.points)
    tried = {watts for watts in (*bends, house, most) if least(case) <= watts <= most}
    best = max(sorted(tried, reverse=True), key=lambda watts: gain(case, scene, watts), default=0.0)
    return best if worth_giving(case, scene, best) else 0.0


def gain(case: Case, scene: Scene, watts: float) -> float:
    """Return what giving `watts` saves in an hour: import first, what the house does not draw as export."""
    snapshot, stay = scene.snapshot, staying(case, scene)
    imported, exported = snapshot.import_price or 0.0, snapshot.export_price or 0.0
    own = min(watts, max(0.0, scene.house.base or 0.0))
    cost = (0.0 if stay is None else stay.value) + case.settings.giving.wear_price
    saved = own * imported + (watts - own) * exported
    return (saved - battery_power(case, scene, watts) * cost) / 1000


def battery_power(case: Case, scene: Scene, watts: float) -> float:
    """Return what giving `watts` at the wall takes from the battery in W, 0 where it gives nothing."""
    curve = _curve(case.settings, scene.settings.voltage)
    return curve.inverse(watts) if curve.usable and watts > 0 else 0.0


def least(case: Case) -> float:
    """Return the least W that box and owner want to give."""
    return max(case.settings.minimum * case.per_amp, case.settings.giving.min_power)


@lru_cache(maxsize=64)
def _curve(settings: ConnectorSettings, voltage: float) -> Curve:
    _, curve = transfer(settings, voltage)
    return Curve(()) if curve is None else curve
