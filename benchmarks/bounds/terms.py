"""What a bound and a score agree on: how money is counted.

The house is settled second by second over its phases together: what flows in costs the import price, what flows out
earns the export price, the house's own load and sun included, so that power back to the house counts. Energy that a car
misses at departure costs twice the highest price of the span, more than any way of charging it. Energy beyond what was
wanted is worth the least that it can have cost during the stay, so that nobody gains by stocking up and nobody loses by
overshooting a little.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.efficiency import BEST_AC
from benchmarks.worlds.model import Stay, Tariff, World

WH_EUR = 1e-3
"""From Wh times EUR/kWh to EUR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What foresight comes to: `cost` in EUR, `energy` into the batteries and `missing` at departure in Wh."""

    cost: float
    energy: float
    missing: float


def prices(tariff: Tariff, begin: int, end: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return import and export price of each second of a span, in EUR/kWh."""
    step = np.arange(begin, end) // tariff.step
    return tariff.import_price[step], tariff.export_price[step]


def missing_price(tariff: Tariff) -> float:
    """Return what a kWh costs that a car misses at departure, in EUR."""
    return 2.0 * float(tariff.import_price.max())


def beyond_price(tariff: Tariff, stay: Stay) -> float:
    """Return what a kWh in the battery is worth beyond what was wanted at departure, in EUR."""
    first, last = stay.arrive // tariff.step, -(-stay.depart // tariff.step)
    least = min(float(each[first:last].min()) for each in (tariff.import_price, tariff.export_price))
    return max(0.0, least / BEST_AC)


def net(world: World, begin: int, end: int) -> NDArray[np.float64]:
    """Return what the house takes from the grid without any car for each second, in W."""
    load = world.load[:, begin:end].sum(axis=0, dtype=np.float64)
    return np.asarray(load - world.sun[begin:end])


def grid_cost(world: World, begin: int, end: int) -> float:
    """Return what the house costs without any car over a span, in EUR."""
    flow, (bought, sold) = net(world, begin, end), prices(world.tariff, begin, end)
    return float(np.sum(np.where(flow > 0, bought, sold) * flow)) / 3600 * WH_EUR


def departure_cost(tariff: Tariff, stay: Stay, gained: float) -> float:
    """Return what a stay costs at its end beside the energy bill, for Wh gained, in EUR."""
    missing, beyond = max(0.0, stay.wanted - gained), max(0.0, gained - stay.wanted)
    return (missing * missing_price(tariff) - beyond * beyond_price(tariff, stay)) * WH_EUR


def reachable(stay: Stay, fastest: float) -> float:
    """Return how much of what is wanted a battery can take in at `fastest` W, in Wh."""
    return min(stay.wanted, fastest * (stay.depart - stay.arrive) / 3600)
