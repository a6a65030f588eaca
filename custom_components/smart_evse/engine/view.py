"""What the site looks like from outside: the figures that entities show."""

from .capacity import capacity_budget
from .house import grid_currents
from .model import HouseMemory, SiteSettings, SiteView, Snapshot
from .scene import Scene
from .trust import Trust


def view(scene: Scene, trust: Trust) -> SiteView:
    """Return the site's figures; none of a meter that says nothing any more."""
    snapshot, settings, house = scene.snapshot, scene.settings, scene.house
    grid = snapshot.grid
    if grid is None or snapshot.now - grid.at > settings.grid_max_age:
        return SiteView(state=trust.state, reason=trust.reason)
    currents, budget = grid_currents(grid, settings), capacity_budget(scene)
    return SiteView(
        state=trust.state,
        reason=trust.reason,
        surplus=None if house.base is None else -house.base,
        house=_consumption(snapshot, settings, house),
        headroom=None if currents is None else currents.map(lambda amps: settings.fuse - abs(amps)),
        fuse_use=None if currents is None else max(abs(amps) for amps in currents) / settings.fuse * 100,
        melting=max(scene.memory.fuse.used) * 100 if settings.lenient else None,
        capacity_budget=None if budget is None else max(0.0, budget),
    )


def _consumption(snapshot: Snapshot, settings: SiteSettings, house: HouseMemory) -> float | None:
    """Return what the house uses without the chargers, in W.

    Where there is no inverter it is what comes from the grid. A house that feeds in has one all the
    same, and what it uses is then not known.
    """
    if house.base is None:
        return None
    if settings.has_sun:
        return None if snapshot.solar is None else house.base + snapshot.solar.power
    return house.base if house.base >= 0 else None
