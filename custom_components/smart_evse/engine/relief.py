"""What the house needs of the cars, beside a home battery that serves it with a loop of its own.

The battery sees what we see, and later or sooner than we do. Where it serves first, the cars give what it was
seen to leave: what still came from the grid after it had its time. Where the cars serve first, it backs
off by itself; its last word is then older than what it does, and is not believed against the grid meter.
"""

from dataclasses import replace

from .memory import ReliefMemory
from .model import PowerReading
from .scene import Scene
from .settings import BatteryPolicy

_REACTION = 15.0
"""A home battery that can follow the house has done so after this long, in s."""

_ORDERED = 60.0
"""A battery that takes from the grid for so long is told to, in s."""

_OPEN = 200.0
"""What a battery leaves open without meaning it, in W."""

_TOGETHER = 1.5
"""Readings this close in time tell of the same instant, in s."""

_RECOVERED = 2.0
"""A battery that could give no more may be able to again once it holds so much more, in %."""

_ASKED_AGAIN = 3600.0
"""After this long it is left to the battery again to show what it can, in s."""


def relieve(scene: Scene) -> ReliefMemory:
    """Return what the house draws beyond sun and battery, as of a fresh sample; nothing changes without one."""
    memory, base, grid = scene.memory.relief, scene.house.base, scene.snapshot.grid
    if scene.seconds is None:
        return memory
    if base is None or grid is None:
        return ReliefMemory()
    battery = serving(scene)
    if battery is None:
        return ReliefMemory(need=max(0.0, base))
    given = sum(max(0.0, -(case.watts or 0.0)) for case in scene.cases)
    left_open = base - battery.power - given
    memory = replace(
        memory,
        short_since=_since(memory.short_since, scene.now, still=left_open > _OPEN),
        charging_since=_since(memory.charging_since, scene.now, still=min(-battery.power, grid.power) > _OPEN),
    )
    is_open = _lasts(memory.short_since, scene.now)
    need = base
    if scene.settings.battery.policy is not BatteryPolicy.CAR_FIRST:
        memory = _learn(memory, battery, scene.now, is_open=is_open)
        need = base - _served(memory, scene)
    if memory.need is not None and battery.at < grid.at - _TOGETHER:
        # What the battery does by now is hearsay. What still comes from the grid after its time is open, no more.
        need = min(need, max(memory.need, given + left_open if is_open else 0.0))
    return replace(memory, need=max(0.0, need))


def serving(scene: Scene) -> PowerReading | None:
    """Return what the home battery said last, `None` where there is none or it has been silent for long."""
    battery = scene.snapshot.battery
    if battery is None or scene.now - battery.at > scene.settings.battery_max_age:
        return None
    return battery


def charges_from_grid(scene: Scene) -> bool:
    """Say whether the home battery takes from the grid, and not only until it has followed the house."""
    return _lasts(scene.memory.relief.charging_since, scene.now, _ORDERED)


def _since(before: float | None, now: float, *, still: bool) -> float | None:
    if not still:
        return None
    return now if before is None else before


def _lasts(since: float | None, now: float, seconds: float = _REACTION) -> bool:
    return since is not None and now - since >= seconds


def _served(memory: ReliefMemory, scene: Scene) -> float:
    """Return what of the house is the battery's, in W: all of it until it has shown its limit."""
    if memory.most is not None:
        return memory.most
    declared = scene.settings.battery.discharge
    return float("inf") if declared is None else declared


def _learn(memory: ReliefMemory, battery: PowerReading, now: float, *, is_open: bool) -> ReliefMemory:
    """Note what the battery can give: what it gives while the house still draws from the grid."""
    if memory.most is not None and (_has_recovered(memory, battery) or now - memory.most_at > _ASKED_AGAIN):
        memory = replace(memory, most=None)
    if memory.most is not None and battery.power > memory.most + _OPEN:
        memory = replace(memory, most=battery.power)
    if not is_open:
        return memory
    return replace(memory, most=max(0.0, battery.power), most_at=now, soc=battery.soc)


def _has_recovered(memory: ReliefMemory, battery: PowerReading) -> bool:
    return battery.soc is not None and memory.soc is not None and battery.soc > memory.soc + _RECOVERED
