"""Currents and an end that people set."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberEntityDescription, NumberMode
from homeassistant.const import EntityCategory, Platform, UnitOfElectricCurrent, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .configuration import Connector, Live, live_settings
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.model import ConnectorId
from .entity import ConnectorEntity, ConnectorRow, async_add_connector_entities
from .overrides import async_override
from .store import Chosen
from .views import ConnectorView, Views

# What is set goes through the coordinator, which takes it in at once and commands the charger later.
PARALLEL_UPDATES = 0

_LONGEST_SESSION = 200.0
"""More than any car's battery takes, in kWh."""


@dataclass(frozen=True, kw_only=True)
class ConnectorNumberDescription(ConnectorRow, NumberEntityDescription):
    """A number of a connector; its bounds follow what else is set. None of it needs the device to answer."""

    needs_device: bool = False
    value_fn: Callable[[ConnectorView], float | None]
    minimum_fn: Callable[[ConnectorView], float]
    maximum_fn: Callable[[ConnectorView], float]
    step_fn: Callable[[ConnectorView], float] = lambda view: view.connector.traits.step
    set_fn: Callable[[SiteCoordinator, ConnectorId, float], Awaitable[None]]


def _charge_current(view: ConnectorView) -> float | None:
    return view.live.override.amps if view.live.override is not None else view.commanded


def _bounds(view: ConnectorView) -> Live:
    """Return the settings as they would hold if nobody had chosen any: the bounds of what can be chosen."""
    return live_settings(view.connector, Chosen())


NUMBERS: tuple[ConnectorNumberDescription, ...] = (
    ConnectorNumberDescription(
        key="charge_current",
        device_class=NumberDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        value_fn=_charge_current,
        minimum_fn=lambda view: 0.0 - view.settings.max_discharge,
        maximum_fn=lambda view: view.live.max_current,
        set_fn=async_override,
    ),
    ConnectorNumberDescription(
        key="minimum_current",
        device_class=NumberDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        entity_category=EntityCategory.CONFIG,
        value_fn=lambda view: view.live.min_current,
        minimum_fn=lambda view: _bounds(view).min_current,
        maximum_fn=lambda view: view.live.max_current,
        set_fn=lambda coordinator, key, value: coordinator.async_set_live(key, min_current=value),
    ),
    ConnectorNumberDescription(
        key="maximum_current",
        device_class=NumberDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        entity_category=EntityCategory.CONFIG,
        value_fn=lambda view: view.live.max_current,
        minimum_fn=lambda view: view.live.min_current,
        maximum_fn=lambda view: _bounds(view).max_current,
        set_fn=lambda coordinator, key, value: coordinator.async_set_live(key, max_current=value),
    ),
    ConnectorNumberDescription(
        key="stop_after",
        device_class=NumberDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        entity_category=EntityCategory.CONFIG,
        mode=NumberMode.BOX,
        value_fn=lambda view: 0.0 if view.live.stop_after is None else view.live.stop_after / 1000,
        minimum_fn=lambda _: 0.0,
        maximum_fn=lambda _: _LONGEST_SESSION,
        step_fn=lambda _: 0.5,
        set_fn=lambda coordinator, key, value: coordinator.async_set_live(key, stop_after=value * 1000 or None),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the numbers of each connector."""
    async_add_connector_entities(entry, async_add_entities, Platform.NUMBER, lambda _: NUMBERS, ConnectorNumber)


class ConnectorNumber(ConnectorEntity, NumberEntity):
    """A number of a connector."""

    entity_description: ConnectorNumberDescription

    def __init__(self, views: Views, connector: Connector, description: ConnectorNumberDescription) -> None:
        super().__init__(views, connector, description)

    @override
    def _shown(self) -> object:
        return self.native_value, self.native_min_value, self.native_max_value

    @property
    @override
    def native_value(self) -> float | None:
        return self.entity_description.value_fn(self.view)

    @property
    @override
    def native_min_value(self) -> float:
        return self.entity_description.minimum_fn(self.view)

    @property
    @override
    def native_max_value(self) -> float:
        return self.entity_description.maximum_fn(self.view)

    @property
    @override
    def native_step(self) -> float:
        return self.entity_description.step_fn(self.view)

    @override
    async def async_set_native_value(self, value: float) -> None:
        await self.entity_description.set_fn(self.coordinator, self._connector_id, value)
