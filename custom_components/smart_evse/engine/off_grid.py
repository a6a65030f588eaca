"""Without the grid: everything stops, unless somebody said that it may go on.

A house behind a backup inverter has a few kilowatts and nobody to ask for more. The grid is taken for gone when
a switch says so or when its frequency is that of no grid, and for back after it was well for a while.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .calm import calmed
from .claims import Case, ceiling, discharge, reason
from .memory import OffGridMemory
from .model import Claim, Rank, ReasonKey, Snapshot
from .rooms import Room, power_room
from .scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyBand:
    """When a grid is ill and when it is well again: frequencies in Hz, the time it has to be well for in s."""

    low: float
    high: float
    well_low: float
    well_high: float
    delay: float


BANDS: Mapping[int, FrequencyBand] = {
    50: FrequencyBand(low=49.2, high=51.8, well_low=49.8, well_high=50.2, delay=60.0),
    60: FrequencyBand(low=58.8, high=61.2, well_low=59.5, well_high=60.5, delay=60.0),
}
"""By nominal frequency: about what EN 50549-1 and VDE-AR-N 4105 (50 Hz) and IEEE 1547 (60 Hz) call normal operation
and conditions for reconnecting."""

_CARRIES = 50.0
"""A meter that shows more than this shows a load: the others may stand beside the line that is gone, in W."""


def watch_grid(memory: OffGridMemory, scene: Scene) -> OffGridMemory:
    """Remember that the grid is gone or ill, until it has been well for the delay of its band."""
    snapshot, band = scene.snapshot, _band(scene.snapshot)
    if snapshot.off_grid or _is_outside(snapshot.frequency, band.low, band.high):
        return OffGridMemory(stopped=True)
    if not memory.stopped or _is_outside(snapshot.frequency, band.well_low, band.well_high):
        return replace(memory, well_since=None)
    since = scene.now if memory.well_since is None else memory.well_since
    return OffGridMemory() if scene.now - since >= band.delay else replace(memory, well_since=since)


def off_grid_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the stop of a connector while there is no grid, both ways.

    Charging goes on where the owner allows it and the inverter is not already slowed down by its load (one that
    runs fast has sun to spare). Only a connector that forms a grid itself may give.
    """
    if not scene.memory.off_grid.stopped:
        return
    if not _may_charge(scene):
        yield ceiling(Rank.SAFETY, 0.0, reason(ReasonKey.OFF_GRID))
    if not (scene.snapshot.off_grid and case.settings.giving.grid_forming):
        yield discharge(Rank.SAFETY, 0.0, reason(ReasonKey.OFF_GRID))


def backup_rooms(scene: Scene) -> Iterator[Room]:
    """Yield what the inverter or generator carries beside the house; nothing while nobody measures that."""
    limit = scene.settings.backup_limit
    if limit is None or not scene.memory.off_grid.stopped or not _may_charge(scene):
        return
    load = _load(scene)
    left = 0.0 if load is None else limit - load
    why = reason(ReasonKey.BACKUP_LIMIT, watts=limit)
    yield calmed(power_room(scene, left, Rank.FUSE, why, exempt=frozenset()), scene)


def _may_charge(scene: Scene) -> bool:
    frequency = scene.snapshot.frequency
    slowed = frequency is not None and frequency < _band(scene.snapshot).low
    return bool(scene.snapshot.off_grid) and scene.settings.off_grid_charging and not slowed


def _load(scene: Scene) -> float | None:
    """Return what the house draws beside the chargers, in W: the sun's part too, it goes through the same inverter."""
    snapshot, base, held = scene.snapshot, scene.house.base, scene.house.held
    fresh = (
        snapshot.battery is not None and scene.now - snapshot.battery.at <= scene.settings.battery_max_age,
        snapshot.grid is not None and snapshot.grid.power > _CARRIES,
    )
    if base is None or not any(fresh):
        return None
    # What the phases were seen to draw lately, where it is more: an inverter forgives no kettle.
    drawn = base if held is None else max(base, held.total * scene.settings.voltage)
    return max(0.0, drawn, drawn + (0.0 if snapshot.solar is None else snapshot.solar.power))


def _band(snapshot: Snapshot) -> FrequencyBand:
    return BANDS[60 if snapshot.frequency is not None and snapshot.frequency > 55 else 50]


def _is_outside(frequency: float | None, low: float, high: float) -> bool:
    return frequency is not None and not low <= frequency <= high
