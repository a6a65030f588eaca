"""How many chargers are in use: Home Assistant's own statistics make occupancy and concurrency of it."""

from homeassistant.components.sensor import SensorStateClass
from homeassistant.helpers.typing import StateType

from .coordinator import SiteData
from .engine.model import VehicleState
from .sensor_row import SiteSensorDescription


def _has_several(data: SiteData) -> bool:
    return len(data.settings.connectors) > 1


def _states(data: SiteData) -> list[VehicleState]:
    return [reading.state for _, reading in data.snapshot.connectors if reading.state is not None]


def _occupied(data: SiteData) -> StateType:
    states = _states(data)
    return sum(state.plugged for state in states) if states else None


def _charging(data: SiteData) -> StateType:
    states = _states(data)
    return sum(state.charging for state in states) if states else None


USE_SENSORS: tuple[SiteSensorDescription, ...] = (
    SiteSensorDescription(
        key="chargers_occupied",
        state_class=SensorStateClass.MEASUREMENT,
        seen_fn=_has_several,
        value_fn=_occupied,
    ),
    SiteSensorDescription(
        key="chargers_charging",
        state_class=SensorStateClass.MEASUREMENT,
        seen_fn=_has_several,
        value_fn=_charging,
    ),
)
