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
    memory, base = scene.memory.relief, scene.house.base
    if scene.seconds is None:
        return memory
    if base is None:
        return ReliefMemory()
    battery = serving(scene)
    if battery is None:
        return ReliefMemory(need=max(0.0, base))
    given = sum(max(0.0, -(case.watts or 0.0)) for case in scene.cases)
    left_open = base - battery.power - given
    if scene.settings.battery.policy is BatteryPolicy.CAR_FIRST:
        memory, need = ReliefMemory(need=memory.need), base
    else:
        memory = _learn(memory, battery, left_open, scene.now)
        need = base - _served(memory, scene)
    need = max(0.0, need)
    if memory.need is not None and scene.snapshot.grid is not None and _is_late(battery, scene.snapshot.grid.at):
        # What still comes from the grid is open whatever the battery does by now; more than that is hearsay.
        need = min(need, max(memory.need, given + max(0.0, left_open)))
    return replace(memory, need=need)


def serving(scene: Scene) -> PowerReading | None:
    """Return what the home battery said last, `None` where there is none or it has been silent for long."""
    battery = scene.snapshot.battery
    if battery is None or scene.now - battery.at > scene.settings.battery_max_age:
        return None
    return battery


def _is_late(battery: PowerReading, sampled_at: float) -> bool:
    return battery.at < sampled_at - _TOGETHER


def _served(memory: ReliefMemory, scene: Scene) -> float:
    """Return what of the house is the battery's, in W: all of it until it has shown its limit."""
    if memory.most is not None:
        return memory.most
    declared = scene.settings.battery.discharge
    return float("inf") if declared is None else declared


def _learn(memory: ReliefMemory, battery: PowerReading, left_open: float, now: float) -> ReliefMemory:
    """Note what the battery can give: what it gives while the house still draws from the grid."""
    if memory.most is not None and (_has_recovered(memory, battery) or now - memory.most_at > _ASKED_AGAIN):
        memory = replace(memory, most=None)
    if memory.most is not None and battery.power > memory.most + _OPEN:
        memory = replace(memory, most=battery.power)
    if left_open <= _OPEN:
        return replace(memory, short_since=None)
    since = now if memory.short_since is None else memory.short_since
    memory = replace(memory, short_since=since)
    if now - since < _REACTION:
        return memory
    return replace(memory, most=max(0.0, battery.power), most_at=now, soc=battery.soc)


def _has_recovered(memory: ReliefMemory, battery: PowerReading) -> bool:
    return battery.soc is not None and memory.soc is not None and battery.soc > memory.soc + _RECOVERED
