"""Which phases a connector uses, and the safe order of switching between one and three.

A contactor must not open under load, and some cars do not survive one phase turning into three:
0 A, measured below 0.5 A, two minutes of nothing, switch, and only then a current again.
"""

from dataclasses import dataclass, replace

from .car_phases import FLOWING
from .claims import Case, ceiling, discharge, reason
from .gentle import recent
from .model import Claim, ConnectorMemory, ConnectorReading, ConnectorSettings, Mode, Override, Rank, ReasonKey

_IDLE = 0.5
"""Below this no contactor minds being opened, in A."""

_PATIENCE = 60.0
"""How long a charger may take at least to say that it has switched, in s; then it is taken to refuse."""

_SETTLES = 3.0
"""A charger that follows late switches late, and tells of it later still: so many of its settle times."""

_AGAIN = 1800.0
"""A charger that refused is asked once more after this long, in s, within its budget: orders get lost on the way."""

_PAUSE = 120.0
"""How long a car has to see no current before the phases change, in s."""


_CHOOSING = (Mode.SMART, Mode.SOLAR, Mode.SOLAR_MIN)
"""The modes that weigh one phase against three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switching:
    """Where a change of phases stands: what to command now, and what holds the current at 0."""

    phases: int
    claims: tuple[Claim, ...] = ()
    memory: ConnectorMemory


def phases_in_use(settings: ConnectorSettings, memory: ConnectorMemory, reading: ConnectorReading | None) -> int:
    """Return how many phases the charger has switched on, as well as anyone can tell."""
    wired = len(settings.phase_map)
    told = reading.current_phases if reading is not None else None
    count = told or memory.phases or wired
    for known in (settings.vehicle.phases, memory.car_phases):
        count = count if known is None else min(count, known)
    if reading is not None and reading.currents is not None:
        # Another car than the one that was expected, or another wiring: what flows is the truth.
        flowing = (own + 1 for own, phase in enumerate(settings.phase_map) if abs(reading.currents[phase]) > FLOWING)
        count = max(count, *flowing, 1)
    return max(1, min(count, wired))


def switch_phases(case: Case, override: Override | None, now: float) -> Switching:
    """Say which phases to command, holding the current at 0 while a change is under way.

    A charger that was told and goes on to report the others refuses: it goes on as it is for a while.
    """
    memory, active = case.memory, _switched_on(case)
    wanted = _wanted(case, override)
    if case.reading is None:
        return Switching(phases=active, memory=replace(memory, idle_since=None))
    if not case.settings.phase_switching or wanted == active:
        stays = memory.phases == active and memory.idle_since is None
        return Switching(phases=active, memory=memory if stays else replace(memory, phases=active, idle_since=None))
    if memory.phases == wanted and memory.idle_since is None:
        if not _is_asked_again(case, now):
            return Switching(phases=active, memory=memory)
        memory = replace(memory, phases=active)
    since = (memory.idle_since if memory.idle_since is not None else now) if _is_idle(case) else None
    left = _PAUSE if since is None else _PAUSE - (now - since)
    if left < -max(_PATIENCE, _SETTLES * case.settings.settle):
        return Switching(phases=active, memory=replace(memory, phases=wanted, idle_since=None))
    why = reason(ReasonKey.PHASE_SWITCH, seconds=max(0.0, left), phases=f"{wanted}")
    held = (ceiling(Rank.CHARGER, 0.0, why), discharge(Rank.CHARGER, 0.0, why))
    if left > 0:
        return Switching(phases=active, claims=held, memory=replace(memory, idle_since=since))
    switches = memory.switches if memory.phases == wanted else (*recent(memory.switches, now), now)
    memory = replace(memory, phases=wanted, idle_since=since, switches=switches)
    return Switching(phases=wanted, claims=held, memory=memory)


def _is_asked_again(case: Case, now: float) -> bool:
    """Say whether a charger that refused to switch may be asked once more."""
    asked = recent(case.memory.switches, now)
    return len(asked) < case.settings.solar.switches_per_day and (not asked or now - asked[-1] >= _AGAIN)


def _wanted(case: Case, override: Override | None) -> int:
    """Return how many phases are asked for: by the driver, else by plan or sun, else all that are wired."""
    if override is not None and override.phases is not None:
        return override.phases
    if case.settings.auto_phases and case.settings.mode in _CHOOSING:
        memory = case.memory.smart if case.settings.mode is Mode.SMART else case.memory.solar
        return memory.phases or _switched_on(case)
    return len(case.settings.phase_map)


def _is_idle(case: Case) -> bool:
    """Say whether a contactor may be opened; where no current is measured the state has to tell."""
    if case.running or case.reading is None:
        return False
    if case.amps is not None:
        return abs(case.amps) < _IDLE
    return case.reading.state is not None and not case.reading.state.charging


def _switched_on(case: Case) -> int:
    told = case.reading.current_phases if case.reading is not None else None
    return told or case.memory.phases or len(case.settings.phase_map)
