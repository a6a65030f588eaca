"""Recorded households as arrays: a folder of weeks, or the days that the project ships.

A week is CSV, plain or gzip, one row a minute: `t_local`, `t_utc` where known (else the wall clock is taken for Central
European), `load_w` or `load_l1_w` to `load_l3_w`, where known columns `pv_*_w_per_kwp`, and `price_eur_mwh`.
"""

from collections.abc import Mapping, Sequence
import csv
from dataclasses import dataclass
from datetime import UTC, datetime
import gzip
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

HOUSE: Final = Path(__file__).resolve().parents[2] / "simulator" / "data" / "house_2007-05-12_4days_1min.csv.gz"
"""Four days of a French house: UCI "Individual household electric power consumption", G. Hebrail, EDF, CC BY 4.0."""

SAMPLE: Final = Path(__file__).parent / "sample"
PRICES: Final = SAMPLE / "price_nl_2024-05_hourly.csv"
"""Ember, European wholesale electricity price data, CC BY 4.0."""

ROOF: Final = "pv_s35_w_per_kwp"
_ZONE: Final = ZoneInfo("Europe/Paris")
_CIRCUITS = ("kitchen_w", "laundry_w", "heater_ac_w")
_PRICE_DAY = datetime(2024, 5, 11, tzinfo=_ZONE)
"""The Saturday in the shipped prices that lies on the Saturday of the shipped house."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """What was measured, a value a minute: `load` of each phase in W, `sun` in W for each kWp, `spot` in EUR/kWh.

    `local` is the wall clock at the start. Without a measured sun or price these are `None`.
    """

    name: str
    start: datetime
    local: datetime
    load: NDArray[np.float64]
    sun: NDArray[np.float64] | None
    spot: NDArray[np.float64] | None

    @property
    def minutes(self) -> int:
        """How long it is."""
        return int(self.load.shape[1])


def recordings(folder: Path | None = None) -> tuple[Recording, ...]:
    """Return each week of a folder, by name; without a folder the shipped days with the shipped prices."""
    if folder is None:
        return (_shipped(),)
    return tuple(read(path) for path in sorted(folder.glob("week_*_1min.csv*")))


def read(path: Path) -> Recording:
    """Return one recording."""
    rows = read_rows(path)
    local = datetime.fromisoformat(rows[0]["t_local"])
    known = rows[0].get("t_utc")
    start = datetime.fromisoformat(known).replace(tzinfo=UTC) if known else local.replace(tzinfo=_ZONE).astimezone(UTC)
    return Recording(
        name=path.name.removesuffix(".gz").removesuffix(".csv").removesuffix("_1min").removeprefix("week_"),
        start=start,
        local=local,
        load=_phases(rows),
        sun=_column(rows, ROOF) if ROOF in rows[0] else None,
        spot=_column(rows, "price_eur_mwh") / 1000 if "price_eur_mwh" in rows[0] else None,
    )


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table, plain or gzip."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return list(csv.DictReader(text.splitlines()))


def spot_prices(path: Path, begin: datetime, seconds: int, step: int) -> NDArray[np.float64]:
    """Return the prices of a span in EUR/kWh, one each `step` s; a price holds until the next one in the table."""
    rows = read_rows(path)
    since = np.array([datetime.fromisoformat(row["t_utc"]).replace(tzinfo=UTC).timestamp() for row in rows])
    wanted = begin.timestamp() + np.arange(0, seconds, step)
    if wanted[0] < since[0] or wanted[-1] >= since[-1] + 3600:
        raise ValueError(f"{path.name} does not hold {begin} and the {seconds / 86400:.0f} days after")
    now = np.searchsorted(since, wanted, side="right") - 1
    return np.asarray(_column(rows, "eur_mwh")[now] / 1000)


def _shipped() -> Recording:
    house = read(HOUSE)
    lain = spot_prices(PRICES, _PRICE_DAY.astimezone(UTC), house.minutes * 60, 60)
    return Recording(name="shipped", start=house.start, local=house.local, load=house.load, sun=house.sun, spot=lain)


def _phases(rows: Sequence[Mapping[str, str]]) -> NDArray[np.float64]:
    if "load_l1_w" in rows[0]:
        return np.stack([_column(rows, f"load_l{phase}_w") for phase in (1, 2, 3)])
    nothing = np.zeros(len(rows))
    circuits = np.stack([_column(rows, name) if name in rows[0] else nothing for name in _CIRCUITS])
    rest = np.maximum(0.0, _column(rows, "load_w") - circuits.sum(axis=0))
    return np.asarray(circuits + rest / 3)


def _column(rows: Sequence[Mapping[str, str]], name: str) -> NDArray[np.float64]:
    """Return a column; where the recorder missed a minute it stays at what it last said."""
    values = np.array([float(row[name]) if row[name] else np.nan for row in rows])
    last = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(len(values))))
    return np.asarray(np.nan_to_num(values[last]))
