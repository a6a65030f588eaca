"""Many cars below one limit: a block of flats (S8) and a workplace (S9)."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.bounds.garage import fuse_rooms, limit_room
from benchmarks.plant.rig import Rig
from benchmarks.scenarios.case import Case, Goal, Skipped
from benchmarks.worlds.garage import CALTECH, HOMES, block, caltech
from benchmarks.worlds.model import World
from custom_components.smart_evse.engine.model import VOLTAGE

_BLOCK_FUSE: Final = 63.0
_LIMITS: Final = {"30 kW": 30_000.0, "50 kW": 50_000.0}
_MONTH: Final = 31
_SATURDAY: Final = 5


def block_groups(data: Path | None) -> tuple[str, ...]:
    _needs(data, HOMES)
    return ("63 A",)


def block_case(data: Path | None, group: str, seed: int) -> Case:
    """Return a night of twenty cars below thirty homes."""
    world = block(_needs(data, HOMES), seed=seed)
    rig = Rig(seed=seed, fuse=_BLOCK_FUSE)
    connectors: dict[int, tuple[int, ...]] = {stay.connector: (0, 1, 2) for stay in world.stays}
    rooms = tuple(fuse_rooms(world, rig.fuse, connectors))
    return Case(world=world, rig=rig, goal=Goal.READY, rooms=rooms)


def workplace_groups(data: Path | None) -> tuple[str, ...]:
    _needs(data, CALTECH)
    return tuple(_LIMITS)


def workplace_case(data: Path | None, group: str, seed: int) -> Case:
    """Return a working day of a month, another by each seed."""
    days = _working_days(_needs(data, CALTECH))
    world = caltech(_needs(data, CALTECH), first=days[(seed * 5) % len(days)], days=1)
    watts = _LIMITS[group]
    rig = Rig(seed=seed, fuse=watts / 3.0 / VOLTAGE, margin=0.0)
    rooms = (limit_room(world, watts, sorted({stay.connector for stay in world.stays})),)
    return Case(world=world, rig=rig, goal=Goal.READY, rooms=rooms)


@cache
def _working_days(folder: Path) -> tuple[int, ...]:
    """Return the days of the month on which people work and a dozen cars come."""
    month = caltech(folder, days=_MONTH)
    cars = np.bincount([stay.arrive // 86_400 for stay in month.stays], minlength=_MONTH)
    return tuple(day for day in range(_MONTH) if cars[day] > 12 and _weekday(month, day) < _SATURDAY)


def _weekday(month: World, day: int) -> int:
    return (month.start + timedelta(days=day)).weekday()


def _needs(data: Path | None, name: str) -> Path:
    if data is None or not (data / name).exists():
        raise Skipped(f"there is no {name}")
    return data
