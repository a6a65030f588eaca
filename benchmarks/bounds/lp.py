"""The bound without device limits: any power from zero on, always at the best efficiency, known a minute at a time.

No real charger reaches it; it is what most papers mean by perfect foresight. Within a minute it nets import against
export, so that it lies below the device bound. Only where power is paid for being taken (a negative price) a real
charger may do better, by wasting more of it.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.efficiency import BEST_AC
from benchmarks.worlds.model import Stay, World

from .program import Indices, Program
from .terms import WH_EUR, Bound, beyond_price, grid_cost, missing_price, net, prices

MOST = 11_040.0
_MINUTE = 60

type Floats = NDArray[np.float64]


def lp_bound(
    world: World, *, power: float = MOST, efficiency: float = BEST_AC, back: float = 0.0, reserve: float = 0.0
) -> Bound:
    """Return the least that a world can cost: each car takes up to `power` W and gives up to `back` W at the wall."""
    if np.any(world.tariff.import_price < world.tariff.export_price):
        raise ValueError("power that earns more than it costs has no optimum")
    plugged = np.zeros(-(-world.seconds // _MINUTE), dtype=bool)
    for stay in world.stays:
        plugged[stay.arrive // _MINUTE : -(-stay.depart // _MINUTE)] = True
    program = Program()
    balance = _house(program, world, plugged)
    cars = [_car(program, world, stay, balance, (power, back, efficiency, reserve)) for stay in world.stays]
    cost, found = program.solve() if world.stays else (0.0, np.zeros(0))
    missing = sum(float(found[each[1]].sum()) for each in cars)
    into = [float(found[end].sum()) for end, _ in cars]
    gained = sum(into) - sum(stay.soc * stay.capacity for stay in world.stays)
    return Bound(cost=cost + _elsewhere(world, plugged), energy=gained, missing=missing)


def _house(program: Program, world: World, plugged: NDArray[np.bool_]) -> Indices:
    """Add what flows in and out in each minute with a car, in W; return the balance of each minute (-1: no car)."""
    minutes = np.flatnonzero(plugged)
    bought, sold = prices(world.tariff, 0, world.seconds)
    begins = minutes * _MINUTE
    ends = np.minimum(begins + _MINUTE, world.seconds)
    flow = net(world, 0, world.seconds)
    total = np.concatenate(([0.0], np.cumsum(flow)))
    mean = (total[ends] - total[begins]) / _MINUTE
    hour = _MINUTE / 3600 * WH_EUR
    inward = program.columns(len(minutes), cost=bought[begins] * hour)
    outward = program.columns(len(minutes), cost=-sold[begins] * hour)
    rows = program.rows(len(minutes), lower=mean, upper=mean)
    program.put(rows, inward, 1.0)
    program.put(rows, outward, -1.0)
    balance = np.full(len(plugged), -1, dtype=np.int32)
    balance[minutes] = rows
    return balance


def _car(
    program: Program, world: World, stay: Stay, balance: Indices, device: tuple[float, float, float, float]
) -> tuple[Indices, Indices]:
    """Add a stay; return the columns of the energy in the battery at its end, and of what is missing."""
    power, back, efficiency, reserve = device
    first, last = stay.arrive // _MINUTE, -(-stay.depart // _MINUTE)
    count = last - first
    begins = np.arange(first, last) * _MINUTE
    share = (np.minimum(begins + _MINUTE, stay.depart) - np.maximum(begins, stay.arrive)) / _MINUTE
    into = program.columns(count, upper=power * share)
    out = program.columns(count, upper=back * share)
    rows = balance[first:last]
    program.put(rows, into, -1.0)
    program.put(rows, out, 1.0)
    start = stay.soc * stay.capacity
    least = 0.0 if not back else min(start, reserve * stay.capacity)
    held = program.columns(count, lower=least, upper=max(stay.capacity, start))
    hour = _MINUTE / 3600
    steps = program.rows(count, lower=np.r_[start, np.zeros(count - 1)], upper=np.r_[start, np.zeros(count - 1)])
    program.put(steps, held, 1.0)
    program.put(steps[1:], held[:-1], -1.0)
    program.put(steps, into, -efficiency * hour)
    program.put(steps, out, hour / efficiency)
    missing = program.columns(1, cost=missing_price(world.tariff) * WH_EUR)
    beyond = program.columns(1, cost=-beyond_price(world.tariff, stay) * WH_EUR)
    end = program.rows(1, lower=start + stay.wanted, upper=start + stay.wanted)
    for column, sign in ((held[-1:], 1.0), (missing, 1.0), (beyond, -1.0)):
        program.put(end, column, sign)
    return held[-1:], missing


def _elsewhere(world: World, plugged: NDArray[np.bool_]) -> float:
    """Return what the house costs in the minutes without a car, in EUR."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], plugged, [True])).astype(int)))
    spans = zip(edges[::2] * _MINUTE, np.minimum(edges[1::2] * _MINUTE, world.seconds), strict=True)
    return sum(grid_cost(world, int(begin), int(end)) for begin, end in spans)
