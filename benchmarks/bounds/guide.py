"""Where good prices for a bound are found: a linear program of the whole span in slots of five minutes.

A bound holds at any such prices (`peak`, `home_battery`), so nothing here has to be exact: every charger is as good as
its best mode at any power, and what happens within a slot is netted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.plant.battery import BatteryModel
from benchmarks.worlds.model import PeakPrice, Stay, World

from .modes import Modes
from .program import Indices, Program
from .terms import WH_EUR, beyond_price, missing_price, net

type Floats = NDArray[np.float64]

QUARTER = 900
SLOT = 300
_HOUR = SLOT / 3600


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Guide:
    """For each whole quarter-hour its part of the `peak`'s price, in EUR/kW, and what a kWh `stored` is worth."""

    peak: Floats
    stored: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Site:
    """The program and its rows: what each slot's import minus export is, in W, and its columns."""

    program: Program
    balance: Indices
    inward: Indices
    outward: Indices
    means: Floats


def guides(
    world: World,
    modes: Modes,
    *,
    peak: PeakPrice | None = None,
    battery: BatteryModel | None = None,
    reserve: float = 0.0,
) -> Iterator[Guide]:
    """Yield prices at which a world without a device's steps is at its best, of many such: at a corner and amid."""
    site = _site(world)
    quarters = _peak(site, world, peak)
    flows = [_car(site, world, stay, modes, reserve) for stay in world.stays]
    stored = None if battery is None else _battery(site, world, battery, flows)
    for amid in (False, True):
        site.program.solve(amid=amid)
        yield Guide(
            peak=_known(site, quarters) * 1e3,
            stored=np.zeros(0) if stored is None else _known(site, stored) / WH_EUR,
        )


def _known(site: _Site, rows: Indices) -> Floats:
    return np.abs(np.nan_to_num(site.program.worth(rows), posinf=0.0, neginf=0.0))


def _site(world: World) -> _Site:
    begins = np.arange(0, world.seconds, SLOT)
    flow = net(world, 0, world.seconds)
    lengths = np.minimum(SLOT, world.seconds - begins)
    means = np.add.reduceat(flow, begins) / lengths
    rows = begins // world.tariff.step
    bought, sold = world.tariff.import_price[rows], world.tariff.export_price[rows]
    program = Program()
    inward = program.columns(len(begins), cost=np.maximum(bought, sold) * _HOUR * WH_EUR)
    outward = program.columns(len(begins), cost=-sold * _HOUR * WH_EUR)
    balance = program.rows(len(begins), lower=means, upper=means)
    program.put(balance, inward, 1.0)
    program.put(balance, outward, -1.0)
    return _Site(program, balance, inward, outward, np.asarray(means))


def _peak(site: _Site, world: World, known: PeakPrice | None) -> Indices:
    """Add the highest quarter-hour; return the row that says so of each."""
    program, whole = site.program, world.seconds // QUARTER
    if known is None:
        peak = program.columns(1)
    else:
        peak = program.columns(1, cost=known.price / 1e3, lower=known.floor * 1e3)
    rows = program.rows(whole, lower=0.0)
    program.put(rows, np.repeat(peak, whole), 1.0)
    part = SLOT / QUARTER
    slots = np.arange(whole * QUARTER // SLOT)
    program.put(rows[slots * SLOT // QUARTER], site.inward[slots], -part)
    program.put(rows[slots * SLOT // QUARTER], site.outward[slots], part)
    return rows


def _car(site: _Site, world: World, stay: Stay, modes: Modes, reserve: float) -> tuple[Indices, Indices, Indices]:
    """Add a stay; return its slots and the columns of what it takes and of what it gives, in W at the wall."""
    program, (walls, batteries) = site.program, modes.all_points
    least, most, fills, drains = float(walls.min()), float(walls.max()), walls > 0, walls < 0
    there = np.arange(stay.arrive // SLOT, -(-stay.depart // SLOT))
    share = (np.minimum((there + 1) * SLOT, stay.depart) - np.maximum(there * SLOT, stay.arrive)) / SLOT
    into = program.columns(len(there), upper=most * share)
    out = program.columns(len(there), upper=max(0.0, -least) * share)
    program.put(site.balance[there], into, -1.0)
    program.put(site.balance[there], out, 1.0)
    first = stay.soc * stay.capacity
    floor = first if least >= 0 else min(first, reserve * stay.capacity)
    held = program.columns(len(there), lower=floor, upper=max(stay.capacity, first))
    start = np.zeros(len(there))
    start[0] = first
    steps = program.rows(len(there), lower=start, upper=start)
    program.put(steps, held, 1.0)
    program.put(steps[1:], held[:-1], -1.0)
    program.put(steps, into, -float((batteries[fills] / walls[fills]).max()) * _HOUR)
    if drains.any():
        program.put(steps, out, float((batteries[drains] / walls[drains]).min()) * _HOUR)
    missing = program.columns(1, cost=missing_price(world.tariff) * WH_EUR)
    beyond = program.columns(1, cost=-beyond_price(world.tariff, stay) * WH_EUR)
    end = program.rows(1, lower=first + stay.wanted, upper=first + stay.wanted)
    for column, sign in ((held[-1:], 1.0), (missing, 1.0), (beyond, -1.0)):
        program.put(end, column, sign)
    return there.astype(np.int32), into, out


def _battery(
    site: _Site, world: World, battery: BatteryModel, flows: list[tuple[Indices, Indices, Indices]]
) -> Indices:
    """Add a home battery that takes only what is spare and gives only what is lacking; return its balance."""
    program, count = site.program, len(site.balance)
    into, out = (program.columns(count, upper=battery.power) for _ in range(2))
    program.put(site.balance, into, -1.0)
    program.put(site.balance, out, 1.0)
    spare = program.rows(count, upper=np.maximum(0.0, -site.means))
    lacking = program.rows(count, upper=np.maximum(0.0, site.means))
    program.put(spare, into, 1.0)
    program.put(lacking, out, 1.0)
    for there, taken, given in flows:
        program.put(spare[there], given, -1.0)
        program.put(lacking[there], taken, -1.0)
    value = battery.efficiency * float(world.tariff.import_price.mean()) * WH_EUR
    worth = np.zeros(count)
    worth[-1] = -value
    held = program.columns(count, cost=worth, upper=battery.capacity)
    start = np.zeros(count)
    start[0] = battery.start * battery.capacity
    steps = program.rows(count, lower=start, upper=start)
    program.put(steps, held, 1.0)
    program.put(steps[1:], held[:-1], -1.0)
    program.put(steps, into, -battery.efficiency * _HOUR)
    program.put(steps, out, _HOUR / battery.efficiency)
    return steps
