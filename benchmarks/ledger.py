"""How quickly a ledger answers as it grows: ten thousand, a hundred thousand, a million sessions.

    scripts/bench ledger [--sessions 10000,100000,1000000] [--intervals 20] [--verify 10000] [--folder DIR]

Sessions have twenty intervals each; a garage that grows has more drivers over the same five years. Questions are asked
of the books that sensors and actions ask, on a file on the disk. Times are on the clock, the best of fifteen: whatever
else runs on the machine is not the ledger's. Growth is the last over the first. Up to `--verify` sessions every record
and every table is looked at.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
import tempfile
import time

from benchmarks.bulk import BEGIN, Garage
from custom_components.smart_evse.ledger import Ledger, SessionFilter, SessionsBook
from custom_components.smart_evse.ledger.hours import through
from custom_components.smart_evse.people_pages import taken

REPEATS = 15
YEAR, MONTH = 2025, 6

SINCE = datetime(YEAR, MONTH, 1, tzinfo=UTC)
UNTIL = datetime(YEAR, MONTH + 1, 1, tzinfo=UTC)
NEW_YEAR = datetime(YEAR, 1, 1, tzinfo=UTC)
LAST = datetime(YEAR, 12, 20, tzinfo=UTC)


QUESTIONS: Mapping[str, Callable[[SessionsBook], object]] = {
    "last ten sessions": lambda book: book.sessions(SessionFilter(limit=10)),
    "last ten of a driver": lambda book: book.sessions(SessionFilter(driver="driver3", limit=10)),
    "last ten with intervals": lambda book: book.with_intervals(SessionFilter(limit=10)),
    "month of a driver, totals": lambda book: book.month_totals(YEAR, MONTH, driver="driver3"),
    "month statement of a driver": lambda book: book.with_intervals(
        SessionFilter(driver="driver3", since=SINCE, until=UNTIL)
    ),
    "month, all drivers": lambda book: book.month_totals(YEAR, MONTH),
    "month, the whole site": lambda book: book.month_totals(YEAR, MONTH, by=()),
    "year of a driver": lambda book: book.year_totals(YEAR, driver="driver3"),
    "year, all drivers": lambda book: book.year_totals(YEAR),
    "year, the whole site": lambda book: book.year_totals(YEAR, by=()),
    "months of a driver": lambda book: book.months_since(NEW_YEAR, driver="driver3"),
    "one session by its id": lambda book: book.session("session77"),
    "a driver's quota of this year": lambda book: taken(book.ledger, [("driver3", NEW_YEAR)]),
    "a driver's quota for ever": lambda book: taken(book.ledger, [("driver3", None)]),
    "statistics after a session": lambda book: through(book.ledger, "connector1", LAST),
}


def asked(book: SessionsBook, question: Callable[[SessionsBook], object]) -> float:
    """Return the time of an answer, in ms."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        question(book)
        times.append((time.perf_counter() - began) * 1000)
    return min(times)


def written(book: SessionsBook, run: int) -> tuple[float, float]:
    """Return the time to keep the state of a session that runs, and to put one on record, in ms."""
    ((model, intervals),) = book.with_intervals(SessionFilter(limit=1))
    saved, closed = [], []
    for number in range(REPEATS):
        told = replace(model, id=f"written {run} {number}", started=model.started + timedelta(seconds=number))
        began = time.perf_counter()
        book.save_open(told.connector, {"energy": number}, session=told.id, intervals=intervals[:1])
        saved.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        book.close_session(told, intervals[1:])
        closed.append((time.perf_counter() - began) * 1000)
    return min(saved), min(closed)


def measured(ledger: Ledger, run: int) -> dict[str, float]:
    """Return all times in ms, by what was asked."""
    book = SessionsBook(ledger)
    times = {name: asked(book, question) for name, question in QUESTIONS.items()}
    times["keep a running session"], times["put a session on record"] = written(book, run)
    return times


def report(counts: Sequence[int], runs: Sequence[Mapping[str, float]]) -> None:
    """Print a line for each question."""
    print(f"\n{'ms':<30}" + "".join(f"{count:>14,}" for count in counts) + f"{'growth':>10}")
    for name in runs[0]:
        times = [run[name] for run in runs]
        growth = f"x {times[-1] / times[0]:.1f}" if len(times) > 1 else ""
        print(f"{name:<30}" + "".join(f"{one:>14.2f}" for one in times) + f"{growth:>10}")


def main() -> None:
    """Grow, ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", default="10000,100000,1000000")
    parser.add_argument("--intervals", type=int, default=20)
    parser.add_argument("--verify", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    counts, runs = [int(count) for count in options.sessions.split(",")], []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        file = Path(folder) / "ledger.db"
        ledger = Ledger.open(file, "home", now=datetime(BEGIN.year, BEGIN.month, BEGIN.day, tzinfo=UTC))
        garage = Garage(ledger, intervals=options.intervals)
        for run, count in enumerate(counts):
            began = time.perf_counter()
            garage.grow(count)
            size = file.stat().st_size / 1e6
            print(f"{count:,} sessions in {time.perf_counter() - began:.0f} s, {size:,.0f} MB", flush=True)
            runs.append(measured(ledger, run))
            if count <= options.verify:
                began = time.perf_counter()
                verified = ledger.verify()
                seconds = time.perf_counter() - began
                print(f"{verified.records:,} records verified in {seconds:.1f} s, {len(verified.findings)} findings")
        ledger.close()
    report(counts, runs)


if __name__ == "__main__":
    main()
