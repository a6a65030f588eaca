"""What a connector looks like at one beat: all that its entities show, put together once."""

from collections.abc import Iterator
from dataclasses import dataclass

from .configuration import Connector, Live
from .const import CONF_PHASES
from .coordinator import SiteCoordinator, SiteData, SmartEvseConfigEntry
from .engine.model import (
    VOLTAGE,
    AcLimit,
    ConnectorId,
    ConnectorReading,
    ConnectorSettings,
    PowerLimit,
    Setpoint,
)
from .engine.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorView:
    """One connector at one beat: all that its entities show. `available` says whether it has answered lately."""

    connector: Connector
    live: Live
    settings: ConnectorSettings
    reading: ConnectorReading | None
    setpoint: Setpoint | None
    session: Session | None
    available: bool

    @property
    def commanded(self) -> float | None:
        """What the connector is told, in A for each phase; else what it says it is limited to."""
        match None if self.setpoint is None else self.setpoint.limit:
            case AcLimit(amps=amps):
                return amps
            case PowerLimit(watts=watts):
                return round(watts / (VOLTAGE * len(self.connector.phase_map)), 1)
        return None if self.reading is None or self.connector.traits.dc else self.reading.limit


class Views:
    """The views of one beat, each put together once however many entities look at it."""

    def __init__(self, coordinator: SiteCoordinator) -> None:
        self.coordinator = coordinator
        self._seen: SiteData | None = None
        self._views: dict[ConnectorId, ConnectorView] = {}

    def __getitem__(self, connector_id: ConnectorId) -> ConnectorView:
        if self.coordinator.data is not self._seen:
            self._seen = self.coordinator.data
            self._views = {view.connector.id: view for view in self._look(self._seen)}
        return self._views[connector_id]

    def _look(self, data: SiteData) -> Iterator[ConnectorView]:
        settings = {connector.id: connector for connector in self.coordinator.settings().connectors}
        readings = dict(data.snapshot.connectors)
        setpoints = {setpoint.connector: setpoint for setpoint in data.decision.setpoints}
        for key, connector in self.coordinator.connectors.items():
            reading = readings.get(key)
            yield ConnectorView(
                connector=connector,
                live=self.coordinator.live(key),
                settings=settings[key],
                reading=reading,
                setpoint=setpoints.get(key),
                session=data.sessions.get(key),
                available=reading is not None and data.snapshot.now - reading.at <= settings[key].max_age,
            )


def site_phases(entry: SmartEvseConfigEntry) -> Iterator[int]:
    """Yield the grid phases of a site, from 0."""
    yield from range(int(entry.data.get(CONF_PHASES, 3)))


def phase_name(phase: int) -> str:
    """Return what a grid phase is called on every fuse board."""
    return f"L{phase + 1}"
