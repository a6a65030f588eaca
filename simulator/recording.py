"""What a household used, minute by minute, from a file; between minutes the seconds are made up.

A recording has a row for each step with `t_local` and `load_w` (mean over the step, W). A house with
one phase is laid on three: kitchen on L1, laundry on L2, heater on L3, the rest in thirds.
"""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
import gzip
from importlib.resources import files
from io import StringIO
from pathlib import Path
from random import Random
from typing import Final

SAMPLE: Final = "house_2007-05-12_4days_1min.csv.gz"
"""The recording that comes with the simulator; see `data/README.md`."""

_CIRCUITS: Final = ("kitchen_w", "laundry_w", "heater_ac_w")
_PHASES: Final = ("load_l1_w", "load_l2_w", "load_l3_w")
_FLICKER: Final = 0.02

type Watts = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Recording:
    """A household on three phases. `sun` is in W for each kWp, `None` where nobody measured it."""

    start: datetime
    step: timedelta
    load: tuple[Watts, ...]
    sun: tuple[float, ...] | None = None

    @classmethod
    def read(cls, path: Path | None = None) -> Recording:
        """Read a CSV file, gzipped or not; the sample without a path."""
        raw = (files("simulator") / "data" / SAMPLE).read_bytes() if path is None else path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
        rows = list(csv.DictReader(StringIO(text)))
        if len(rows) < 2:
            raise ValueError("a recording needs two rows at least")
        start, second = (datetime.fromisoformat(row["t_local"]) for row in rows[:2])
        plants = [name for name in rows[0] if name.startswith("pv_") and name.endswith("_w_per_kwp")]
        return cls(
            start=start,
            step=second - start,
            load=tuple(_phases(row) for row in rows),
            sun=tuple(float(row[plants[0]]) for row in rows) if plants else None,
        )

    def load_at(self, at: datetime, seed: int) -> Watts:
        """The load of each phase at an instant in W; after the end it begins again.

        The level of a minute begins at some second within it: means over a minute hide the edges.
        """
        index = (at - self.start) // self.step
        begun = (at - self.start) % self.step >= self.step * Random(seed * 7919 + index).random()
        level = self.load[(index if begun else index - 1) % len(self.load)]
        second = Random(seed * 104_729 + int((at - self.start).total_seconds()))
        l1, l2, l3 = (watts * (1 + second.uniform(-_FLICKER, _FLICKER)) for watts in level)
        return l1, l2, l3

    def per_kwp(self, at: datetime) -> float:
        """What the sun gave, W for each kWp, on a straight line between rows; 0 where it was not recorded."""
        if self.sun is None:
            return 0.0
        index, rest = divmod(at - self.start, self.step)
        now, then = self.sun[index % len(self.sun)], self.sun[(index + 1) % len(self.sun)]
        return now + (then - now) * (rest / self.step)


def _phases(row: dict[str, str]) -> Watts:
    if all(name in row for name in _PHASES):
        l1, l2, l3 = (float(row[name]) for name in _PHASES)
        return l1, l2, l3
    known = [float(row.get(name) or 0) for name in _CIRCUITS]
    # Meters of circuits and the main one are read a moment apart: the parts may exceed the whole.
    rest = max(0.0, float(row["load_w"]) - sum(known)) / 3
    l1, l2, l3 = (rest + watts for watts in known)
    return l1, l2, l3
