"""The device bound: no controller of this charger can have cost less, whatever it knew.

A battery's energy has a value at each minute (EUR/kWh). For given values the best a charger can do falls apart into
single seconds: the mode with the least bill minus the value of what it puts into the battery. The sum of these,
corrected for the energy at the ends of the path and for the battery's limits, is below the cost of every sequence of
modes that may change at any second (Lagrange duality: whatever the values, a sum of least seconds is no more than a
feasible sum).
The best such bound is found by dynamic programming over the minutes on a grid of values: a coarser grid gives a lower
bound, never a wrong one.

An AC charger that needs its time to start again and to switch phases has the values found so far tried once more with
these pauses (`pauses`).

What it leaves out only makes it lower: the time to start at first and to follow, the taper, and how often a contactor
may move. A ramp passes powers that are no mode; that is less than a thousandth of a EUR a start.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.model import Stay, World

from .account import EUR, Account
from .modes import Modes
from .pauses import least_of_ways
from .seconds import account_steps
from .terms import WH_EUR, Bound, beyond_price, departure_cost, missing_price, reachable

type Floats = NDArray[np.float64]

_VALUES = 120
_FINE = 16
_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """The limits of a stay's battery in Wh: what is in it at first, and what it may hold at least and at most."""

    first: float
    least: float
    most: float

    @classmethod
    def of(cls, stay: Stay, modes: Modes, reserve: float) -> Self:
        """Return those of a stay; only a device that can give takes what is in the battery, down to `reserve` of it."""
        first = stay.soc * stay.capacity
        floor = first if modes.all_points[1].min() >= 0 else min(first, reserve * stay.capacity)
        return cls(first=first, least=floor, most=max(stay.capacity, first))


def device_bound(world: World, modes: Modes, *, reserve: float = 0.0, account: Account | None = None) -> Bound:
    """Return the least that a world with one charger can cost. A battery is not emptied below `reserve` of it.

    The grid costs what the `account` says, the bill when there is none.
    """
    account = account or Account.plain(world.tariff)
    cost = without_car(world, account)
    cost += sum(stay_bound(world, stay, modes, account, reserve=reserve) for stay in world.stays)
    gained = sum(reachable(stay, modes.fastest) for stay in world.stays)
    return Bound(cost=cost, energy=gained, missing=sum(stay.wanted for stay in world.stays) - gained)


def without_car(world: World, account: Account) -> float:
    """Return what the house costs while no car is there, in EUR."""
    stays = sorted(world.stays, key=lambda stay: stay.arrive)
    if any(after.arrive < before.depart for before, after in pairwise(stays)):
        raise ValueError("the device bound knows one charger at a time")
    gaps = zip([0, *(stay.depart for stay in stays)], [*(stay.arrive for stay in stays), world.seconds], strict=True)
    return sum(account.cost(world, begin, end) for begin, end in gaps)


def stay_bound(world: World, stay: Stay, modes: Modes, account: Account, *, reserve: float = 0.0) -> float:
    """Return the least that house and car together cost over a stay, in EUR."""
    battery = Battery.of(stay, modes, reserve)
    values = _values(world, stay, modes, account)
    coarse, path = _best_path(_minutes(world, stay, modes, account, values), values, world, stay, battery)
    values = refined(values, path)
    fine, path = _best_path(_minutes(world, stay, modes, account, values), values, world, stay, battery)
    if not modes.groups:
        return max(coarse, fine)
    return max(coarse, fine, _with_pauses(world, stay, modes, account, float(values[path].mean())))


def _with_pauses(world: World, stay: Stay, modes: Modes, account: Account, value: float) -> float:
    """Return the best bound with one value for the whole stay, first tried near one that is good without pauses."""
    near = value + max(abs(value), 0.05) * np.linspace(-0.03, 0.03, 7)
    values = np.unique(np.concatenate((near, spread_values(world, stay, modes, account, 13))))
    best = -np.inf
    for _ in range(2):
        ways = least_of_ways(account_steps(world, stay, account), modes, values)[0]
        found = tied(ways, values, world, stay, modes)
        best = max(best, float(found.max()))
        at = int(found.argmax())
        values = np.linspace(values[max(0, at - 1)], values[min(len(values) - 1, at + 1)], 13)
    return best


def tied(ways: Floats, values: Floats, world: World, stay: Stay, modes: Modes) -> Floats:
    """Return the bounds that least ways at these values (columns) come to with the energy at both ends, in EUR.

    A battery that only fills meets no limit before the end, so one value serves for the whole stay.
    """
    battery = Battery.of(stay, modes, 1.0)
    return np.asarray(ways - values * (battery.first * WH_EUR) + _end(values, world, stay, battery))


def spread_values(world: World, stay: Stay, modes: Modes, account: Account, count: int) -> Floats:
    """Return so many of the values to try, from the least to the most."""
    return np.asarray(np.quantile(_values(world, stay, modes, account), np.linspace(0, 1, count)))


def _values(world: World, stay: Stay, modes: Modes, account: Account) -> Floats:
    """Return the values to try: what a kWh in the battery can cost here, at each of the device's margins."""
    seen = np.unique(account.slopes[[row for row, _, _ in account.spans(stay.arrive, stay.depart)]])
    through = _efficiencies(modes)
    tried = np.unique(np.round(np.concatenate([seen / each for each in through]), 5))
    least, most = min(0.0, 2 * float(seen[0])), missing_price(world.tariff)
    inside = tried[(tried > least) & (tried < most)]
    if len(inside) > _VALUES:
        inside = np.quantile(inside, np.linspace(0, 1, _VALUES))
    ends = np.array([beyond_price(world.tariff, stay), *np.linspace(least, most, 24)])
    return np.unique(np.concatenate((ends, inside)))


def _efficiencies(modes: Modes) -> Floats:
    """Return kWh in the battery for a kWh at the wall at each power, and from one power to the next."""
    walls, batteries = modes.all_points
    used = walls != 0
    mean = batteries[used] / walls[used]
    margin = np.diff(batteries) / np.maximum(np.diff(walls), 1.0)
    found = np.concatenate((mean, margin))
    return np.unique(np.round(found[(found > 0.5) & (found < 2.0)], 3))


def refined(values: Floats, path: NDArray[np.intp]) -> Floats:
    """Return finer values around those that the best path uses."""
    used = np.unique(path)
    around = np.unique(np.clip(np.concatenate((used - 1, used, used + 1)), 0, len(values) - 1))
    if len(around) > _VALUES // 2:
        return values
    pairs = [i for i in around[:-1] if i + 1 in around]
    between = [np.linspace(values[i], values[i + 1], _FINE + 1) for i in pairs]
    return np.unique(np.concatenate((values[[0, -1]], values[around], *between)))


def _minutes(world: World, stay: Stay, modes: Modes, account: Account, values: Floats) -> Floats:
    """Return for each minute of a stay (rows) and each value the least bill minus value, in EUR."""
    rows = []
    for step in account_steps(world, stay, account):
        seconds = step.seconds(modes, values)
        rows.append(np.add.reduceat(seconds, np.arange(0, len(seconds), _MINUTE), axis=0))
    return np.asarray(np.concatenate(rows) * EUR)


def _best_path(
    minutes: Floats, values: Floats, world: World, stay: Stay, battery: Battery
) -> tuple[float, NDArray[np.intp]]:
    """Return the best bound over all paths of values, and the path.

    From one minute to the next a value may fall where the battery can be at its least, and rise where it can be at its
    most: each costs the change times that energy.
    """
    least, most = battery.least * WH_EUR, battery.most * WH_EUR
    best = minutes[0] - values * (battery.first * WH_EUR)
    came = np.empty(minutes.shape, dtype=np.intp)
    for i, row in enumerate(minutes[1:], start=1):
        rising, rise_from = _running(best + most * values)
        falling, fall_from = _running((best + least * values)[::-1])
        rising, falling = rising - most * values, falling[::-1] - least * values
        fall_from = len(values) - 1 - fall_from[::-1]
        came[i] = np.where(rising >= falling, rise_from, fall_from)
        best = np.maximum(rising, falling) + row
    best = best + _end(values, world, stay, battery)
    path = np.empty(len(minutes), dtype=np.intp)
    path[-1] = int(np.argmax(best))
    for i in range(len(minutes) - 1, 0, -1):
        path[i - 1] = came[i, path[i]]
    return float(best.max()), path


def _running(values: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Return the running maximum and where it was."""
    most = np.maximum.accumulate(values)
    where = np.maximum.accumulate(np.where(values >= most, np.arange(len(values)), 0))
    return most, where


def _end(values: Floats, world: World, stay: Stay, battery: Battery) -> Floats:
    """Return the least of what the departure costs plus the value of what is in the battery."""
    wanted = min(battery.first + stay.wanted, battery.most)
    ends = [
        values * (energy * WH_EUR) + departure_cost(world.tariff, stay, energy - battery.first)
        for energy in (battery.least, wanted, battery.most)
    ]
    return np.asarray(np.min(ends, axis=0))
