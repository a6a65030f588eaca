"""How long box and car take to follow a limit: learned from what was decided and what flowed then.

Only a change that asks for something else of a car that followed the limit before proves anything, and only while no
other change came in between. The learned time leans to the slow side: a loop that is a little slow is calm.
"""

from dataclasses import replace

from .claims import Case
from .memory import LatencyMemory

_STEP = 2.0
"""The smallest change worth timing, in A: cars wander by less."""

_FOLLOWED = 1.2
"""A car within this of its limit follows it, in A."""

_ARRIVED = 0.7
"""The part of a change that has arrived when the change has: the rest may be the car's own."""

_SLOWER, _FASTER = 0.5, 0.1
"""How far a slower and a faster answer move what is known."""

_ENOUGH = 3
"""So many answers are needed before the declared time is no longer taken."""

_SPARE = 1.0
"""Added to what was learned, in s: the charger is not read all the time."""


def settle_time(case: Case) -> float:
    """Return how long a limit takes to be followed, in s: as learned, at most as declared."""
    learned = case.memory.latency
    if learned.seconds is None or learned.samples < _ENOUGH:
        return case.settings.settle
    return min(case.settings.settle, learned.seconds + _SPARE)


def changing(case: Case, amps: float) -> LatencyMemory:
    """Begin to time a change to `amps`, from the current measured now."""
    memory, drawn, before = case.memory.latency, case.amps, case.memory.amps or 0.0
    follows = drawn is not None and drawn > 0 and abs(drawn - before) <= _FOLLOWED
    timed = follows and amps >= case.settings.minimum and drawn is not None and abs(amps - drawn) >= _STEP
    return replace(memory, origin=drawn if timed else None)


def following(case: Case, now: float) -> LatencyMemory:
    """Return what is known once a reading shows that the change has arrived, or its time is over."""
    memory, reading, drawn, wanted = case.memory.latency, case.reading, case.amps, case.memory.amps
    if memory.origin is None or reading is None or drawn is None or wanted is None:
        return memory
    asked = wanted - memory.origin
    declared = case.settings.settle
    if reading.at > case.memory.changed_at and (drawn - memory.origin) / asked >= _ARRIVED:
        return _learn(memory, min(declared, reading.at - case.memory.changed_at))
    return _learn(memory, declared) if now - case.memory.changed_at >= declared else memory


def _learn(memory: LatencyMemory, seconds: float) -> LatencyMemory:
    if memory.seconds is None:
        return LatencyMemory(seconds=seconds, samples=1)
    pace = _SLOWER if seconds > memory.seconds else _FASTER
    return LatencyMemory(seconds=memory.seconds + pace * (seconds - memory.seconds), samples=memory.samples + 1)
