"""What each vehicle and each driver took in the month, as sensors on the devices that they belong to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import Platform, UnitOfEnergy, UnitOfRatio
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .const import DOMAIN, SUBENTRY_VEHICLE
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.access.model import Driver, Role
from .entity import SmartEvseEntity
from .figures import Sums
from .session_sensors import whole_cents


@dataclass(frozen=True, kw_only=True)
class SumSensorDescription(SensorEntityDescription):
    """A sensor of what one vehicle or one driver took in a month. One of money has the site's currency as its unit."""

    value_fn: Callable[[Sums], StateType]
    is_money: bool = False


VEHICLE_SENSORS: tuple[SumSensorDescription, ...] = (
    SumSensorDescription(
        key="month_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=1,
        value_fn=lambda sums: sums.energy,
    ),
    SumSensorDescription(
        key="month_cost",
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        is_money=True,
        suggested_display_precision=2,
        value_fn=lambda sums: whole_cents(sums.cost),
    ),
    SumSensorDescription(
        key="month_solar_share",
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        suggested_display_precision=0,
        value_fn=lambda sums: sums.solar_share,
    ),
)
"""What a vehicle took; a driver has the same, with a name before it, switched off from the factory."""

DRIVER_SENSORS: tuple[SumSensorDescription, ...] = (
    *VEHICLE_SENSORS,
    SumSensorDescription(
        key="open_amount",
        device_class=SensorDeviceClass.MONETARY,
        is_money=True,
        suggested_display_precision=2,
        value_fn=lambda sums: whole_cents(sums.open),
    ),
)
"""The same of a driver, and what they have still to pay."""


class SumSensor(SmartEvseEntity, SensorEntity):
    """A sum of the month."""

    entity_description: SumSensorDescription

    def __init__(self, coordinator: SiteCoordinator, row: SumSensorDescription, unique_id: str, device: str) -> None:
        super().__init__(coordinator, row, dead_band=None)
        self._attr_unique_id = unique_id
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, device)})
        if row.is_money:
            self._attr_native_unit_of_measurement = coordinator.hass.config.currency

    def _sums(self) -> Sums:
        """Return what it is a figure of."""
        raise NotImplementedError

    @override
    def _shown(self) -> object:
        return self.native_value

    @override
    def _detail(self) -> object:
        return self.last_reset

    @property
    @override
    def native_value(self) -> StateType:
        figures = self.coordinator.data.figures
        return None if figures.since is None else self.entity_description.value_fn(self._sums())

    @property
    @override
    def last_reset(self) -> datetime | None:
        has_total = self.entity_description.state_class is SensorStateClass.TOTAL
        return self.coordinator.data.figures.since if has_total else None


class VehicleSensor(SumSensor):
    """What a vehicle took in the month."""

    def __init__(self, coordinator: SiteCoordinator, row: SumSensorDescription, vehicle: str) -> None:
        super().__init__(coordinator, row, f"{vehicle}_{row.key}", vehicle)
        self._vehicle = vehicle

    @override
    def _sums(self) -> Sums:
        return self.coordinator.data.figures.vehicles.get(self._vehicle, Sums())


class DriverSensor(SumSensor):
    """What a driver took in the month. Whoever wants others to see that switches it on."""

    _attr_entity_registry_enabled_default = False

    def __init__(self, coordinator: SiteCoordinator, row: SumSensorDescription, driver: Driver) -> None:
        entry_id = coordinator.config_entry.entry_id
        super().__init__(coordinator, row, f"{_unique_prefix(entry_id)}{driver.id}_{row.key}", entry_id)
        self._driver = driver.id
        self._attr_translation_key = f"driver_{row.key}"
        self._attr_translation_placeholders = {"driver": driver.name}

    @override
    def _sums(self) -> Sums:
        return self.coordinator.data.figures.of_driver(self._driver)


DRIVER_ROWS: tuple[EntityDescription, ...] = tuple(EntityDescription(key=f"driver_{row.key}") for row in DRIVER_SENSORS)
"""The names under which a driver's sensors are translated."""


@callback
def async_add_sum_sensors(entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback) -> None:
    """Add the sensors of vehicles, and those of drivers as they come; those of who was forgotten are taken away.

    Guests come and go: they have none.
    """
    coordinator = entry.runtime_data
    for subentry in entry.subentries.values():
        if subentry.subentry_type == SUBENTRY_VEHICLE:
            async_add_entities(
                [VehicleSensor(coordinator, row, subentry.subentry_id) for row in VEHICLE_SENSORS],
                config_subentry_id=subentry.subentry_id,
            )
    known: set[str] = set()

    @callback
    def follow() -> None:
        figures = coordinator.data.figures
        active = [driver for driver in figures.people if driver.active and driver.role is not Role.GUEST]
        if figures.since is None or {driver.id for driver in active} == known:
            return
        new = [driver for driver in active if driver.id not in known]
        known.clear()
        known.update(driver.id for driver in active)
        _remove_gone(coordinator, known)
        async_add_entities(DriverSensor(coordinator, row, driver) for driver in new for row in DRIVER_SENSORS)

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


def _remove_gone(coordinator: SiteCoordinator, drivers: set[str]) -> None:
    registry, entry = er.async_get(coordinator.hass), coordinator.config_entry
    kept = {f"{_unique_prefix(entry.entry_id)}{driver}_{row.key}" for driver in drivers for row in DRIVER_SENSORS}
    for entity in _driver_entities(registry, entry.entry_id):
        if entity.unique_id not in kept:
            registry.async_remove(entity.entity_id)


def _driver_entities(registry: er.EntityRegistry, entry_id: str) -> Iterator[er.RegistryEntry]:
    for entity in er.async_entries_for_config_entry(registry, entry_id):
        if entity.domain == Platform.SENSOR and entity.unique_id.startswith(_unique_prefix(entry_id)):
            yield entity


def _unique_prefix(entry_id: str) -> str:
    return f"{entry_id}_driver_"
