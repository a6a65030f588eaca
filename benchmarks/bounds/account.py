"""What the power at the grid connection costs at each time: a straight line, bent at a few powers.

The plain account is the bill: what flows out earns the export price, what flows in costs the import price. Others hold
more than the bill, in the same shape: a price on the highest quarter-hour (`peak`), a home battery (`home_battery`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.model import Tariff, World

from .terms import WH_EUR, net

type Floats = NDArray[np.float64]

EUR: Final = WH_EUR / 3600
"""From W times s times EUR/kWh to EUR."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Account:
    """What a kWh costs, a row each `step` s: below the first of the `bends` (W, import positive), between, and above.

    Nothing flowing costs nothing; one of the bends is 0.
    """

    step: int
    slopes: Floats
    bends: tuple[float, ...] = (0.0,)

    @classmethod
    def plain(cls, tariff: Tariff) -> Self:
        """Return the bill."""
        return cls(step=tariff.step, slopes=np.column_stack((tariff.export_price, tariff.import_price)))

    def finer(self, step: int) -> Account:
        """Return the same in steps that are a part of these and of `step` s."""
        part = int(np.gcd(self.step, step))
        return Account(step=part, slopes=np.repeat(self.slopes, self.step // part, axis=0), bends=self.bends)

    def spans(self, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield the steps of a span: which row it is, from when and until when."""
        for row in range(begin // self.step, -(-end // self.step)):
            yield row, max(begin, row * self.step), min(end, (row + 1) * self.step)

    def offsets(self, row: int) -> Floats:
        """Return what each of a row's lines has at no flow, in W times EUR/kWh, so that they meet at the bends."""
        jumps = -np.diff(self.slopes[row]) * np.array(self.bends)
        offsets = np.concatenate(([0.0], np.cumsum(jumps)))
        return np.asarray(offsets - offsets[self.bends.index(0.0)])

    def cost(self, world: World, begin: int, end: int) -> float:
        """Return what the house costs without any car over a span, in EUR."""
        flow, total = net(world, begin, end), 0.0
        for row, first, last in self.spans(begin, end):
            part = flow[first - begin : last - begin]
            line = np.searchsorted(self.bends, part)
            total += float(np.sum(self.slopes[row][line] * part + self.offsets(row)[line]))
        return total * EUR
