"""The best a charger can do in one second, for a given value of energy in the battery (EUR/kWh)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.model import Stay, World

from .modes import Modes, Points
from .terms import WH_EUR, net

type Floats = NDArray[np.float64]

EUR: Final = WH_EUR / 3600
"""From W times s times EUR/kWh to EUR."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A stay's seconds under one pair of prices, from `begin` on, and what the house has to `spare` in W."""

    begin: int
    spare: Floats
    bought: float
    sold: float

    def seconds(self, modes: Modes, values: Floats) -> Floats:
        """Return for each second (rows) and each value the least bill minus value, in W times EUR/kWh.

        Up to what the house has to spare a mode costs the export that is lost, above it the import: the best mode of
        either kind depends on the prices alone, so each second looks its own up.
        """
        walls, batteries = modes.all_points
        nothing = np.full((1, len(values)), np.inf)
        worth = batteries[:, None] * values
        below = np.concatenate((nothing, np.minimum.accumulate(self.sold * walls[:, None] - worth)))
        above = np.minimum.accumulate((self.bought * walls[:, None] - worth)[::-1])[::-1]
        above = np.concatenate((above, nothing))
        fits = np.searchsorted(walls, self.spare, side="right")
        lost, paid = (price * self.spare[:, None] for price in (self.sold, self.bought))
        least = np.minimum(below[fits] - lost, above[fits] - paid)
        for each in modes.ranges:
            _take_exactly(least, self.spare, each, values)
        return np.asarray(least)


def tariff_steps(world: World, stay: Stay) -> Iterator[Step]:
    """Yield the steps of the tariff in a stay."""
    tariff, spare = world.tariff, -net(world, stay.arrive, stay.depart)
    for at in range(stay.arrive // tariff.step, -(-stay.depart // tariff.step)):
        begin, end = max(stay.arrive, at * tariff.step), min(stay.depart, (at + 1) * tariff.step)
        yield Step(
            begin,
            spare[begin - stay.arrive : end - stay.arrive],
            float(tariff.import_price[at]),
            float(tariff.export_price[at]),
        )


def _take_exactly(least: Floats, spare: Floats, between: Points, values: Floats) -> None:
    """Let a device without steps take just what is spare: no import and no export."""
    walls, batteries = between
    fits = (spare >= walls[0]) & (spare <= walls[-1])
    into = np.interp(spare[fits], walls, batteries)
    least[fits] = np.minimum(least[fits], -into[:, None] * values)
