"""What an owner tells a law about his site once, before it starts."""

from dataclasses import dataclass

from benchmarks.plant.box import BoxModel
from benchmarks.plant.rig import Rig
from benchmarks.worlds.model import PeakPrice, World
from custom_components.smart_evse.engine.model import VOLTAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A site as its owner describes it. `goal` is what he wants of it: see the scenarios' table.

    `truth` is for the laws only that know more than a law can.
    """

    rig: Rig
    truth: World
    goal: str = "smart"
    peak: PeakPrice | None = None

    @property
    def count(self) -> int:
        """How many connectors there are."""
        return 1 + max((stay.connector for stay in self.truth.stays), default=0)

    def step(self, connector: int) -> float:
        """Return the finest step of a connector's limit, in A."""
        outlet = self.rig.outlet(connector)
        return outlet.step if isinstance(outlet, BoxModel) else 0.1

    def maximum(self, connector: int) -> float:
        """Return the most that a connector gives on each phase, in A."""
        outlet = self.rig.outlet(connector)
        if isinstance(outlet, BoxModel):
            return outlet.maximum
        return outlet.maximum / VOLTAGE / len(outlet.wires)

    def wires(self, connector: int) -> tuple[int, ...]:
        """Return the grid phases behind a connector."""
        return self.rig.outlet(connector).wires

    def is_dc(self, connector: int) -> bool:
        return not isinstance(self.rig.outlet(connector), BoxModel)
