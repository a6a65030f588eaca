"""What the owner wants of a connector, now and after this car."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .configuration import Connector
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.model import ConnectorId, Mode
from .entity import ConnectorEntity, ConnectorRow, async_add_connector_entities
from .views import ConnectorView, Views

# A choice is stored with us: no device is asked.
PARALLEL_UPDATES = 0

_KEEP = "keep"
"""The choice to leave the mode as it is when the car is unplugged."""


@dataclass(frozen=True, kw_only=True)
class ConnectorSelectDescription(ConnectorRow, SelectEntityDescription):
    """A choice for a connector."""

    needs_device: bool = False
    options_fn: Callable[[Connector], list[str]]
    value_fn: Callable[[ConnectorView], str]
    set_fn: Callable[[SiteCoordinator, ConnectorId, str], Awaitable[None]]


def _modes(connector: Connector) -> list[str]:
    """Return the modes that a charger can do: only one that gives serves the house."""
    return [mode.value for mode in Mode if mode is not Mode.HOUSE or connector.traits.bidirectional]


SELECTS: tuple[ConnectorSelectDescription, ...] = (
    ConnectorSelectDescription(
        key="mode",
        options=[mode.value for mode in Mode],
        options_fn=_modes,
        value_fn=lambda view: view.live.mode.value,
        set_fn=lambda coordinator, key, option: coordinator.async_set_mode(key, Mode(option)),
    ),
    ConnectorSelectDescription(
        key="mode_after_unplug",
        options=[_KEEP, *(mode.value for mode in Mode)],
        options_fn=lambda connector: [_KEEP, *_modes(connector)],
        entity_category=EntityCategory.CONFIG,
        value_fn=lambda view: _KEEP if view.live.mode_after_unplug is None else view.live.mode_after_unplug.value,
        set_fn=lambda coordinator, key, option: coordinator.async_set_live(
            key, mode_after_unplug=None if option == _KEEP else Mode(option)
        ),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the choices of each connector."""
    async_add_connector_entities(entry, async_add_entities, Platform.SELECT, lambda _: SELECTS, ConnectorSelect)


class ConnectorSelect(ConnectorEntity, SelectEntity):
    """A choice for a connector."""

    entity_description: ConnectorSelectDescription

    def __init__(self, views: Views, connector: Connector, description: ConnectorSelectDescription) -> None:
        super().__init__(views, connector, description)
        self._attr_options = description.options_fn(connector)

    @override
    def _shown(self) -> str:
        return self.current_option

    @property
    @override
    def current_option(self) -> str:
        return self.entity_description.value_fn(self.view)

    @override
    async def async_select_option(self, option: str) -> None:
        await self.entity_description.set_fn(self.coordinator, self._connector_id, option)
