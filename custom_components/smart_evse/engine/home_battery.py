"""The sun that a home battery leaves to the cars. The battery has a loop of its own and is told nothing by us.

It acts within seconds, and its readings are older than those of the grid meter. What it does after a change of ours is
only known from a reading later than that: until then nothing rises, or both would chase each other.
"""

from collections.abc import Iterable

from .claims import Case
from .memory import BatteryMemory
from .model import GridReading, HouseMemory, PowerReading, SiteSettings, Snapshot
from .scene import Scene
from .settings import BatteryPolicy, BatterySettings

_TOGETHER = 1.5
"""Readings this close in time tell of the same instant, in s."""

_EXPORTED = 150.0
"""More than this fed into the grid is what the battery does not take, in W."""

_SATURATED_AFTER = 15.0
"""A battery that leaves something for so long takes no more, in s."""

_ANOTHER = 5.0
"""So much more or less charge, in %, and what the battery takes may be another matter."""

_FULL = 99.5
"""A battery that says this is full, in %."""

_HYSTERESIS = 3.0
"""A battery that has fallen by so much below what the cars wait for comes first again, in %."""


def battery_power(snapshot: Snapshot, settings: SiteSettings) -> float:
    """Return the home battery's power, 0 where there is none; an old one says nothing of this sample."""
    battery = _fresh(snapshot, settings)
    return 0.0 if battery is None else battery.power


def steady(
    found: float, house: HouseMemory, grid: GridReading, battery: PowerReading | None, cases: Iterable[Case]
) -> float:
    """Return the house without chargers and battery, in W, where the battery's reading may be behind our last change.

    What the battery did about that change is not in its reading yet. The surplus then does not rise, and
    falls only by what is really bought.
    """
    changed = max((case.memory.changed_at + case.settings.settle for case in cases), default=0.0)
    if house.base is None or battery is None or battery.at >= min(grid.at - _TOGETHER, changed):
        return found
    return min(max(found, house.base), house.base + max(0.0, grid.power))


def watch_battery(memory: BatteryMemory, snapshot: Snapshot, settings: SiteSettings) -> BatteryMemory:
    """Learn the most that the battery takes, from what it leaves to the grid, and whether the cars' turn has come."""
    battery, grid = _fresh(snapshot, settings), snapshot.grid
    if battery is None or grid is None:
        return BatteryMemory()
    charging = max(0.0, -battery.power)
    known, most = memory.soc, memory.most
    another = battery.soc is not None and (known is None or abs(battery.soc - known) >= _ANOTHER)
    if most is not None:
        most = None if another and known is not None else max(most, charging)
    since = (memory.leaving_since or grid.at) if grid.power < -_EXPORTED else None
    if since is not None and min(grid.at, battery.at) - since >= _SATURATED_AFTER:
        most = charging
    limit = settings.battery.until_soc - (_HYSTERESIS if memory.reached else 0.0)
    return BatteryMemory(
        most=most,
        leaving_since=since,
        soc=battery.soc if another else known,
        reached=memory.reached if battery.soc is None else battery.soc >= limit,
    )


def cars_part(surplus: float, scene: Scene) -> float:
    """Return the part of the surplus in W that the cars may use; what the battery takes now is part of it."""
    battery = _fresh(scene.snapshot, scene.settings)
    if battery is None:
        return surplus
    if scene.settings.battery.may_feed_car:
        surplus += scene.settings.battery.discharge or max(0.0, battery.power)
    wants = min(_wants(battery, scene.settings.battery, scene.memory.battery), max(0.0, surplus))
    match _policy(scene):
        case BatteryPolicy.BATTERY_FIRST:
            return surplus - wants
        case BatteryPolicy.BOTH:
            return surplus - min(wants, max(0.0, surplus) / 2)
        case _:
            return surplus


def waited_for(scene: Scene) -> float | None:
    """Return the charge in % of a battery that comes before the cars and still takes, `None` where none does."""
    battery = _fresh(scene.snapshot, scene.settings)
    if battery is None or battery.soc is None or _policy(scene) is not BatteryPolicy.BATTERY_FIRST:
        return None
    return battery.soc if battery.power < 0 else None


def _policy(scene: Scene) -> BatteryPolicy:
    policy = scene.settings.battery.policy
    if policy is not BatteryPolicy.BATTERY_UNTIL:
        return policy
    return BatteryPolicy.CAR_FIRST if scene.memory.battery.reached else BatteryPolicy.BATTERY_FIRST


def _wants(battery: PowerReading, settings: BatterySettings, memory: BatteryMemory) -> float:
    if battery.soc is not None and battery.soc >= _FULL:
        return 0.0
    most = [watts for watts in (settings.charge, memory.most) if watts is not None]
    # Nobody knows what it can take until it has left something.
    return min(most, default=float("inf"))


def _fresh(snapshot: Snapshot, settings: SiteSettings) -> PowerReading | None:
    battery = snapshot.battery
    return None if battery is None or snapshot.now - battery.at > settings.battery_max_age else battery
