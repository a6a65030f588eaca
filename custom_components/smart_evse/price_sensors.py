"""What drivers pay, as sensors: for a kWh at each charger and of each driver, and for the session that runs."""

from decimal import Decimal
from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.access.model import Driver, Role
from .entity import SmartEvseEntity
from .sensor_row import CURRENCY, ConnectorSensorDescription
from .session_sensors import whole_cents
from .site_tariffs import Payer
from .views import ConnectorView

_STEP = 0.0001
"""A price that differs by less is the same."""


def _price(view: ConnectorView) -> float | None:
    return None if view.charge is None else _exactly(view.charge.price)


def _amount(view: ConnectorView) -> float | None:
    return None if view.charge is None else whole_cents(view.charge.amount)


def _exactly(price: Decimal | None) -> float | None:
    return None if price is None else round(float(price), 5)


PRICE_SENSORS: tuple[ConnectorSensorDescription, ...] = (
    ConnectorSensorDescription(
        key="driver_price",
        unit_of_money=f"{CURRENCY}/kWh",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=3,
        dead_band=_STEP,
        needs_device=False,
        seen_fn=lambda view: view.charge is not None,
        value_fn=_price,
        detail_fn=lambda view: None if view.charge is None else view.charge.tariff.name,
        attributes_fn=lambda view: {"tariff": None if view.charge is None else view.charge.tariff.name},
    ),
    ConnectorSensorDescription(
        key="session_charge",
        device_class=SensorDeviceClass.MONETARY,
        unit_of_money=CURRENCY,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        needs_device=False,
        seen_fn=lambda view: view.charge is not None and view.charge.amount is not None,
        value_fn=_amount,
        last_reset_fn=lambda view: None if view.charge is None else view.charge.since,
    ),
)

DRIVERS_PRICE = SensorEntityDescription(
    key="price_of_driver", state_class=SensorStateClass.MEASUREMENT, suggested_display_precision=3
)


class DriverPriceSensor(SmartEvseEntity, SensorEntity):
    """What a kWh costs a driver now. Whoever wants others to see that switches it on."""

    _attr_entity_registry_enabled_default = False

    def __init__(self, coordinator: SiteCoordinator, driver: Driver) -> None:
        super().__init__(coordinator, DRIVERS_PRICE, dead_band=_STEP)
        entry_id = coordinator.config_entry.entry_id
        self._driver = driver.id
        self._attr_unique_id = f"{_prefix(entry_id)}{driver.id}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry_id)})
        self._attr_translation_placeholders = {"driver": driver.name}
        self._attr_native_unit_of_measurement = f"{coordinator.hass.config.currency}/kWh"

    @override
    def _shown(self) -> object:
        return self.native_value

    @property
    @override
    def native_value(self) -> float | None:
        return _exactly(self.coordinator.charges.price_of(Payer(driver=self._driver)))


@callback
def async_add_driver_prices(entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback) -> None:
    """Add the prices of drivers as they come, where there are tariffs; those of who was forgotten are taken away."""
    coordinator = entry.runtime_data
    known: set[str] = set()

    @callback
    def follow() -> None:
        desk = coordinator.access.desk
        if not desk.is_open:
            return
        drivers = {
            driver.id: driver
            for driver in desk.people.drivers.values()
            if driver.active and driver.role is not Role.GUEST and coordinator.tariffs.all
        }
        if drivers.keys() == known:
            return
        new = [driver for key, driver in drivers.items() if key not in known]
        known.clear()
        known.update(drivers)
        _remove_gone(coordinator, known)
        async_add_entities(DriverPriceSensor(coordinator, driver) for driver in new)

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


def _remove_gone(coordinator: SiteCoordinator, drivers: set[str]) -> None:
    registry, entry_id = er.async_get(coordinator.hass), coordinator.config_entry.entry_id
    for entity in er.async_entries_for_config_entry(registry, entry_id):
        is_price = entity.domain == Platform.SENSOR and entity.unique_id.startswith(_prefix(entry_id))
        if is_price and entity.unique_id.removeprefix(_prefix(entry_id)) not in drivers:
            registry.async_remove(entity.entity_id)


def _prefix(entry_id: str) -> str:
    return f"{entry_id}_price_"
