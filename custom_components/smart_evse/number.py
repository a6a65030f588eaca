"""Currents and an end that people set."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberEntityDescription, NumberMode
from homeassistant.const import EntityCategory, Platform, UnitOfElectricCurrent, UnitOfEnergy, UnitOfPower, UnitOfRatio
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .configuration import Connector, Live, live_settings
from .coordinator import SiteCoordinator, SiteData, SmartEvseConfigEntry
from .engine.model import ConnectorId
from .engine.vehicle.distance import Amount, Unit
from .engine.vehicle.stay import Wishes
from .entity import (
    ConnectorEntity,
    ConnectorRow,
    SiteEntity,
    SiteRow,
    async_add_connector_entities,
    async_add_site_entities,
)
from .overrides import async_override
from .sensor_row import CURRENCY
from .store import Chosen
from .views import ConnectorView, Views

# What is set goes through the coordinator, which takes it in at once and commands the charger later.
PARALLEL_UPDATES = 0

_LONGEST_SESSION = 200.0
"""More than any car's battery takes, in kWh."""


_USUAL_TARGET = Wishes().target.value
"""What a car is charged to where nobody said, in %."""

_DEAREST = 100.0
"""No kWh costs more in any currency that energy is sold in by the kWh for less than 100 of them."""


@dataclass(frozen=True, kw_only=True)
class ConnectorNumberDescription(ConnectorRow, NumberEntityDescription):
    """A number of a connector; its bounds follow what else is set. None of it needs the device to answer."""

    needs_device: bool = False
    unit_of_money: str | None = None
    value_fn: Callable[[ConnectorView], float | None]
    minimum_fn: Callable[[ConnectorView], float]
    maximum_fn: Callable[[ConnectorView], float]
    step_fn: Callable[[ConnectorView], float] = lambda view: view.connector.traits.step
    set_fn: Callable[[SiteCoordinator, ConnectorId, float], Awaitable[None]]


def _charge_current(view: ConnectorView) -> float | None:
    return view.live.override.amps if view.live.override is not None else view.commanded


def _target_soc(view: ConnectorView) -> float | None:
    """Return the share of the battery that is wanted; nothing where km or kWh are."""
    chosen = view.chosen
    if chosen.target_energy is not None or chosen.target_distance is not None:
        return None
    return _USUAL_TARGET if chosen.target_soc is None else chosen.target_soc


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
        key="target_soc",
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        seen_fn=lambda view: view.settings.vehicle.capacity is not None,
        value_fn=_target_soc,
        minimum_fn=lambda _: 0.0,
        maximum_fn=lambda _: 100.0,
        step_fn=lambda _: 1.0,
        set_fn=lambda coordinator, key, value: coordinator.async_set_target(key, Amount(value)),
    ),
    ConnectorNumberDescription(
        key="target_energy",
        device_class=NumberDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        mode=NumberMode.BOX,
        seen_fn=lambda view: view.settings.vehicle.capacity is None and view.stay is not None,
        value_fn=lambda view: None if view.chosen.target_energy is None else view.chosen.target_energy / 1000,
        minimum_fn=lambda _: 0.0,
        maximum_fn=lambda _: _LONGEST_SESSION,
        step_fn=lambda _: 0.5,
        set_fn=lambda coordinator, key, value: coordinator.async_set_target(key, Amount(value, Unit.KILOWATT_HOURS)),
    ),
    ConnectorNumberDescription(
        key="minimum_soc",
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        entity_category=EntityCategory.CONFIG,
        seen_fn=lambda view: view.settings.vehicle.capacity is not None,
        value_fn=lambda view: view.chosen.minimum_soc or 0.0,
        minimum_fn=lambda _: 0.0,
        maximum_fn=lambda _: 100.0,
        step_fn=lambda _: 1.0,
        set_fn=lambda coordinator, key, value: coordinator.async_set_live(key, minimum_soc=value),
    ),
    ConnectorNumberDescription(
        key="limit_soc",
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        seen_fn=lambda view: view.settings.vehicle.capacity is not None,
        value_fn=lambda view: 100.0 if view.chosen.limit_soc is None else view.chosen.limit_soc,
        minimum_fn=lambda _: 0.0,
        maximum_fn=lambda _: 100.0,
        step_fn=lambda _: 1.0,
        set_fn=lambda coordinator, key, value: coordinator.async_set_live(key, limit_soc=value),
    ),
    ConnectorNumberDescription(
        key="reserve_soc",
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda connector: connector.traits.bidirectional,
        value_fn=lambda view: view.settings.reserve_soc,
        minimum_fn=lambda _: 0.0,
        maximum_fn=lambda _: 100.0,
        step_fn=lambda _: 1.0,
        set_fn=lambda coordinator, key, value: coordinator.async_set_reserve(key, value),
    ),
    ConnectorNumberDescription(
        key="cheap_price",
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        mode=NumberMode.BOX,
        unit_of_money=f"{CURRENCY}/kWh",
        value_fn=lambda view: view.settings.cheap_price,
        minimum_fn=lambda _: -_DEAREST,
        maximum_fn=lambda _: _DEAREST,
        step_fn=lambda _: 0.001,
        set_fn=lambda coordinator, key, value: coordinator.async_set_live(key, cheap_price=value),
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


@dataclass(frozen=True, kw_only=True)
class SiteNumberDescription(SiteRow, NumberEntityDescription):
    """A number of a site."""

    value_fn: Callable[[SiteData], float]
    set_fn: Callable[[SiteCoordinator, float], Awaitable[None]]


SITE_NUMBERS: tuple[SiteNumberDescription, ...] = (
    SiteNumberDescription(
        key="accepted_peak",
        device_class=NumberDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        entity_category=EntityCategory.CONFIG,
        mode=NumberMode.BOX,
        native_min_value=0.0,
        native_max_value=100_000.0,
        native_step=100.0,
        seen_fn=lambda data: data.capacity is not None,
        value_fn=lambda data: data.settings.accepted_peak,
        set_fn=lambda coordinator, value: coordinator.async_set_peak(accepted=value),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the numbers of a site and of each of its connectors."""
    async_add_site_entities(entry, async_add_entities, Platform.NUMBER, SITE_NUMBERS, SiteNumber)
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
    def native_unit_of_measurement(self) -> str | None:
        unit = self.entity_description.unit_of_money
        if unit is None:
            return super().native_unit_of_measurement
        return unit.replace(CURRENCY, self.hass.config.currency)

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


class SiteNumber(SiteEntity, NumberEntity):
    """A number of a site."""

    entity_description: SiteNumberDescription

    def __init__(self, coordinator: SiteCoordinator, description: SiteNumberDescription) -> None:
        super().__init__(coordinator, description)

    @override
    def _shown(self) -> float:
        return self.native_value

    @property
    @override
    def native_value(self) -> float:
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    async def async_set_native_value(self, value: float) -> None:
        await self.entity_description.set_fn(self.coordinator, value)
