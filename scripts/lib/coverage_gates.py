"""Hold the coverage of a run against its gates: coverage_gates.py ENGINE.json SUITE.json.

Both are reports of `coverage json`, the first of the engine's own tests where no Home Assistant is installed.
"""

import json
from pathlib import Path
import sys
from typing import TypedDict

INTEGRATION = "custom_components/smart_evse/"


class Summary(TypedDict):
    """The counts of one file that percentages are made of."""

    covered_lines: int
    num_statements: int
    covered_branches: int
    num_branches: int


class Measured(TypedDict):
    """One file of a report."""

    summary: Summary


class Report(TypedDict):
    """The part of a report we read: files by their path from the checkout."""

    files: dict[str, Measured]


def percent(report: Report, prefixes: tuple[str, ...]) -> float | None:
    """Lines and branches covered of all that there are below these paths; None where there is nothing."""
    counted = [measured["summary"] for path, measured in report["files"].items() if path.startswith(prefixes)]
    there = sum(one["num_statements"] + one["num_branches"] for one in counted)
    if not there:
        return None
    return 100 * sum(one["covered_lines"] + one["covered_branches"] for one in counted) / there


def main(engine_json: str, suite_json: str) -> int:
    """Print each gate with what was reached; the exit status says whether all hold."""
    engine: Report = json.loads(Path(engine_json).read_text(encoding="utf-8"))
    suite: Report = json.loads(Path(suite_json).read_text(encoding="utf-8"))
    gates = (
        ("engine, by its own tests", engine, (f"{INTEGRATION}engine/",), 95.0),
        ("config flow", suite, (f"{INTEGRATION}config_flow.py", f"{INTEGRATION}flows/"), 95.0),
        ("overall", suite, (INTEGRATION,), 90.0),
    )
    held = True
    for name, report, prefixes, least in gates:
        reached = percent(report, prefixes)
        good = reached is not None and reached >= least
        held = held and good
        shown = "nothing measured" if reached is None else f"{reached:.1f} %"
        print(f"{name}: {shown}, at least {least:.0f} % {'holds' if good else 'IS MISSED'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
