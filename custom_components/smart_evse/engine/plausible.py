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
    """Distrust a meter that goes on contradicting the sun when all have spoken anew.

    Only where the sun is measured and a home battery is heard: where they are not, any export may be true. That
    no inverter is known says nothing: many are never told of.
    """
    grid, used = snapshot.grid, _least_used(snapshot, settings)
    if grid is None or used is None or used > _IMPOSSIBLE:
        return replace(memory, impossible_since=None)
    since = memory.impossible_since
    if since is None:
        return replace(memory, impossible_since=snapshot.now)
    heard = (grid, snapshot.solar, snapshot.battery)
    if min(each.at for each in heard if each is not None) <= since:
        return memory
    return replace(memory, misses=MISSES, missed_at=snapshot.now)


def _least_used(snapshot: Snapshot, settings: SiteSettings) -> float | None:
    """Return what is used behind the connection in W, all that may feed it counted in; `None` where that is unknown."""
    grid, solar, battery = snapshot.grid, snapshot.solar, snapshot.battery
    if grid is None or solar is None:
        return None
    if any(snapshot.now - each.at > settings.battery_max_age for each in (solar, battery) if each is not None):
        return None
    given = 0.0 if battery is None else max(0.0, battery.power)
    cars = sum(max(0.0, -reading.power) for _, reading in snapshot.connectors if reading.power is not None)
    return grid.power + solar.power + given + cars
