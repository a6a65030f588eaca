"""The best a charger can do in one second, for a given value of energy in the battery (EUR/kWh)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.model import Stay, World

from .account import Account
from .modes import Modes, Points
from .terms import net

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A stay's seconds under one row of an account, from `begin` on, and what the house has to `spare` in W.

    A flow costs its line's slope times the flow plus its line's offset; the lines meet at the bends.
    """

    begin: int
    spare: Floats
    slopes: Floats
    offsets: Floats
    bends: tuple[float, ...]

    def seconds(self, modes: Modes, values: Floats) -> Floats:
        """Return for each second (rows) and each value the least cost minus value, in W times EUR/kWh.

        Between two bends the best mode depends on the prices alone, so each second looks its own up in each part.
        """
        walls, batteries = modes.all_points
        worth = batteries[:, None] * values
        ends = [np.searchsorted(walls, self.spare + bend, side="right") for bend in self.bends]
        parts = zip(
            self.slopes,
            self.offsets,
            [np.zeros_like(ends[0]), *ends],
            [*ends, np.full_like(ends[0], len(walls))],
            strict=True,
        )
        found = [
            _least_between(slope * walls[:, None] - worth, first, last) + (offset - slope * self.spare)[:, None]
            for slope, offset, first, last in parts
        ]
        least = np.minimum.reduce(found)
        for each in modes.ranges:
            for bend, slope, offset in zip(self.bends, self.slopes[1:], self.offsets[1:], strict=True):
                _take_exactly(least, (self.spare + bend, slope * bend + offset), each, values)
        return np.asarray(least)


def account_steps(world: World, stay: Stay, account: Account) -> Iterator[Step]:
    """Yield the steps of an account in a stay."""
    spare = -net(world, stay.arrive, stay.depart)
    for row, begin, end in account.spans(stay.arrive, stay.depart):
        part = spare[begin - stay.arrive : end - stay.arrive]
        yield Step(begin, part, account.slopes[row], account.offsets(row), account.bends)


def _least_between(costs: Floats, first: NDArray[np.intp], last: NDArray[np.intp]) -> Floats:
    """Return for each pair the least of the rows from `first` up to before `last`; infinite where there is none."""
    nothing = np.full((1, costs.shape[1]), np.inf)
    if not first.any():
        return np.asarray(np.concatenate((nothing, np.minimum.accumulate(costs)))[last])
    if (last == len(costs)).all():
        return np.asarray(np.concatenate((np.minimum.accumulate(costs[::-1])[::-1], nothing))[first])
    count = last - first
    power = np.frexp(np.maximum(count, 1))[1] - 1
    least, doubled = np.full((len(first), costs.shape[1]), np.inf), costs
    for level in range(int(power.max()) + 1):
        here = (power == level) & (count > 0)
        least[here] = np.minimum(doubled[first[here]], doubled[last[here] - 2**level])
        doubled = np.minimum(doubled[: -(2**level)], doubled[2**level :])
    return least


def _take_exactly(least: Floats, flow: tuple[Floats, float], between: Points, values: Floats) -> None:
    """Let a device without steps take just what brings the grid to a bend; `flow` is that and what the bend costs."""
    spare, cost = flow
    walls, batteries = between
    fits = (spare >= walls[0]) & (spare <= walls[-1])
    into = np.interp(spare[fits], walls, batteries)
    least[fits] = np.minimum(least[fits], cost - into[:, None] * values)
