"""What a driver wants of the car: checked first, then handed to the coordinator.

Numbers, points in time and actions all ask through here, so that all refuse the same things in the same sentences.
"""

from datetime import datetime

from homeassistant.util import dt as dt_util

from .coordinator import SiteCoordinator
from .engine.model import ConnectorId, Mode
from .engine.vehicle.distance import Amount, Unit
from .errors import mistake


def check_departure(coordinator: SiteCoordinator, connector_id: ConnectorId, leaves: datetime) -> None:
    """Raise `ServiceValidationError` for a departure that is over."""
    if leaves <= dt_util.utcnow():
        raise mistake("departure_is_over", charger=coordinator.connectors[connector_id].name)


async def async_leave(coordinator: SiteCoordinator, connector_id: ConnectorId, leaves: datetime) -> None:
    """Say when the car leaves this once; what it should hold then stays as it was."""
    check_departure(coordinator, connector_id, leaves)
    trip = coordinator.store.chosen(connector_id).trip
    target = None if trip is None else trip.target
    await coordinator.async_set_departure(connector_id, dt_util.as_utc(leaves), target=target)


def check_amount(coordinator: SiteCoordinator, connector_id: ConnectorId, amount: Amount | None) -> None:
    """Raise `ServiceValidationError` for a share of a battery of which nobody knows how much it holds."""
    vehicle = next(item.vehicle for item in coordinator.settings().connectors if item.id == connector_id)
    if amount is not None and amount.unit is Unit.PERCENT and vehicle.capacity is None:
        raise mistake("capacity_not_known", charger=coordinator.connectors[connector_id].name)


def check_mode(coordinator: SiteCoordinator, connector_id: ConnectorId, mode: Mode) -> None:
    """Raise `ServiceValidationError` for a mode that the charger cannot do."""
    connector = coordinator.connectors[connector_id]
    if mode is Mode.HOUSE and not connector.traits.bidirectional:
        raise mistake("mode_not_possible", charger=connector.name)
