"""The laws by name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.laws.ours import Ours, mode_for
from benchmarks.laws.setup import Setup
from benchmarks.laws.shared import Order, Shared
from benchmarks.laws.simple import Ideal, PlugInAndGo, PriceOnly
from benchmarks.laws.smoothed import Smoothed
from benchmarks.laws.timed import Timed
from benchmarks.plant.box import BoxModel
from benchmarks.plant.rig import Rig
from benchmarks.plant.view import Law

PLUG: Final = "plug in and go"
IDEAL: Final = "ideal balance"
OURS: Final = "ours"
OURS_ONE_WAY: Final = "ours, one way"


@dataclass(frozen=True, slots=True)
class Entry:
    """How a law is made, and with which step of the charger in A where it is not the rig's."""

    make: Callable[[Setup], Law]
    step: float | None = None

    def rig(self, rig: Rig) -> Rig:
        """Return the rig with the charger that the law has."""
        if self.step is None:
            return rig
        outlets = (replace(each, step=self.step) if isinstance(each, BoxModel) else each for each in rig.outlets)
        return replace(rig, outlets=tuple(outlets))


def _timed(setup: Setup) -> Timed:
    return Timed(setup, departures=setup.goal == "smart", follows=setup.goal != "fast")


def _timed_fine(setup: Setup) -> Timed:
    return replace(_timed(setup), interval=10)


def _shared(order: Order) -> Callable[[Setup], Law]:
    return lambda setup: Shared(setup, order)


def _ours(setup: Setup) -> Ours:
    return Ours(setup, mode=mode_for(setup.goal))


def _ours_one_way(setup: Setup) -> Ours:
    return Ours(setup, mode=mode_for(setup.goal), gives=False)


LAWS: Final = {
    PLUG: Entry(PlugInAndGo),
    "30 s / 1 A": Entry(_timed),
    "10 s / 0.1 A": Entry(_timed_fine, step=0.1),
    "smoothed surplus": Entry(Smoothed),
    "price only": Entry(PriceOnly),
    IDEAL: Entry(Ideal),
    "first come": Entry(_shared(Order.ARRIVAL)),
    "all alike": Entry(_shared(Order.ALIKE)),
    "first to leave": Entry(_shared(Order.DEPARTURE)),
    "least laxity": Entry(_shared(Order.LAXITY)),
    OURS: Entry(_ours),
    OURS_ONE_WAY: Entry(_ours_one_way),
}
