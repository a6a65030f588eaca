"""The whole site at one instant, as every rule sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .claims import Case
from .model import ConnectorId, HouseMemory, Memory, SiteSettings, Snapshot, VehicleReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is, what is wanted and what is remembered, and what the house does beside the chargers.

    `seconds` is the time since the grid sample before in s, 0 for the first, `None` when this beat has no news.
    `giving` is each giving car's part of what the house needs, in W.
    """

    snapshot: Snapshot
    settings: SiteSettings
    memory: Memory
    house: HouseMemory
    cases: tuple[Case, ...]
    seconds: float | None
    giving: Mapping[ConnectorId, float] = field(default_factory=dict)

    @property
    def now(self) -> float:
        """The monotonic time of this instant, in s."""
        return self.snapshot.now

    def case(self, connector: ConnectorId) -> Case | None:
        """Return one connector's case."""
        return next((case for case in self.cases if case.settings.id == connector), None)

    def vehicle(self, connector: ConnectorId) -> VehicleReading | None:
        """Return what the car at a connector told of itself, `None` where it never did."""
        return next((reading for known, reading in self.snapshot.vehicles if known == connector), None)

    def soc(self, case: Case) -> float | None:
        """Return the charge of the car in %: the charger's word, else the car's own."""
        if case.reading is not None and case.reading.soc is not None:
            return case.reading.soc
        vehicle = self.vehicle(case.settings.id)
        return None if vehicle is None else vehicle.soc
