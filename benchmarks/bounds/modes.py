"""What a charger can do at one instant: power at the wall, and what it does to the battery."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.efficiency import VOLTAGE, ac_rows, battery_power, dc_rows

type Points = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Modes:
    """The modes of a device in W: single `points`, and `ranges` where everything between the rows can be had too.

    `groups` are the modes of each number of phases, where there are pauses between them and after a stop.
    """

    points: Points
    ranges: tuple[Points, ...] = ()
    groups: tuple[Modes, ...] = ()

    @property
    def all_points(self) -> Points:
        """Single points and rows of the ranges, by power at the wall."""
        walls = np.concatenate([self.points[0], *(each[0] for each in self.ranges)])
        batteries = np.concatenate([self.points[1], *(each[1] for each in self.ranges)])
        order = np.argsort(walls, kind="stable")
        return walls[order], batteries[order]

    @property
    def fastest(self) -> float:
        """The most that can go into the battery, in W."""
        return float(self.all_points[1].max())


OFF: Final[Points] = (np.zeros(1), np.zeros(1))
NONE: Final[Points] = (np.zeros(0), np.zeros(0))


def ac_modes(
    *, step: float | None = 1.0, most: float = 16.0, phases: tuple[int, ...] = (1, 3), short: float = 0.0
) -> Modes:
    """Return off, and 6 A up to `most` in steps of `step` A over each number of phases; without a step, all between.

    A car that draws `short` A less than it is offered has all its currents lower by as much.
    """
    if step is None:
        ranges = tuple(_between(6.0 - short, most - short, count) for count in phases)
        return Modes(OFF, ranges, tuple(Modes(NONE, (each,)) for each in ranges))
    amps = np.arange(6.0, most + step / 2, step, dtype=np.float64) - short
    walls = [VOLTAGE * count * amps for count in phases]
    batteries = [battery_power(wall, count) for wall, count in zip(walls, phases, strict=True)]
    points = np.concatenate([OFF[0], *walls]), np.concatenate([OFF[1], *batteries])
    return Modes(points, groups=tuple(Modes(each) for each in zip(walls, batteries, strict=True)))


def dc_modes(*, back: bool = True) -> Modes:
    """Return off, and every power of a bidirectional DC charger; not `back` is the same device that only charges."""
    walls, batteries = dc_rows()
    allowed = (batteries >= 0) | back
    return Modes(OFF, ((walls[allowed], batteries[allowed]),))


def _between(least: float, most: float, phases: int) -> Points:
    rows = ac_rows(phases)[0]
    ends = np.array([least, most]) * VOLTAGE * phases
    walls = np.unique(np.concatenate((ends, rows[(rows > ends[0]) & (rows < ends[1])])))
    return walls, battery_power(walls, phases)
