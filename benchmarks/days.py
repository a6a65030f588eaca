"""The controller on recorded days, beside simple laws and what nobody can do better than.

    scripts/bench days [PATH ...] [--days N] [--seeds N] [--only balance|solar]

PATH is a recording or a folder of them (see `benchmarks/recorded/house.py`); by default the sample that the project
ships. Where a recording has no sun one is modelled, and the scenario says so. All laws drive the same box and car
(`benchmarks/recorded/car.py`). A ratio stands before each figure it is made of.

balance: 3 x 25 A, a car of 3 x 16 A that charges as fast as it may. `A·s over` is the integral above the fuse of all
phases, as a ratio to an ideal controller that knows the house, loses no time and keeps no margin; `longest` is the
longest of these overloads.

solar: a roof of 8 kWp, a car plugged in all day. `used` is the sun in the car as a ratio to all the surplus that fits
it, `bought` what it took from the grid as a ratio to its energy. `ideal` follows without any delay and buys nothing.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks.recorded.house import SAMPLE, Day, read_days, seconds
from benchmarks.recorded.laws import Balance, Ideal, Law, Ours, PlugInAndGo, Surplus
from benchmarks.recorded.score import Rig, Score, World, run
from benchmarks.recorded.sky import SKIES, measured, modelled
from custom_components.smart_evse.engine.model import ConnectorSettings, Mode, SiteSettings

FUSE = 25.0
KWP = 8.0

type Laws = dict[str, Callable[[], Law]]


def recordings(paths: Iterable[Path]) -> Iterator[Day]:
    """Yield each day of the recordings found."""
    for path in paths:
        for file in sorted(path.glob("*_1min.csv*")) if path.is_dir() else [path]:
            yield from read_days(file)


def site(mode: Mode, *, phases: tuple[int, ...] = (0, 1, 2), cadence: int = 1) -> SiteSettings:
    """Return the site as the integration would configure it."""
    box = ConnectorSettings(id="box:0", phase_map=phases, mode=mode)
    return SiteSettings(fuse=FUSE, grid_max_age=max(10.0, 3.0 * cadence), connectors=(box,))


def balance(day: Day, seed: int, cadence: int) -> dict[str, Score]:
    """Score all laws on a car at the fuse."""
    world = World(house=seconds(day, seed), sun=[0.0] * 24 * 3600)
    laws: Laws = {
        "plug in and go": PlugInAndGo,
        "every 30 s": lambda: Balance(FUSE, 30.0),
        "ideal": lambda: Ideal(FUSE, world.house),
        "ours": lambda: Ours(site(Mode.FAST, cadence=cadence)),
    }
    rig = Rig(fuse=FUSE, seed=seed, cadence=cadence)
    return {name: run(world, law(), rig) for name, law in laws.items()}


def solar(day: Day, sun: list[float], seed: int, phases: tuple[int, ...]) -> dict[str, Score]:
    """Score all laws on a car that follows the sun."""
    world = World(
        house=seconds(day, seed), sun=[KWP * power for power in sun], begin=int(5.5 * 3600), end=int(22.5 * 3600)
    )
    laws: Laws = {
        "plug in and go": PlugInAndGo,
        "surplus, every 30 s": lambda: Surplus(len(phases)),
        "same, delayed 60/180 s": lambda: Surplus(len(phases), start_after=60.0, stop_after=180.0),
        "ours": lambda: Ours(site(Mode.SOLAR, phases=phases)),
    }
    rig = Rig(fuse=FUSE, seed=seed, phases=phases)
    return {name: run(world, law(), rig) for name, law in laws.items()}


def show_balance(title: str, scores: dict[str, Score]) -> None:
    """Print one scenario of the fuse."""
    ideal, most = scores["ideal"], scores["plug in and go"].energy
    print(f"\n{title}")
    for name, score in scores.items():
        ratio = score.overload / ideal.overload if ideal.overload else float("nan")
        print(
            f"  {name:<24} A·s over {ratio:6.2f} ({score.overload:7.0f} A·s, {score.seconds_over:5d} s, longest "
            f"{score.longest:4d} s)  energy {score.energy / most:5.3f} ({score.energy / 1000:5.1f} kWh)  "
            f"{score.starts:3d} starts {score.commands:4d} commands"
        )


def show_solar(title: str, scores: dict[str, Score]) -> None:
    """Print one scenario of the sun."""
    print(f"\n{title}")
    first = next(iter(scores.values()))
    print(f"  {'ideal':<24} used {first.reachable / first.surplus:5.3f} ({first.reachable / 1000:5.1f} kWh)")
    for name, score in scores.items():
        used = score.from_sun / score.surplus
        bought = score.bought / score.energy if score.energy else 0.0
        print(
            f"  {name:<24} used {used:5.3f} ({score.from_sun / 1000:5.1f} kWh)  "
            f"bought {bought:5.3f} ({score.bought / 1000:5.2f} kWh)  {score.starts:3d} starts "
            f"{score.commands:4d} commands"
        )


def suns(day: Day, seed: int) -> Iterator[tuple[str, list[float]]]:
    """Yield the sun of a day: the measured one, or one modelled for each kind of weather."""
    if (sun := measured(day)) is not None:
        yield "sun measured", sun
        return
    for sky in SKIES:
        yield f"sun modelled, {sky.name}", modelled(sky, seed)


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[SAMPLE], metavar="PATH")
    parser.add_argument("--days", type=int, default=1, help="how many days of each recording")
    parser.add_argument("--seeds", type=int, default=1, help="how often each day, each time with another car")
    parser.add_argument("--only", choices=("balance", "solar"))
    options = parser.parse_args()
    days = [day for path in options.paths for day in list(recordings([path]))[: options.days]]
    for day in days:
        for seed in range(1, options.seeds + 1):
            if options.only != "solar":
                for cadence in (1, 10):
                    title = f"balance, {day.name}, seed {seed}, meter every {cadence} s"
                    show_balance(title, balance(day, seed, cadence))
            if options.only != "balance":
                for name, sun in suns(day, seed):
                    for phases in ((0, 1, 2), (0,)):
                        title = f"solar, {day.name}, {name}, seed {seed}, {len(phases)} phase{'s'[: len(phases) - 1]}"
                        show_solar(title, solar(day, sun, seed, phases))


if __name__ == "__main__":
    main()
