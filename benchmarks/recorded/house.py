"""A recorded household, and the seconds that one-minute means do not tell.

A recording is CSV, plain or gzip, one row a minute: `t_local` (wall clock), `load_w`, and where known
`load_l1_w` to `load_l3_w` and a column `pv_…_w_per_kwp`. Without phases the circuits `kitchen_w`, `laundry_w` and
`heater_ac_w` lie on L1, L2 and L3 and the rest in thirds: a split of ours, not measured.
"""

from collections.abc import Iterable, Iterator, Mapping
import csv
from dataclasses import dataclass
from datetime import datetime
import gzip
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Final

from custom_components.smart_evse.engine.model import VOLTAGE, PerPhase

SAMPLE: Final = Path(__file__).resolve().parents[2] / "simulator" / "data" / "house_2007-05-12_4days_1min.csv.gz"
"""Four days of a French house: UCI "Individual household electric power consumption", G. Hebrail, EDF, CC BY 4.0."""

_CIRCUITS = ("kitchen_w", "laundry_w", "heater_ac_w")
_KETTLE = 2_200.0
_KETTLES_A_DAY = 6
_HOB = 2_000.0
_HOB_FROM, _HOB_MINUTES = 18, 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """A minute's means: the load of each phase in W, and the sun in W for each kWp where it was measured."""

    at: datetime
    load: PerPhase
    sun: float | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a recording, a minute after another."""

    name: str
    minutes: tuple[Minute, ...]


def read_days(path: Path) -> Iterator[Day]:
    """Yield the whole days of a recording."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    minutes = [_minute(row) for row in csv.DictReader(text.splitlines())]
    for date, found in groupby(minutes, key=lambda minute: minute.at.date()):
        day = tuple(found)
        if len(day) == 24 * 60:
            yield Day(f"{path.name.split('.')[0]} {date}", day)


def seconds(day: Day, seed: int) -> list[PerPhase]:
    """Return the current of each phase for each second of a day, in A.

    Each minute's level starts at a second of its own. Kettles (2.2 kW for 3 min) and a hob that chops 2 kW at half a
    hertz come on top: a recording in minute means has their energy but not their edges.
    """
    rng = Random(seed)
    watts = [list(level) for level in _levels(day.minutes, rng)]
    for _ in range(_KETTLES_A_DAY):
        start, phase = rng.randrange(7 * 3600, 21 * 3600), rng.randrange(3)
        _add(watts, phase, range(start, start + 180), _KETTLE)
    start, phase = _HOB_FROM * 3600 + rng.randrange(3600), rng.randrange(3)
    _add(watts, phase, (t for t in range(start, start + 60 * _HOB_MINUTES) if t % 2), _HOB)
    return [PerPhase(*(power * rng.uniform(0.98, 1.02) / VOLTAGE for power in second)) for second in watts]


def _levels(minutes: Iterable[Minute], rng: Random) -> Iterator[PerPhase]:
    before = PerPhase()
    for minute in minutes:
        edge = rng.randrange(60)
        for second in range(60):
            yield before if second < edge else minute.load
        before = minute.load


def _add(watts: list[list[float]], phase: int, when: Iterable[int], power: float) -> None:
    for t in when:
        watts[t][phase] += power


def _minute(row: Mapping[str, str]) -> Minute:
    sun = next((float(value) for key, value in row.items() if key.startswith("pv_s") and value), None)
    return Minute(at=datetime.fromisoformat(row["t_local"]), load=_phases(row), sun=sun)


def _phases(row: Mapping[str, str]) -> PerPhase:
    if row.get("load_l1_w"):
        return PerPhase(*(float(row[f"load_l{phase}_w"]) for phase in (1, 2, 3)))
    circuits = [float(row.get(name) or 0) for name in _CIRCUITS]
    rest = max(0.0, float(row["load_w"]) - sum(circuits)) / 3
    return PerPhase(*(circuit + rest for circuit in circuits))
