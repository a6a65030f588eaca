"""Charging, on or off."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .configuration import Connector
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.model import ConnectorId
from .entity import ConnectorEntity, ConnectorRow, async_add_connector_entities
from .overrides import async_start, async_stop
from .views import ConnectorView, Views

# What is set goes through the coordinator, which takes it in at once and commands the charger later.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ConnectorSwitchDescription(ConnectorRow, SwitchEntityDescription):
    """A switch of a connector."""

    value_fn: Callable[[ConnectorView], bool | None]
    on_fn: Callable[[SiteCoordinator, ConnectorId], Awaitable[None]]
    off_fn: Callable[[SiteCoordinator, ConnectorId], Awaitable[None]]


def _may_charge(view: ConnectorView) -> bool | None:
    return None if (commanded := view.commanded) is None else commanded > 0


SWITCHES: tuple[ConnectorSwitchDescription, ...] = (
    ConnectorSwitchDescription(
        key="charging",
        needs_device=False,
        value_fn=_may_charge,
        on_fn=async_start,
        off_fn=async_stop,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switches of each connector."""
    async_add_connector_entities(entry, async_add_entities, Platform.SWITCH, lambda _: SWITCHES, ConnectorSwitch)


class ConnectorSwitch(ConnectorEntity, SwitchEntity):
    """A switch of a connector."""

    entity_description: ConnectorSwitchDescription

    def __init__(self, views: Views, connector: Connector, description: ConnectorSwitchDescription) -> None:
        super().__init__(views, connector, description)

    @override
    def _shown(self) -> bool | None:
        return self.is_on

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.value_fn(self.view)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.entity_description.on_fn(self.coordinator, self._connector_id)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self.entity_description.off_fn(self.coordinator, self._connector_id)
