"""The device bound of an AC charger whose contactor may move only so often: `actions` closings and openings together.

Each start is two of them: what closed opens as the car leaves, at the latest. The best way of a stay with no more than
so many starts is bounded as that with any number is (`pauses`), for each number from none on, with a value of energy of
its own. Stays have only the number in common: who saves a start today has it tomorrow. So the best that can be made of
all that are allowed is found by sharing them out, and no controller with so many actions can have cost less.

It knows everything beforehand to the second, and leaves out what the device bound leaves out.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.model import Stay, World

from .account import Account
from .device import device_bound, refined, spread_values, tied, without_car
from .modes import Modes
from .pauses import least_of_ways
from .seconds import account_steps
from .terms import Bound

type Floats = NDArray[np.float64]

ACTIONS: Final = 30
"""Closings and openings a week that a contactor is to get along with."""

_A_START = 2
_SHORTEST = 20
"""A start, its stop and the pause after it last no less, in s."""

_VALUES = 25
_ROUNDS = 2


def sparing_bound(world: World, modes: Modes, actions: float) -> Bound:
    """Return the least that a world with one AC charger can cost with no more actions than so many."""
    if not modes.groups:
        raise ValueError("only an AC charger has a contactor to spare")
    best, account, starts = device_bound(world, modes), Account.plain(world.tariff), int(actions // _A_START)
    shared = np.zeros(starts + 1)
    for stay in world.stays:
        shared = _shared_out(shared, _by_starts(world, stay, modes, account, starts))
    return replace(best, cost=max(best.cost, without_car(world, account) + float(shared[-1])))


def _by_starts(world: World, stay: Stay, modes: Modes, account: Account, starts: int) -> Floats:
    """Return the best bound of a stay for no more starts than each number, from none on, in EUR."""
    most = min(starts, (stay.depart - stay.arrive) // _SHORTEST + 1)
    values, best = spread_values(world, stay, modes, account, _VALUES), np.full(most + 1, -np.inf)
    for _ in range(_ROUNDS):
        ways = least_of_ways(account_steps(world, stay, account), modes, values, most)
        found = tied(ways, values, world, stay, modes)
        best = np.maximum(best, found.max(axis=1))
        values = refined(values, found.argmax(axis=1))
    return np.asarray(best)


def _shared_out(one: Floats, other: Floats) -> Floats:
    """Return the least sum of two for no more starts than each number of both together."""
    parts = [range(min(count + 1, len(other))) for count in range(len(one))]
    return np.array([min(one[count - part] + other[part] for part in each) for count, each in enumerate(parts)])
