"""The device bound: no controller of this charger can have cost less, whatever it knew.

A battery's energy has a value at each minute (EUR/kWh). For given values the best a charger can do falls apart into
single seconds: the mode with the least bill minus the value of what it puts into the battery. The sum of these,
corrected for the energy at the ends of the path and for the battery's limits, is below the cost of every sequence of
modes that may change at any second (Lagrange duality: whatever the values, a sum of least seconds is no more than a
feasible sum).
The best such bound is found by dynamic programming over the minutes on a grid of values: a coarser grid gives a lower
bound, never a wrong one.

What it leaves out only makes it lower: the time to start, to ramp and to switch phases, the taper, and how often a
contactor may move. A ramp passes powers that are no mode; that is less than a thousandth of a EUR a start.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.model import Stay, World

from .modes import Modes, Points
from .terms import WH_EUR, Bound, beyond_price, departure_cost, grid_cost, missing_price, net, prices, reachable

type Floats = NDArray[np.float64]

_VALUES = 120
_FINE = 16
_MINUTE = 60
_EUR = WH_EUR / 3600
"""From W times s times EUR/kWh to EUR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """The limits of a stay's battery in Wh: what is in it at first, and what it may hold at least and at most."""

    first: float
    least: float
    most: float


def device_bound(world: World, modes: Modes, *, reserve: float = 0.0) -> Bound:
    """Return the least that a world with one charger can cost. A battery is not emptied below `reserve` of it."""
    stays = sorted(world.stays, key=lambda stay: stay.arrive)
    if any(after.arrive < before.depart for before, after in pairwise(stays)):
        raise ValueError("the device bound knows one charger at a time")
    gaps = zip([0, *(stay.depart for stay in stays)], [*(stay.arrive for stay in stays), world.seconds], strict=True)
    cost = sum(grid_cost(world, begin, end) for begin, end in gaps)
    cost += sum(stay_bound(world, stay, modes, reserve=reserve) for stay in stays)
    gained = [reachable(stay, modes.fastest) for stay in stays]
    return Bound(cost=cost, energy=sum(gained), missing=sum(stay.wanted for stay in stays) - sum(gained))


def stay_bound(world: World, stay: Stay, modes: Modes, *, reserve: float = 0.0) -> float:
    """Return the least that house and car together cost over a stay, in EUR."""
    first = stay.soc * stay.capacity
    floor = first if modes.all_points[1].min() >= 0 else min(first, reserve * stay.capacity)
    battery = Battery(first=first, least=floor, most=max(stay.capacity, first))
    values = _values(world, stay, modes)
    coarse, path = _best_path(_minutes(world, stay, modes, values), values, world, stay, battery)
    values = _refined(values, path)
    return max(coarse, _best_path(_minutes(world, stay, modes, values), values, world, stay, battery)[0])


def _values(world: World, stay: Stay, modes: Modes) -> Floats:
    """Return the values to try: what a kWh in the battery can cost here, at each of the device's margins."""
    bought, sold = prices(world.tariff, stay.arrive, stay.depart)
    seen = np.unique(np.concatenate((bought[::_MINUTE], sold[::_MINUTE])))
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


def _refined(values: Floats, path: NDArray[np.intp]) -> Floats:
    """Return finer values around those that the best path uses."""
    used = np.unique(path)
    around = np.unique(np.clip(np.concatenate((used - 1, used, used + 1)), 0, len(values) - 1))
    if len(around) > _VALUES // 2:
        return values
    pairs = [i for i in around[:-1] if i + 1 in around]
    between = [np.linspace(values[i], values[i + 1], _FINE + 1) for i in pairs]
    return np.unique(np.concatenate((values[[0, -1]], values[around], *between)))


def _minutes(world: World, stay: Stay, modes: Modes, values: Floats) -> Floats:
    """Return for each minute of a stay (rows) and each value the least bill minus value, in EUR."""
    spare = -net(world, stay.arrive, stay.depart)
    step = world.tariff.step
    rows = []
    for at in range(stay.arrive // step, -(-stay.depart // step)):
        begin, end = max(stay.arrive, at * step), min(stay.depart, (at + 1) * step)
        pair = float(world.tariff.import_price[at]), float(world.tariff.export_price[at])
        seconds = _seconds(spare[begin - stay.arrive : end - stay.arrive], pair, modes, values)
        rows.append(np.add.reduceat(seconds, np.arange(0, end - begin, _MINUTE), axis=0))
    return np.asarray(np.concatenate(rows) * _EUR)


def _seconds(spare: Floats, pair: tuple[float, float], modes: Modes, values: Floats) -> Floats:
    """Return for each second and each value the least bill minus value, in W times EUR/kWh.

    Up to what the house has to spare a mode costs the export that is lost, above it the import: the best mode of either
    kind depends on the price alone, so each second looks its own up.
    """
    bought, sold = pair
    walls, batteries = modes.all_points
    nothing = np.full((1, len(values)), np.inf)
    worth = batteries[:, None] * values
    below = np.concatenate((nothing, np.minimum.accumulate(sold * walls[:, None] - worth)))
    above = np.minimum.accumulate((bought * walls[:, None] - worth)[::-1])[::-1]
    above = np.concatenate((above, nothing))
    fits = np.searchsorted(walls, spare, side="right")
    least = np.minimum(below[fits] - (sold * spare)[:, None], above[fits] - (bought * spare)[:, None])
    for each in modes.ranges:
        _take_exactly(least, spare, each, values)
    return np.asarray(least)


def _take_exactly(least: Floats, spare: Floats, between: Points, values: Floats) -> None:
    """Let a device without steps take just what is spare: no import and no export."""
    walls, batteries = between
    fits = (spare >= walls[0]) & (spare <= walls[-1])
    into = np.interp(spare[fits], walls, batteries)
    least[fits] = np.minimum(least[fits], -into[:, None] * values)


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
