"""The current that follows the sun: which step, and when a change of it is worth a command.

A deviation counts by the energy it costs. A small one may stand for a while, a large fall of the sun is followed at
once, and a rise waits until what was asked for last has been followed.
"""

from dataclasses import replace
import math

from .claims import Case
from .latency import settle_time
from .model import SolarMemory
from .scene import Scene
from .settings import SunBias

_BAND = 0.2
"""A change smaller than this is not worth a command however fine the charger's step, in A."""

_EXACT = 0.01
"""A surplus is told no finer than this, in A."""

_COARSE = 0.5
"""From this step on it matters which way it is rounded, in A."""

_TOLERATED = 0.65
"""A surplus that trembles about the middle between two steps is not chased: in steps."""

_WORTH = 0.8
"""The energy that a deviation has to cost before it is mended, in Wh."""

_AT_ONCE = 1500.0
"""A car that takes so much more than the sun gives comes down at once, in W."""

_SHORT = 1.0
"""Cars draw up to this much less than they are offered, in A."""

_LEARNING = 0.2

_MIDDLE = {SunBias.NEVER_IMPORT: 0.5, SunBias.BALANCED: 0.0, SunBias.NEVER_EXPORT: -0.5}
"""Where the middle of the surpluses lies that a step is right for, in steps above it."""


def track(case: Case, memory: SolarMemory, available: float, seconds: float, scene: Scene) -> SolarMemory:
    """Return the memory with the current that `available` W make, and what it deviates from them by now."""
    now, bias = scene.now, _bias(case, scene)
    short = shortfall(case, memory.short, now)
    wanted = available / case.per_amp + short
    goal, current = _rounded(max(0.0, wanted), case.settings.step, bias), memory.target
    if current is None:
        return replace(memory, short=short, target=goal, debt=0.0)
    error = wanted - current - _MIDDLE[bias] * case.settings.step
    low, high = _band(case, scene)
    if low <= error <= high or goal == current:
        return replace(memory, short=short, debt=0.0)
    debt = (memory.debt if memory.debt * error > 0 else 0.0) + error * case.per_amp * seconds / 3600
    due = abs(debt) >= _WORTH or -error * case.per_amp >= _AT_ONCE
    if due and (error < 0 or now - case.memory.changed_at >= settle_time(case)):
        return replace(memory, short=short, target=goal, debt=0.0)
    return replace(memory, short=short, debt=debt)


def _bias(case: Case, scene: Scene) -> SunBias:
    """Return which way a connector's step is rounded: a fine one downward, where the owner does not mind."""
    bias = scene.settings.sun_bias
    return SunBias.NEVER_IMPORT if bias is SunBias.BALANCED and case.settings.step < _COARSE else bias


def _band(case: Case, scene: Scene) -> tuple[float, float]:
    """Return how far from the middle a surplus may lie before it is followed, in A: never where it must not stay."""
    step = case.settings.step
    low = high = _TOLERATED * max(step, _BAND)
    match scene.settings.sun_bias:
        case SunBias.NEVER_IMPORT:
            low = min(low, step / 2 + _EXACT)
        case SunBias.NEVER_EXPORT:
            high = min(high, step / 2 + _EXACT)
        case SunBias.BALANCED:
            pass
    return -low, high


def _rounded(amps: float, step: float, bias: SunBias) -> float:
    steps = amps / step
    match bias:
        case SunBias.NEVER_IMPORT:
            whole = math.floor(steps + 1e-6)
        case SunBias.BALANCED:
            whole = math.ceil(steps - 0.5 - 1e-6)
        case SunBias.NEVER_EXPORT:
            whole = math.ceil(steps - 1e-6)
    return round(whole * step, 3)


def shortfall(case: Case, known: float, now: float) -> float:
    """Return what the car leaves of what it is offered, in A: the sun is what flows, not what is asked for."""
    offered, drawn, reading = case.memory.amps or 0.0, case.amps, case.reading
    settled = reading is not None and reading.at >= case.memory.changed_at + settle_time(case)
    if drawn is None or drawn <= 0 or not settled or abs(offered - drawn) > _SHORT:
        return known
    return known + _LEARNING * (max(0.0, offered - drawn) - known)
