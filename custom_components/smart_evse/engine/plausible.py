"""A grid meter that says what cannot be: a house that uses less than nothing.

Import, sun and battery together are all that is used behind the connection. Less than nothing of it is a
meter with the wrong sign, whatever its cadence: seen at once, where a step of our own would have to be waited for.
"""

from dataclasses import replace

from .model import Memory, SiteSettings, Snapshot
from .trust import MISSES

_IMPOSSIBLE = -1_000.0
"""Meters and inverters measure at different instants and differ a little: that much is no error of theirs, in W."""


def watch_sign(memory: Memory, snapshot: Snapshot, settings: SiteSettings) -> Memory:
    """Distrust a meter that goes on contradicting the sun when both have spoken anew.

    Only where the sun is measured: where it is not, any export may be true.
    """
    grid, solar = snapshot.grid, snapshot.solar
    if grid is None or solar is None or snapshot.now - solar.at > settings.battery_max_age:
        return replace(memory, impossible_since=None)
    battery = snapshot.battery
    given = 0.0 if battery is None else max(0.0, battery.power)
    cars = sum(max(0.0, -reading.power) for _, reading in snapshot.connectors if reading.power is not None)
    if grid.power + solar.power + given + cars > _IMPOSSIBLE:
        return replace(memory, impossible_since=None)
    since = memory.impossible_since
    if since is None:
        return replace(memory, impossible_since=snapshot.now)
    if min(grid.at, solar.at) <= since:
        return memory
    return replace(memory, misses=MISSES, missed_at=snapshot.now)
