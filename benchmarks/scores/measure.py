"""From a run, second by second, to its figures."""

from collections.abc import Iterator
from itertools import groupby
import statistics

import numpy as np
from numpy.typing import NDArray

from benchmarks.bounds.terms import departure_cost
from benchmarks.plant.fuse import GATES, melting_share
from benchmarks.plant.rig import Rig, Trace
from benchmarks.scores.score import Score
from benchmarks.worlds.model import World
from custom_components.smart_evse.engine.model import VOLTAGE

_HUNT = 300
_QUARTER = 900

type Watts = NDArray[np.float64]


def measure(world: World, rig: Rig, trace: Trace) -> Score:
    """Return the figures of a run."""
    car = trace.cars.astype(np.float64).sum(axis=0) * VOLTAGE
    house = world.load.astype(np.float64).sum(axis=0) - world.sun
    battery = np.zeros(world.seconds) if trace.battery is None else trace.battery.astype(np.float64)
    grid = house + car - battery
    from_sun = np.clip(-house, 0.0, None)
    drawn = np.clip(car, 0.0, None)
    lengths = list(_overloads(world, rig, trace))
    beats, plans = trace.beats, trace.plans
    return Score(
        cost=bill(world, grid) + _departures(world, trace) - _stored_value(world, rig, trace),
        wanted=sum(served.stay.wanted for served in trace.served) / 1e3,
        given=sum(served.given for served in trace.served) / 1e3,
        missing=sum(served.missing for served in trace.served) / 1e3,
        wall=float(drawn.sum()) / 3.6e6,
        from_sun=float(np.minimum(drawn, from_sun).sum()) / 3.6e6,
        fits=float(_fitting(from_sun[_present(world, trace)]).sum()) / 3.6e6,
        bought=float((drawn - np.minimum(drawn, from_sun)).sum()) / 3.6e6,
        sun=float(world.sun.sum(dtype=np.float64)) / 3.6e6,
        hunting=_hunting(grid, car) / 3.6e6,
        peak=_peak(grid) / 1e3,
        sessions=len(trace.served),
        outlets=len({served.stay.connector for served in trace.served}) or 1,
        days=world.seconds / 86_400.0,
        actions=trace.counts.actions,
        switches=trace.counts.switches,
        hard=trace.counts.hard,
        commands=trace.counts.commands,
        writes=trace.counts.writes,
        over_s=sum(length for length, _ in lengths),
        over_as=sum(area for _, area in lengths),
        safe_p95=float(np.percentile([length for length, _ in lengths], 95)) if lengths else 0.0,
        melt=_melted(world, rig, trace),
        beats=len(beats),
        beat_ms=1e3 * statistics.fmean(beats) if beats else 0.0,
        plans=len(plans),
        plan_ms=1e3 * statistics.fmean(plans) if plans else 0.0,
        plan_most_ms=1e3 * max(plans, default=0.0),
    )


def bill(world: World, grid: Watts) -> float:
    """Return what a power at the grid connection (W each second, import positive) costs in EUR."""
    slots = np.arange(world.seconds) // world.tariff.step
    bought = np.bincount(slots, np.clip(grid, 0.0, None))
    sold = np.bincount(slots, np.clip(-grid, 0.0, None))
    tariff, count = world.tariff, len(bought)
    return float(bought @ tariff.import_price[:count] - sold @ tariff.export_price[:count]) / 3.6e6


def grid_currents(world: World, trace: Trace) -> Watts:
    """Return the current of each phase at the grid connection, in A."""
    house = (world.load - world.sun / 3.0) / VOLTAGE + trace.cars
    return (house if trace.battery is None else house - trace.battery / 3.0 / VOLTAGE).astype(np.float64)


def _departures(world: World, trace: Trace) -> float:
    return sum(departure_cost(world.tariff, served.stay, served.given) for served in trace.served)


def _stored_value(world: World, rig: Rig, trace: Trace) -> float:
    """Return what the home battery holds more at the end than at the start, as it will be used, in EUR."""
    if rig.battery is None:
        return 0.0
    gained = (trace.stored[1] - trace.stored[0]) / 1e3
    return gained * rig.battery.efficiency * float(world.tariff.import_price.mean())


def _overloads(world: World, rig: Rig, trace: Trace) -> Iterator[tuple[int, float]]:
    """Yield how long each overload of any phase lasted, and its integral above the fuse in A·s over all phases."""
    excess = np.clip(np.abs(grid_currents(world, trace)) - rig.fuse, 0.0, None).sum(axis=0)
    at = np.flatnonzero(excess > 0)
    for _, found in groupby(enumerate(at.tolist()), key=lambda pair: pair[1] - pair[0]):
        seconds = [second for _, second in found]
        yield len(seconds), float(excess[seconds].sum())


def _melted(world: World, rig: Rig, trace: Trace) -> float:
    rating = int(rig.fuse)
    if rating not in GATES:
        return 0.0
    return max(melting_share(phase, rating) for phase in grid_currents(world, trace))


def _present(world: World, trace: Trace) -> NDArray[np.bool_]:
    """Return the seconds in which a car is plugged in."""
    there = np.zeros(world.seconds, dtype=np.bool_)
    for begin, end in trace.plugged:
        there[begin:end] = True
    return there


def _fitting(spare: Watts) -> Watts:
    """Return the most that 6 to 16 whole amperes over one or three phases take of a power."""
    one, three = (np.floor(np.minimum(spare / VOLTAGE / count, 16.0)) for count in (1, 3))
    single, triple = one * VOLTAGE * (one >= 6.0), three * VOLTAGE * 3.0 * (three >= 6.0)
    return np.asarray(np.maximum(single, triple))


def _hunting(grid: Watts, car: Watts) -> float:
    """Return the lesser of what was bought and fed in within each five minutes of charging, in W·s."""
    whole = len(grid) // _HUNT * _HUNT
    charging = np.abs(car[:whole]) > 0
    moving = np.where(charging, grid[:whole], 0.0).reshape(-1, _HUNT)
    bought, sold = np.clip(moving, 0.0, None).sum(axis=1), np.clip(-moving, 0.0, None).sum(axis=1)
    return float(np.minimum(bought, sold).sum())


def _peak(grid: Watts) -> float:
    whole = len(grid) // _QUARTER * _QUARTER
    return float(grid[:whole].reshape(-1, _QUARTER).mean(axis=1).max()) if whole else 0.0
