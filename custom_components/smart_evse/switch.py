"""Charging and a new peak, on or off."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .configuration import Connector
from .coordinator import SiteCoordinator, SiteData, SmartEvseConfigEntry
from .engine.model import ConnectorId
from .entity import (
    ConnectorEntity,
    ConnectorRow,
    SiteEntity,
    SiteRow,
    async_add_connector_entities,
    async_add_site_entities,
)
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


@dataclass(frozen=True, kw_only=True)
class SiteSwitchDescription(SiteRow, SwitchEntityDescription):
    """A switch of a site."""

    value_fn: Callable[[SiteData], bool]
    set_fn: Callable[[SiteCoordinator, bool], Awaitable[None]]


SITE_SWITCHES: tuple[SiteSwitchDescription, ...] = (
    SiteSwitchDescription(
        key="new_peak",
        entity_category=EntityCategory.CONFIG,
        seen_fn=lambda data: data.capacity is not None,
        value_fn=lambda data: data.settings.may_set_new_peak,
        set_fn=lambda coordinator, on: coordinator.async_set_peak(may_set_new=on),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switches of a site and of each of its connectors."""
    async_add_site_entities(entry, async_add_entities, Platform.SWITCH, SITE_SWITCHES, SiteSwitch)
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


class SiteSwitch(SiteEntity, SwitchEntity):
    """A switch of a site."""

    entity_description: SiteSwitchDescription

    def __init__(self, coordinator: SiteCoordinator, description: SiteSwitchDescription) -> None:
        super().__init__(coordinator, description)

    @override
    def _shown(self) -> bool:
        return self.is_on

    @property
    @override
    def is_on(self) -> bool:
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.entity_description.set_fn(self.coordinator, True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self.entity_description.set_fn(self.coordinator, False)
