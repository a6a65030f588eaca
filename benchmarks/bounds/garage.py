"""What a garage can deliver at most, if arrivals, departures and needs are all known beforehand.

Power is continuous and at its best efficiency, without a minimum current, and what is left is pooled over five minutes:
all of which only raises the bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.efficiency import BEST_AC
from benchmarks.worlds.model import World

from .program import Program
from .terms import Bound

SLOT = 300
_WH = SLOT / 3600

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Room:
    """A limit on a sum of cars: W in each slot at the wall, and the share of each connector's power that it counts."""

    amount: Floats
    shares: dict[int, float]


def limit_room(world: World, watts: float, connectors: Sequence[int]) -> Room:
    """Return one limit for the power of all cars together."""
    slots = -(-world.seconds // SLOT)
    return Room(amount=np.full(slots, watts), shares=dict.fromkeys(connectors, 1.0))


def fuse_rooms(world: World, amps: float, phases: dict[int, tuple[int, ...]], *, voltage: float = 230.0) -> list[Room]:
    """Return a room for each phase below a fuse: what the house leaves, for cars on these grid phases (0 to 2)."""
    return [
        Room(
            amount=_slots(np.maximum(0.0, amps * voltage - world.load[phase].astype(np.float64))),
            shares={key: 1.0 / len(used) for key, used in phases.items() if phase in used},
        )
        for phase in range(3)
    ]


def garage_bound(world: World, rooms: Sequence[Room], *, power: float = 11_040.0, efficiency: float = BEST_AC) -> Bound:
    """Return the most that can be delivered into the batteries; the cost is left at 0. `power` is a car's, in W."""
    program = Program()
    in_slot = [program.rows(len(room.amount), upper=room.amount) for room in rooms]
    for stay in world.stays:
        first, last = stay.arrive // SLOT, -(-stay.depart // SLOT)
        begins = np.arange(first, last) * SLOT
        there = (np.minimum(begins + SLOT, stay.depart) - np.maximum(begins, stay.arrive)) / SLOT
        drawn = program.columns(last - first, cost=-efficiency * _WH, upper=power * there)
        need = program.rows(1, upper=stay.wanted)
        program.put(need, drawn, efficiency * _WH)
        for rows, room in zip(in_slot, rooms, strict=True):
            if stay.connector in room.shares:
                program.put(rows[first:last], drawn, room.shares[stay.connector])
    cost, _ = program.solve() if world.stays else (0.0, None)
    wanted = sum(stay.wanted for stay in world.stays)
    return Bound(cost=0.0, energy=-cost, missing=wanted + cost)


def _slots(seconds: Floats) -> Floats:
    begins = np.arange(0, len(seconds), SLOT)
    return np.asarray(np.add.reduceat(seconds, begins) / np.diff(np.append(begins, len(seconds))))
