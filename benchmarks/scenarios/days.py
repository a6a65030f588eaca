"""A car at a house for a day: clouds (S6), the fuse (S7), every fault of the meter (S12), a restart (S13)."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.plant.box import CLOUD
from benchmarks.plant.converter import FAST_CONVERTER
from benchmarks.plant.meter import EVERY_10_S, EVERY_SECOND, Failing, Fault, MeterModel
from benchmarks.plant.rig import Rig
from benchmarks.scenarios.case import Case, Goal, Watch
from benchmarks.scenarios.weeks import weeks
from benchmarks.worlds.model import Stay, Tariff, World
from benchmarks.worlds.weeks import world
from custom_components.smart_evse.engine.model import VOLTAGE

DAY: Final = 86_400
_METERS: Final = {"1 s meter": EVERY_SECOND, "10 s meter": EVERY_10_S}
_HOUR = 3_600
_BIG: Final = 100_000.0
"""A battery in Wh that no day fills: the law ends the charge and nothing else."""


def cloud_groups(data: Path | None) -> tuple[str, ...]:
    return tuple(_METERS)


def cloud_case(data: Path | None, group: str, seed: int) -> Case:
    """Return the day with the steepest sun of all weeks, a car plugged in while it is up."""
    candidates = [world(recording, seed=seed) for recording in weeks(data)]
    days = [(each, day) for each in candidates for day in range(each.seconds // DAY)]
    found, day = max(days, key=lambda pair: _roughness(*pair))
    made = cut(found, day * DAY, (day + 1) * DAY)
    made = replace(made, stays=(_all_day(int(5.5 * _HOUR), int(22.5 * _HOUR)),))
    return Case(world=made, rig=Rig(seed=seed, meter=_METERS[group]), goal=Goal.SOLAR)


def fuse_groups(data: Path | None) -> tuple[str, ...]:
    return (*_METERS, "10 s meter, cloud charger")


def fuse_case(data: Path | None, group: str, seed: int) -> Case:
    """Return a busy day of a house without sun, and a car that may take all there is; each seed takes another house."""
    found = weeks(data)
    recording = found[seed % len(found)]
    dark = world(recording, seed=seed, kwp=0.0)
    busiest = sorted(range(dark.seconds // DAY), key=lambda each: -_crowding(dark, each))
    day = busiest[seed // len(found) % len(busiest)]
    made = replace(cut(dark, day * DAY, (day + 1) * DAY), stays=(_all_day(_HOUR, DAY),))
    rig = Rig(seed=seed, meter=_METERS[group.split(",", maxsplit=1)[0]])
    if "cloud" in group:
        rig = replace(rig, outlets=(CLOUD,))
    return Case(world=made, rig=rig, goal=Goal.FAST)


_FAULT_AT, _FAULT_FOR = 1_200, 300
_ENDS = 2_400
_FED = 300.0
"""More than this into the grid is what a car gave that nobody asked for, in W."""


def fault_groups(data: Path | None) -> tuple[str, ...]:
    return tuple(f"{kind}, {way}" for kind in Failing for way in ("charging", "discharging"))


def fault_case(data: Path | None, group: str, seed: int) -> Case:
    """Return three quarters of an hour in which a meter goes wrong for minutes, and the house changes meanwhile.

    An oven and a kettle come on where a car charges, and an oven goes off that a car feeds.
    """
    kind, way = group.rsplit(", ", 1)
    fault = Fault(kind=Failing(kind), begin=_FAULT_AT, end=_FAULT_AT + _FAULT_FOR)
    made = _quiet_house(seed, giving=way == "discharging")
    rig = Rig(seed=seed, meter=EVERY_SECOND, faults=(fault,))
    if way == "discharging":
        rig = replace(rig, outlets=(FAST_CONVERTER,))
    goal = Goal.FAST if way == "charging" else Goal.GIVE
    return Case(world=made, rig=rig, goal=goal, watch=_watch(fault, rig.meter))


def _watch(fault: Fault, meter: MeterModel) -> Watch:
    """Return what safe means: at rest where a silence is noticed, else within the fuse and feeding nothing in."""
    stale, follow = max(10, 3 * meter.cadence), 10
    if fault.kind in (Failing.GAP, Failing.UNAVAILABLE, Failing.PHASE):
        return Watch(begin=fault.begin + stale + follow, end=fault.end, most=0.5)
    return Watch(begin=fault.begin, end=fault.end, fed=_FED, patience=stale + follow)


def restart_groups(data: Path | None) -> tuple[str, ...]:
    return ("charging", "discharging")


def restart_case(data: Path | None, group: str, seed: int) -> Case:
    """Return the same house with a controller that is gone for 45 s and comes back with nothing in mind."""
    made = _quiet_house(seed, giving=group == "discharging")
    rig = Rig(seed=seed, meter=EVERY_SECOND, outages=((_FAULT_AT, _FAULT_AT + 45),))
    if group == "discharging":
        rig = replace(rig, outlets=(FAST_CONVERTER,))
    goal = Goal.FAST if group == "charging" else Goal.GIVE
    return Case(world=made, rig=rig, goal=goal, watch=Watch(begin=_FAULT_AT + 45, end=_ENDS, fed=_FED))


def cut(whole: World, begin: int, end: int) -> World:
    """Return a part of a world without its stays; prices as they are then."""
    step = whole.tariff.step
    part = slice(begin // step, -(-end // step))
    tariff = Tariff(
        import_price=whole.tariff.import_price[part], export_price=whole.tariff.export_price[part], step=step
    )
    return World(
        name=whole.name,
        start=whole.start.fromtimestamp(whole.start.timestamp() + begin, whole.start.tzinfo),
        seconds=end - begin,
        load=whole.load[:, begin:end],
        sun=whole.sun[begin:end],
        tariff=tariff,
    )


def _roughness(found: World, day: int) -> float:
    sun = found.sun[day * DAY : (day + 1) * DAY].reshape(-1, 60).mean(axis=1)
    return float(np.abs(np.diff(sun)).sum())


def _crowding(found: World, day: int) -> float:
    """Return how much of a day a house leaves too little for a car of 16 A below 25 A, in A·s."""
    amps = found.load[:, day * DAY : (day + 1) * DAY] / VOLTAGE
    return float(np.clip(amps - 9.0, 0.0, None).sum())


def _all_day(begin: int, end: int) -> Stay:
    return Stay(connector=0, arrive=begin, depart=end, wanted=_BIG * 0.7, capacity=_BIG, soc=0.1)


def _quiet_house(seed: int, *, giving: bool) -> World:
    """Return a house of 400 W in which an oven and a kettle come on L1 soon after the fault.

    For a car to feed it is one of 2.5 kW beside an oven, which goes off.
    """
    rng = np.random.default_rng(seed)
    load = np.full((3, _ENDS), 400.0 / 3.0)
    at = _FAULT_AT + 3 + int(rng.integers(0, 20))
    if giving:
        load += 700.0
        load[0, :at] += 3_000.0
    else:
        load[0, at : at + 600] += 3_000.0
        load[0, at : at + 180] += 2_200.0
    load *= rng.uniform(0.98, 1.02, size=load.shape)
    prices = np.full(1, 0.3)
    return World(
        name="quiet house",
        start=weeks(None)[0].start,
        seconds=_ENDS,
        load=load.astype(np.float32),
        sun=np.zeros(_ENDS, dtype=np.float32),
        tariff=Tariff(import_price=prices, export_price=prices * 0.3, step=_HOUR),
        stays=(Stay(connector=0, arrive=60, depart=_ENDS, wanted=30_000.0, capacity=60_000.0, soc=0.4),),
    )
