"""What a contract says that is no market price: a fixed price, day and night, surcharges and tax, as data."""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from ..engine.forecast.prices import EVERY_DAY, Band, Contract

BAND_START = "start"
BAND_END = "end"
BAND_WEEKDAYS = "weekdays"
BAND_ADD = "add"


def contract(
    *, market: bool, factor: float = 1.0, add: float = 0.0, vat: float = 0.0, bands: Iterable[Mapping[str, Any]] = ()
) -> Contract:
    """Make a contract: prices in currency per kWh, `vat` in %. Bands that cannot be read are left out."""
    read = (band_of(data) for data in bands)
    return Contract(
        market=market, factor=factor, add=add, vat=vat / 100, bands=tuple(band for band in read if band is not None)
    )


def band_of(data: Mapping[str, Any]) -> Band | None:
    """Read a band: `start` and `end` as "07:00", `weekdays` as 0 (Monday) to 6 (all without), `add` more per kWh."""
    try:
        days = data.get(BAND_WEEKDAYS)
        return Band(
            add=float(data[BAND_ADD]),
            weekdays=EVERY_DAY if days is None else frozenset(int(day) for day in days),
            start=time.fromisoformat(data.get(BAND_START, "00:00")),
            end=time.fromisoformat(data.get(BAND_END, "00:00")),
        )
    except KeyError, TypeError, ValueError:
        return None
