"""How full a car is believed to be: boxes that forget it at rest, and readings that cannot be.

Some bidirectional boxes know the charge only while power flows, and say 0 or 1 % now and then. A battery does
not lose a twentieth between two readings: what says so has to say it for a minute. In between, and where
nothing is told, what flows is counted.
"""

from dataclasses import replace

from .claims import Case
from .memory import GivingMemory
from .model import Snapshot

FLOWING = 100.0
"""Less than this is a standby, in W."""

_HOUR = 3600.0

_SENTINEL = 1.0
"""What boxes say for a charge that they do not know, in %."""

_JUMP = 5.0
"""No battery changes by more between two readings, in %."""

_INSISTS = 60.0
"""What is told for so long is true after all, in s."""

_COUNTED = 3600.0
"""How long what flows may be counted on from the last word, in s."""

_LOSS = 0.9
"""What of the power at the wall reaches the battery, and the other way round."""


def giving_memory(case: Case, snapshot: Snapshot) -> GivingMemory:
    """Return what is remembered of a car that may give; a car that leaves takes its charge along."""
    memory, now = case.memory.giving, snapshot.now
    starts = tuple(at for at in memory.starts if now - at < _HOUR)
    if not case.plugged:
        return GivingMemory(starts=starts)
    watts, told_to = case.watts or 0.0, case.memory.amps or 0.0
    memory = replace(
        memory,
        starts=starts,
        took_at=now if watts > FLOWING or told_to > 0 else memory.took_at,
        gave_at=now if watts < -FLOWING or told_to < 0 else memory.gave_at,
    )
    return _hear(_count(memory, case, watts, now), case, snapshot, watts)


def _count(memory: GivingMemory, case: Case, watts: float, now: float) -> GivingMemory:
    """Count on what flowed since the last beat; without a word for long, or a capacity, nothing is known."""
    passed, capacity = now - memory.counted_at, case.settings.vehicle.capacity
    memory = replace(memory, counted_at=now)
    if memory.soc is None or abs(watts) <= FLOWING:
        return memory
    if now - memory.told_at > _COUNTED:
        return replace(memory, soc=None)
    if capacity is None or passed > _INSISTS:
        return memory
    into = watts * _LOSS if watts > 0 else watts / _LOSS
    return replace(memory, soc=min(100.0, max(0.0, memory.soc + into * passed / 3600 / capacity * 100)))


def _hear(memory: GivingMemory, case: Case, snapshot: Snapshot, watts: float) -> GivingMemory:
    soc, at = _told(case, snapshot)
    if soc is None or at <= memory.told_at or (soc <= _SENTINEL and abs(watts) <= FLOWING):
        return memory
    if memory.soc is None or abs(soc - memory.soc) <= _JUMP:
        return replace(memory, soc=soc, told_at=at, doubted_since=None)
    since = snapshot.now if memory.doubted_since is None else memory.doubted_since
    if snapshot.now - since >= _INSISTS:
        return replace(memory, soc=soc, told_at=at, doubted_since=None)
    return replace(memory, doubted_since=since)


def _told(case: Case, snapshot: Snapshot) -> tuple[float | None, float]:
    """Return the charge that the box tells, else that the car does, and when it was true."""
    if case.reading is not None and case.reading.soc is not None:
        return case.reading.soc, case.reading.at
    vehicle = dict(snapshot.vehicles).get(case.settings.id)
    return (None, 0.0) if vehicle is None else (vehicle.soc, vehicle.at)
