"""The controller scored beside other laws and what foresight could do, in a plant that ticks every second.

    scripts/bench control [--data DIR] [--scenario NAME ...] [--seeds N] [--laws NAME,...] [--json FILE]
                          [--group WORD] [--change WHAT] [--sensitivity] [--timelines DIR] [--keep DIR] [--page FILE]
                          [--jobs N]

DIR is a folder of recorded weeks (see `benchmarks/worlds/recordings.py`); without it the days that the project ships.
A scenario whose data are not there is skipped and says so. The same seed has the same seconds, car and driver.

captured: what a law saved, 0 as plug-in-and-go and 1 as the device bound, which knows the future and has this charger's
limits; in brackets where there is less than 5 EUR to save, void where more than 0.5 % of the energy was missing. The
spread is the standard deviation over weeks and seeds. V2H extra: what giving power back saved against the same law that
only charges, as a part of what it saves the device bound. x: multiples of a law that knows the house and loses no time.
The device bound at so many actions a week is what nobody can capture more than whose contactor closes and opens no more
often than that.
"""

import argparse
from collections.abc import Iterator
import json
from pathlib import Path
import shlex
import sys

from benchmarks.laws.table import LAWS
from benchmarks.scenarios.case import Judged, Scenario, Skipped
from benchmarks.scenarios.running import Job, Scores, run_all
from benchmarks.scenarios.sensitivity import CHANGES, USUAL
from benchmarks.scenarios.table import SCENARIOS, SENSITIVITY, scenario
from benchmarks.scores.compared import Compared, together
from benchmarks.scores.page import write_page
from benchmarks.scores.score import Score
from benchmarks.scores.shown import lines
from benchmarks.scores.written import as_json

type Results = dict[str, list[Compared]]


def jobs(options: argparse.Namespace, row: Scenario) -> list[Job]:
    """Return what there is to run of a scenario."""
    only = tuple(options.laws.split(",")) if options.laws else ()
    return [
        Job(
            scenario=row.name,
            group=group,
            seed=seed,
            data=options.data,
            only=only,
            change=options.change,
            timelines=options.timelines,
            keep=options.keep,
        )
        for group in row.groups(options.data)
        if options.group is None or options.group in group
        for seed in range(1, options.seeds + 1)
    ]


def compared(found: list[tuple[Job, Scores]]) -> list[Compared]:
    """Return the groups of a scenario, each with its seeds."""
    groups: dict[str, dict[str, list[Score]]] = {}
    for job, scores in found:
        for law, score in scores.items():
            groups.setdefault(job.group, {}).setdefault(law, []).append(score)
    return [Compared(name, runs) for name, runs in groups.items()]


def scored(options: argparse.Namespace) -> Iterator[tuple[Scenario, list[Compared]]]:
    """Yield each scenario that has data with its groups, and print those that have none."""
    for name in (*(options.scenario or SCENARIOS), *((SENSITIVITY.name,) if options.sensitivity else ())):
        row = scenario(name)
        try:
            wanted = jobs(options, row)
        except Skipped as why:
            print(f"\n{name} skipped: {why}")
            continue
        found = []
        for number, pair in enumerate(run_all(wanted, options.jobs), start=1):
            found.append(pair)
            _progress(f"{name}: {number} of {len(wanted)}")
        _progress("")
        yield row, compared(found)


def overall(results: Results) -> list[Compared]:
    """Return the weeks added up by tariff: what the saving is judged by."""
    weeks = [group for name in ("S1", "S2", "S3", "S4", "S5") for group in results.get(name, ())]
    kinds = ("fixed", "dynamic")
    sums = [together(f"all weeks, {kind}", [each for each in weeks if each.name.startswith(kind)]) for kind in kinds]
    return [each for each in sums if each.runs]


def main() -> None:
    """Score and print."""
    options = _options()
    results: Results = {}
    titles: dict[str, tuple[str, str]] = {}
    for row, groups in scored(options):
        results[row.name], titles[row.name] = groups, (f"{row.name}: {row.title}", row.judged)
        print()
        print(*lines(f"{row.name} {row.title}", row.judged, groups), *filter(None, (row.note,)), sep="\n", flush=True)
    if len(results) > 1 and (sums := overall(results)):
        results, titles = {"weeks": sums} | results, {"weeks": ("All weeks", Judged.MONEY)} | titles
        print()
        print(*lines("all weeks", Judged.MONEY, sums), sep="\n")
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(as_json(results), indent=1) + "\n")
    if options.page is not None:
        command = f"scripts/bench control {shlex.join(_shared(sys.argv[1:]))}"
        write_page(options.page, results, titles, command, shipped=options.data is None)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder of recorded weeks")
    parser.add_argument("--scenario", action="append", choices=tuple(SCENARIOS), help="only this one; may be repeated")
    parser.add_argument("--group", help="only the variants with this in their name")
    parser.add_argument(
        "--seeds", type=int, default=5, help="how often each, every time with another week of the driver"
    )
    parser.add_argument("--laws", help="only these, with commas between; plug-in-and-go and the bounds always run")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    parser.add_argument("--sensitivity", action="store_true", help="also over meter, lag, car and forecast")
    parser.add_argument("--change", choices=tuple(CHANGES), default=USUAL, help="change one thing of every scenario")
    parser.add_argument("--timelines", type=Path, metavar="DIR", help="write every run there, minute by minute")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep what is done there, and go on from it: all of it takes hours"
    )
    parser.add_argument("--page", type=Path, help="write a page with pictures there")
    parser.add_argument("--json", type=Path, help="write all scores there")
    options = parser.parse_args()
    unknown = set(options.laws.split(",")) - set(LAWS) if options.laws else set()
    if unknown:
        parser.error(f"no law {', '.join(sorted(unknown))}; there are: {', '.join(LAWS)}")
    return options


def _shared(arguments: list[str]) -> list[str]:
    """Return a command line as others would type it: where the data lie here is nobody's business."""
    words = list(arguments)
    for option in ("--keep", "--jobs"):
        if option in words:
            place = words.index(option)
            del words[place : place + 2]
    for option in ("--data", "--page", "--json"):
        if option in words:
            place = words.index(option) + 1
            words[place] = "DIR" if option == "--data" else Path(words[place]).name
    return words


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
