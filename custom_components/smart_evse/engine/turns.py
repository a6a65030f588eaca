"""Who comes first where not everyone's minimum fits, and what a car was seen to leave unused.

Within a priority those who wait take turns: whoever was served for its minimum run makes room for whoever
has waited longest. A car that takes nothing of what it is offered comes last.
"""

from dataclasses import replace

from .claims import Case
from .memory import AppetiteMemory, TurnMemory

_MIN_RUN = 900.0
"""A car that was served keeps its place this long, in s: a start is a wear of its contactor."""

_PRESSED = 900.0
"""A car that can wait no longer than this for its departure waits for nobody, in s."""

_SLACK = 1.0
"""A car that takes this much less than it may does not want it, in A."""

_ASKS = 0.5
"""One that comes this close to its limit wants more, in A."""

_FULL_FOR = 3600.0
"""A car that took nothing is not moved up the queue again for so long, in s."""

_DECIDING = 60.0
"""Cars take this long to make up their mind after a limit appears, in s."""


def turn(case: Case, amps: float, now: float, *, wanting: bool) -> TurnMemory:
    """Return since when a connector has been served or kept waiting; `amps` is what it gets now."""
    before = case.memory.turn
    if not wanting:
        return TurnMemory()
    if amps > 0:
        return TurnMemory(served_since=now if before.served_since is None else before.served_since)
    return TurnMemory(waiting_since=now if before.waiting_since is None else before.waiting_since)


def place(case: Case, now: float, spare: float | None = None) -> tuple[int, int, float, str]:
    """Return a connector's place in the queue: the least comes first.

    `spare` is how long a car that a plan cares for can still wait, in s: it goes by that and takes no turns.
    """
    settings, memory = case.settings, case.memory
    served, waiting = memory.turn.served_since, memory.turn.waiting_since
    if takes_nothing(memory.appetite):
        row, order = 5, 0.0
    elif served is not None and now - served < _MIN_RUN:
        row, order = 0, 0.0
    elif spare is not None:
        row, order = 1 if is_pressed(spare) else 4, spare
    elif served is not None:
        row, order = 3, -served
    else:
        row, order = 2, now if waiting is None else waiting
    return -settings.priority, row, order, settings.id


def is_pressed(spare: float | None) -> bool:
    """Say whether a car has to charge now to be ready when it leaves."""
    return spare is not None and spare < _PRESSED


def appetite(case: Case, now: float) -> AppetiteMemory:
    """Return what a car was seen to want of what it is offered."""
    known, offered, drawn = case.memory.appetite, case.memory.amps or 0.0, case.amps
    if not case.plugged or drawn is None:
        return AppetiteMemory()
    if offered <= 0:
        return known if takes_nothing(known) and now - known.since < _FULL_FOR else AppetiteMemory()
    if drawn >= min(offered, known.amps + _SLACK if known.amps is not None else offered) - _ASKS:
        return AppetiteMemory()
    asleep = drawn < _SLACK
    if now - case.memory.changed_at < (_DECIDING if asleep else case.settings.settle):
        return known
    if drawn > offered - _SLACK:
        return AppetiteMemory()
    return replace(known, amps=0.0 if asleep else drawn, since=now if known.amps is None else known.since)


def wanted(case: Case, wish: float) -> float:
    """Return the part of a wish that the car is known to take, in A: the rest is for others first."""
    known = case.memory.appetite.amps
    return wish if known is None else min(wish, max(case.settings.minimum, known + _SLACK))


def takes_nothing(memory: AppetiteMemory) -> bool:
    """Say whether a car left all of what it was offered."""
    return memory.amps == 0.0
