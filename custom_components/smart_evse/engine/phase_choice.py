"""One phase or three for the sun: the others are worth a switch once they would have brought more than it costs.

What a change costs is the pause in which the car takes nothing, and wear. What is lost by not changing adds up only
while it is lost, so no steady surplus is between the two for ever, and none makes the phases go to and fro.
"""

from dataclasses import replace

from .claims import Case
from .gentle import recent
from .model import Mode, SolarMemory
from .scene import Scene
from .turns import wanted

_PAUSE = 180.0
"""How long a car takes nothing because of a change, in s."""

_WEAR = 60.0
"""What a change of phases wears, told as energy in Wh."""

_MARGIN = 100.0
"""The others have to bring so much more, in W."""

_REST = 600.0
"""The least time between two changes, in s."""


def choose_phases(case: Case, memory: SolarMemory, available: float, seconds: float, scene: Scene) -> SolarMemory:
    """Return the memory with the phases that `available` W of sun are worth, `None` where there is no choice."""
    box, wired = case.settings, len(case.settings.phase_map)
    if case.reading is None:
        return memory
    if not (box.auto_phases and box.phase_switching and wired > 1) or 1 in (box.vehicle.phases, case.memory.car_phases):
        return replace(memory, phases=None, phase_gain=0.0)
    now = len(case.phases)
    other = wired if now == 1 else 1
    gain = _brings(case, other, available) - max(0.0, _brings(case, now, available)) - _MARGIN
    lost = max(0.0, memory.phase_gain + gain * seconds / 3600)
    due = gain > 0 and lost >= _cost(case, now, available, scene.now)
    if not due or not _may_switch(case, other, scene.now):
        return replace(memory, phase_gain=min(lost, 1000.0))
    return replace(memory, phases=other, phase_gain=0.0)


def _brings(case: Case, phases: int, available: float) -> float:
    """Return the W of sun that so many phases take, less what their minimum would have to buy."""
    per_amp = case.per_amp / len(case.phases) * phases
    most = wanted(case, case.settings.maximum) * per_amp
    bought = max(0.0, case.settings.minimum * per_amp - available)
    brings = min(available, most) - bought
    return brings if case.settings.mode is Mode.SOLAR_MIN else max(0.0, brings)


def _cost(case: Case, phases: int, available: float, now: float) -> float:
    """Return what a change costs in Wh: the more, the more there were today."""
    paused = max(0.0, _brings(case, phases, available)) * _PAUSE / 3600 if case.running else 0.0
    return paused + _WEAR * (1 + len(recent(case.memory.switches, now)))


def _may_switch(case: Case, other: int, now: float) -> bool:
    """Say whether the budget bears it: the last change of a day leads back to one phase, which serves all weathers."""
    switches = recent(case.memory.switches, now)
    left = case.settings.solar.switches_per_day - len(switches)
    rested = not switches or now - switches[-1] >= _REST
    return rested and left > (1 if other > 1 else 0)
