"""Runs: each law on each case, in as many processes as asked for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
import time

import numpy as np

from benchmarks.bounds.garage import garage_bound
from benchmarks.bounds.home_battery import home_battery_bound
from benchmarks.bounds.modes import Modes
from benchmarks.bounds.peak import peak_bound
from benchmarks.bounds.sparing import sparing_bound
from benchmarks.bounds.terms import Bound
from benchmarks.laws.setup import Setup
from benchmarks.laws.table import IDEAL, LAWS, OURS_ONE_WAY, PLUG
from benchmarks.plant.intake import AVERAGE
from benchmarks.plant.rig import Rig, Trace
from benchmarks.plant.site import Site
from benchmarks.scenarios.case import Case, Watch
from benchmarks.scenarios.kept import keep, kept
from benchmarks.scenarios.sensitivity import CHANGES, USUAL
from benchmarks.scenarios.table import scenario
from benchmarks.scores.compared import BOUND, ONE_WAY, OPTIMUM, SPARING
from benchmarks.scores.measure import grid_currents, measure
from benchmarks.scores.score import Score
from benchmarks.scores.timeline import write_timeline
from benchmarks.worlds.model import World
from custom_components.smart_evse.engine.model import VOLTAGE

_RESERVE = 0.2
_WEEK = 7 * 86_400

type Scores = Mapping[str, Score]
"""What each law came to, the bounds among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One variant of a scenario by one seed. `only` names the laws to run, all of the scenario's when empty.

    `change` is one of `sensitivity.CHANGES`; into the folder `timelines` each run is written minute by minute. What the
    folder `keep` has already is not run again.
    """

    scenario: str
    group: str
    seed: int
    data: Path | None = None
    only: tuple[str, ...] = ()
    change: str = USUAL
    timelines: Path | None = None
    keep: Path | None = None


def run_all(jobs: Iterable[Job], processes: int) -> Iterator[tuple[Job, Scores]]:
    """Yield what each job came to, in order."""
    wanted = list(jobs)
    if processes <= 1:
        yield from ((job, run(job)) for job in wanted)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from zip(wanted, pool.map(run, wanted), strict=True)


def run(job: Job) -> Scores:
    """Run those laws of a job that are not done and kept."""
    row = scenario(job.scenario)
    needed = {PLUG, IDEAL, OURS_ONE_WAY}
    names = [name for name in row.laws if not job.only or name in job.only or name in needed]
    done = _file(job.keep, job, job.change, ".json")
    known = {} if done is None else kept(done)
    missing = [name for name in names if name not in known]
    if known and not missing:
        return known
    case = CHANGES[job.change](row.case(job.data, job.group, job.seed), job.seed)
    found = known or bounds(case)
    found |= {name: run_law(name, case, _file(job.timelines, job, name, ".csv")) for name in missing}
    scores = {name: found[name] for name in names} | found
    if done is not None:
        keep(done, scores)
    return scores


def _file(folder: Path | None, job: Job, what: str, suffix: str) -> Path | None:
    if folder is None:
        return None
    words = f"{job.scenario} {job.group} {job.seed} {what}".replace("/", "-").replace(",", "")
    return folder / f"{words.replace(' ', '_')}{suffix}"


def run_law(name: str, case: Case, timeline: Path | None = None) -> Score:
    """Run one law on a case, and write it down minute by minute where a file is named."""
    began = time.process_time()
    entry = LAWS[name]
    rig = entry.rig(case.rig)
    setup = Setup(rig=rig, truth=case.world, goal=case.goal, peak=case.peak)
    trace = Site(case.world, rig, lambda: entry.make(setup), case.forecasts, AVERAGE).run()
    score = measure(case.world, rig, trace)
    if timeline is not None:
        write_timeline(timeline, case.world, trace)
    return replace(
        score,
        cost=score.cost + (0.0 if case.peak is None else case.peak.cost(score.peak)),
        unsafe_s=0.0 if case.watch is None else unsafe(case.world, rig, trace, case.watch),
        runtime=time.process_time() - began,
    )


def bounds(case: Case) -> dict[str, Score]:
    """Return what foresight comes to on a case, where a bound is known."""
    devices = {BOUND: case.modes, ONE_WAY: case.base}
    found = {name: partial(_best, case, modes) for name, modes in devices.items() if modes is not None}
    if case.modes is not None and case.actions is not None:
        found[SPARING] = partial(sparing_bound, case.world, case.modes, case.actions * case.world.seconds / _WEEK)
    scores = {name: _bound(case, find) for name, find in found.items()}
    return scores | ({OPTIMUM: _optimum(case)} if case.rooms else {})


def _optimum(case: Case) -> Score:
    best = garage_bound(case.world, case.rooms)
    return Score(given=best.energy / 1e3, missing=best.missing / 1e3, wanted=(best.energy + best.missing) / 1e3)


def _bound(case: Case, find: Callable[[], Bound]) -> Score:
    began = time.process_time()
    best = find()
    return Score(
        cost=best.cost,
        given=best.energy / 1e3,
        missing=best.missing / 1e3,
        wanted=sum(stay.wanted for stay in case.world.stays) / 1e3,
        days=case.world.seconds / 86_400.0,
        runtime=time.process_time() - began,
    )


def _best(case: Case, modes: Modes) -> Bound:
    battery = case.rig.battery
    if battery is None:
        return peak_bound(case.world, modes, case.peak, reserve=_RESERVE)
    if case.peak is not None:
        raise ValueError("no bound knows both a price on the peak and a home battery")
    return home_battery_bound(case.world, modes, battery, reserve=_RESERVE)


def unsafe(world: World, rig: Rig, trace: Trace, watch: Watch) -> float:
    """Return for how many seconds of its watch a run was not safe."""
    span = slice(watch.begin, watch.end)
    if watch.most is not None:
        cars = trace.cars[:, span]
        return float(np.count_nonzero((cars.max(axis=0) > watch.most) | (cars.min(axis=0) < -watch.give - 0.5)))
    currents = grid_currents(world, trace)[:, span]
    above = (np.abs(currents).max(axis=0) > rig.fuse) | (-currents.sum(axis=0) * VOLTAGE > watch.fed)
    lasts = np.arange(len(above)) - np.maximum.accumulate(np.where(above, -1, np.arange(len(above))))
    return float(np.count_nonzero(lasts > watch.patience))
