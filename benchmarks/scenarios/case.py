"""What a scenario is: a situation in a few variants, what is wanted of the law, and how it is judged."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
import math
from pathlib import Path

from benchmarks.bounds.garage import Room
from benchmarks.bounds.modes import Modes
from benchmarks.plant.rig import Rig
from benchmarks.worlds.model import Forecast, PeakPrice, World


class Skipped(Exception):
    """There are no data for this scenario, and which."""


class Goal(StrEnum):
    """What the owner wants.

    The least bill with departures kept, only sun, all there is, power for the house, or all cars ready.
    """

    SMART = "smart"
    SOLAR = "solar"
    FAST = "fast"
    GIVE = "give"
    READY = "ready"


class Judged(StrEnum):
    """By which figures a scenario is shown."""

    MONEY = "money"
    SUN = "sun"
    FUSE = "fuse"
    SAFETY = "safety"
    ENERGY = "energy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """When a run has to be safe, in s: from `begin` to `end`, at no more than `most` A into and `give` A out of cars.

    With `most` `None` it is the fuse that has to be kept, an overload being forgiven for its first `patience` s; so is
    more than `fed` W into the grid.
    """

    begin: int
    end: int
    most: float | None = None
    give: float = 0.0
    fed: float = math.inf
    patience: int = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One variant by one seed.

    `modes` are the device's, for the device bound, `base` those of one that cannot give. `rooms` are the limits of a
    garage, for the most that all cars together could get. `peak` is what the highest quarter-hour of the month
    costs. With `actions` the device bound is also shown for an AC charger whose contactor moves no more often a week.
    """

    world: World
    rig: Rig
    forecasts: tuple[Forecast, ...] = ()
    goal: Goal = Goal.SMART
    modes: Modes | None = None
    base: Modes | None = None
    rooms: tuple[Room, ...] = ()
    watch: Watch | None = None
    peak: PeakPrice | None = None
    actions: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A row of the table. `groups` names the variants that these data have, `case` makes one of them by a seed.

    `note` says what has to be known to read its figures.
    """

    name: str
    title: str
    judged: Judged
    laws: tuple[str, ...]
    groups: Callable[[Path | None], tuple[str, ...]]
    case: Callable[[Path | None, str, int], Case]
    note: str = ""
