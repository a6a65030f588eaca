"""A run minute by minute as CSV, for whoever wants to see why a figure is what it is."""

import csv
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.plant.rig import Trace
from benchmarks.plant.view import LOCAL
from benchmarks.worlds.model import World
from custom_components.smart_evse.engine.model import VOLTAGE

_MINUTE = 60
_HEAD = ("local", "plugged", "import_price", "export_price", "house_w", "sun_w", "car_w", "battery_w", "grid_w")


def write_timeline(file: Path, world: World, trace: Trace) -> None:
    """Write the means of each minute; the battery's power is positive out, the grid's positive in."""
    house, sun = _means(world.load.sum(axis=0)), _means(world.sun)
    car = _means(trace.cars.sum(axis=0) * VOLTAGE)
    battery = np.zeros_like(car) if trace.battery is None else _means(trace.battery)
    grid = house - sun + car - battery
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(_HEAD)
        for minute in range(len(house)):
            at = minute * _MINUTE
            slot = at // world.tariff.step
            table.writerow(
                (
                    (world.start + timedelta(seconds=at)).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M"),
                    int(any(begin <= at < end for begin, end in trace.plugged)),
                    round(float(world.tariff.import_price[slot]), 4),
                    round(float(world.tariff.export_price[slot]), 4),
                    *(round(float(each[minute])) for each in (house, sun, car, battery, grid)),
                )
            )


def _means(watts: NDArray[np.float32]) -> NDArray[np.float64]:
    whole = len(watts) // _MINUTE * _MINUTE
    return np.asarray(watts[:whole].reshape(-1, _MINUTE).mean(axis=1, dtype=np.float64))
