"""When a car leaves."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.datetime import DateTimeEntity, DateTimeEntityDescription
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .configuration import Connector
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.model import ConnectorId
from .entity import ConnectorEntity, ConnectorRow, async_add_connector_entities
from .views import ConnectorView, Views
from .wishes import async_leave

# What is set is stored with us: no device is asked.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ConnectorDateTimeDescription(ConnectorRow, DateTimeEntityDescription):
    """A point in time of a connector."""

    needs_device: bool = False
    value_fn: Callable[[ConnectorView], datetime | None]
    set_fn: Callable[[SiteCoordinator, ConnectorId, datetime], Awaitable[None]]


def _departure(view: ConnectorView) -> datetime | None:
    """Return when somebody said that the car leaves, else what the plan goes by."""
    trip = view.chosen.trip
    if trip is not None and trip.leaves > view.utc:
        return trip.leaves
    return None if view.stay is None else view.stay.departs


DATETIMES: tuple[ConnectorDateTimeDescription, ...] = (
    ConnectorDateTimeDescription(
        key="departure",
        seen_fn=lambda view: view.stay is not None or view.chosen.trip is not None,
        value_fn=_departure,
        set_fn=async_leave,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the points in time of each connector."""
    async_add_connector_entities(entry, async_add_entities, Platform.DATETIME, lambda _: DATETIMES, ConnectorDateTime)


class ConnectorDateTime(ConnectorEntity, DateTimeEntity):
    """A point in time of a connector."""

    entity_description: ConnectorDateTimeDescription

    def __init__(self, views: Views, connector: Connector, description: ConnectorDateTimeDescription) -> None:
        super().__init__(views, connector, description)

    @override
    def _shown(self) -> datetime | None:
        return self.native_value

    @property
    @override
    def native_value(self) -> datetime | None:
        return self.entity_description.value_fn(self.view)

    @override
    async def async_set_value(self, value: datetime) -> None:
        await self.entity_description.set_fn(self.coordinator, self._connector_id, value)
