"""What a connector looks like at one beat: all that its entities show, put together once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from .configuration import Connector, Live
from .const import CONF_PHASES
from .coordinator import SiteCoordinator, SiteData, SmartEvseConfigEntry
from .documents.account import Account
from .engine.forecast.series import Series
from .engine.model import (
    VOLTAGE,
    AcLimit,
    ConnectorId,
    ConnectorMemory,
    ConnectorReading,
    ConnectorSettings,
    PowerLimit,
    Setpoint,
)
from .engine.plan import StayPlan
from .engine.sessions.opened import OpenSession
from .progress import Progress
from .running_charges import Charge
from .store import Chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorView:
    """One connector at one beat: all that its entities show. `available` says whether it has answered lately.

    `chosen` is what is wanted of it and its car, as set or as configured, `live` that within its bounds. `stay` is
    the one that is planned for first, `prices` are those of a kWh from the grid in the slots of the plan. `last` is the
    last session on record, `charge` what whoever is there pays.
    """

    now: float
    utc: datetime
    connector: Connector
    chosen: Chosen
    live: Live
    settings: ConnectorSettings
    reading: ConnectorReading | None
    setpoint: Setpoint | None
    session: OpenSession | None
    available: bool
    memory: ConnectorMemory
    progress: Progress
    stay: StayPlan | None
    prices: Series
    last: Account | None = None
    charge: Charge | None = None

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
        site, cars = self.coordinator.settings(), self.coordinator.planning.cars
        settings = {connector.id: connector for connector in site.connectors}
        readings = dict(data.snapshot.connectors)
        setpoints = {setpoint.connector: setpoint for setpoint in data.decision.setpoints}
        for key, connector in self.coordinator.connectors.items():
            reading, session = readings.get(key), data.sessions.get(key)
            wanted = cars.wanted(connector, self.coordinator.store.chosen(key))
            stays = () if data.plan is None else data.plan.of(key)
            yield ConnectorView(
                now=data.snapshot.now,
                utc=data.snapshot.utc,
                connector=connector,
                chosen=wanted,
                live=self.coordinator.live(key),
                settings=settings[key],
                reading=reading,
                setpoint=setpoints.get(key),
                session=session if session is not None and session.id else None,
                available=reading is not None and data.snapshot.now - reading.at <= settings[key].max_age,
                memory=data.decision.memory.connector(key),
                progress=cars.progress(settings[key], wanted, reading, site.voltage),
                stay=next((stay for stay in stays if stay.departs is None or stay.departs > data.snapshot.utc), None),
                prices=data.expected.prices,
                last=data.figures.last.get(key),
                charge=self.coordinator.charges.at(key),
            )


def site_phases(entry: SmartEvseConfigEntry) -> Iterator[int]:
    """Yield the grid phases of a site, from 0."""
    yield from range(int(entry.data.get(CONF_PHASES, 3)))


def phase_name(phase: int) -> str:
    """Return what a grid phase is called on every fuse board."""
    return f"L{phase + 1}"
