"""Rooms that change with every second, without a command in each."""

from dataclasses import replace

from .rooms import Room
from .scene import Scene

_RISE = 1.5
"""So many steps have to fit before anybody rises: a room that swings about a step moves nobody."""


def calmed(room: Room, scene: Scene, *, over: float = 0.0) -> Room:
    """Return a room that leaves everybody what they have until enough for a step and a half is free.

    `over` are the steps that what they have may exceed it by: for rooms that are about a mean.
    """
    cases = [case for case in scene.cases if case.settings.id in room.loads]
    held = sum(max(0.0, case.memory.amps or 0.0) * room.loads[case.settings.id] for case in cases)
    step = max((case.settings.step * room.loads[case.settings.id] for case in cases), default=0.0)
    if held > 0 and held - over * step <= room.amount < held + _RISE * step:
        return replace(room, amount=held)
    return room
