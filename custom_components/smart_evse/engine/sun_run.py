"""When following the sun starts and when it stops: by energy, by what is expected, and by what contactors bear.

A start wants surplus gathered and a run in sight that is worth it; a stop wants the minimum bought for a while.
One cloud does neither. Both energies grow with the power of the minimum current.
"""

from dataclasses import replace

from .claims import Case
from .gentle import recent
from .model import SolarMemory
from .scene import Scene
from .settings import SunBias

_REFERENCE = 4140.0
"""The energies of the settings are meant for 6 A on three phases, in W."""

_SLOW = 600.0
"""The time over which the surplus counts as a trend, in s."""

_TRUST_AHEAD = 0.5
"""How much a forecast for the next quarter of an hour counts beside what is now."""

_TRUST_TREND = 0.3
"""How much the last minutes count beside what is now where there is no forecast."""

_BOUGHT = {SunBias.NEVER_IMPORT: 0.0, SunBias.BALANCED: 0.05, SunBias.NEVER_EXPORT: 0.25}
"""The part of the minimum that may come from the grid for good."""

_INTERRUPTIONS = 10
"""Some cars no longer start after so many interruptions of a session."""

_NEARLY = 1
"""So few starts left are kept for a run that lasts."""

_PATIENT = 4.0
"""How much more may be bought, and how much more surplus a start wants, when the starts are nearly spent."""

_LASTING = 1.2
"""A run that lasts has this much of the minimum in sight."""


def advance(case: Case, memory: SolarMemory, available: float, seconds: float, scene: Scene) -> SolarMemory:
    """Return the memory after so many seconds with `available` W: running or not, and what is gathered for a change."""
    mean = available if memory.mean is None else memory.mean
    memory = replace(memory, mean=mean + min(1.0, seconds / _SLOW) * (available - mean))
    over = (available - needed(case, scene)) * seconds / 3600
    if memory.running:
        return _running(case, memory, over, scene.now)
    return _waiting(case, memory, over, available, scene)


def needed(case: Case, scene: Scene) -> float:
    """Return the least surplus that carries the minimum current, in W."""
    return case.settings.minimum * case.per_amp * (1 - _BOUGHT[scene.settings.sun_bias])


def stop_energy(case: Case, memory: SolarMemory, now: float) -> float:
    """Return what may be bought before a run ends, in Wh."""
    patience = _PATIENT if starts_left(case, memory, now) <= _NEARLY else 1.0
    return case.settings.solar.stop_energy * _scale(case) * patience


def starts_left(case: Case, memory: SolarMemory, now: float) -> int:
    """Return how often the car may still be started today, and in this session."""
    today = case.settings.solar.starts_per_day - len(recent(case.memory.starts, now))
    return min(today, _INTERRUPTIONS - memory.starts)


def is_spared(case: Case, memory: SolarMemory, now: float) -> bool:
    """Say whether a run goes on only because there is hardly another start left."""
    usual = case.settings.solar.stop_energy * _scale(case)
    return usual <= memory.energy < stop_energy(case, memory, now)


def is_gathered(case: Case, memory: SolarMemory, now: float) -> bool:
    """Say whether enough surplus was seen for a start."""
    patience = _PATIENT if starts_left(case, memory, now) <= _NEARLY else 1.0
    return memory.energy >= case.settings.solar.start_energy * _scale(case) * patience


def since(memory: SolarMemory, now: float) -> float:
    """Return how long it has been running or not, in s."""
    return float("inf") if memory.changed_at is None else now - memory.changed_at


def _running(case: Case, memory: SolarMemory, over: float, now: float) -> SolarMemory:
    # While something else holds the car at 0 nothing is bought for it.
    energy = max(memory.energy - over, 0.0) if case.running or over > 0 else memory.energy
    most = stop_energy(case, memory, now)
    if energy >= most and since(memory, now) >= case.settings.solar.min_on:
        return replace(memory, running=False, changed_at=now, energy=0.0, waiting_since=now)
    return replace(memory, energy=min(energy, most))


def _waiting(case: Case, memory: SolarMemory, over: float, available: float, scene: Scene) -> SolarMemory:
    most = case.settings.solar.start_energy * _scale(case) * _PATIENT
    memory = replace(memory, energy=min(max(memory.energy + over, 0.0), most))
    if not is_gathered(case, memory, scene.now) or since(memory, scene.now) < case.settings.solar.min_off:
        return memory
    if not is_worth(case, memory, available, scene):
        return memory
    return replace(memory, running=True, changed_at=scene.now, energy=0.0, starts=memory.starts + 1, waiting_since=None)


def is_worth(case: Case, memory: SolarMemory, available: float, scene: Scene) -> bool:
    """Say whether the surplus expected over the shortest run carries the minimum, but for a small part of it."""
    least, expected = needed(case, scene), _expected(memory, available, scene)
    if starts_left(case, memory, scene.now) <= _NEARLY:
        # What has not lasted so far is not believed to last now.
        return min(expected, expected if memory.mean is None else memory.mean) >= least * _LASTING
    missing = max(0.0, least - expected) * case.settings.solar.min_on / 3600
    return missing <= case.settings.solar.stop_energy * _scale(case) / 2


def _expected(memory: SolarMemory, available: float, scene: Scene) -> float:
    """Return the mean surplus expected over the next minutes, in W."""
    ahead, solar = scene.snapshot.sun_ahead, scene.snapshot.solar
    if ahead is not None and solar is not None:
        return available + _TRUST_AHEAD * (ahead - solar.power)
    trend = available if memory.mean is None else memory.mean
    return available + _TRUST_TREND * min(0.0, trend - available)


def _scale(case: Case) -> float:
    return case.settings.minimum * case.per_amp / _REFERENCE
