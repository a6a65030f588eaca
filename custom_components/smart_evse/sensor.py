"""What can be read of a site and its connectors."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.const import (
    EntityCategory,
    Platform,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfRatio,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .car_sensors import CAR_SENSORS
from .configuration import Connector
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.model import PowerLimit, Reason, ReasonKey, VehicleState
from .entity import (
    ATTR_SENTENCE,
    ConnectorEntity,
    SiteEntity,
    async_add_connector_entities,
    async_add_site_entities,
    async_follow_identities,
)
from .grid_sensors import GRID_SENSORS
from .plan_sensors import PLAN_SENSORS, SITE_PLAN_SENSORS
from .price_sensors import PRICE_SENSORS, async_add_driver_prices
from .sensor_row import ATTR_SLOTS, CURRENCY, ConnectorSensorDescription, SiteSensorDescription
from .sentences import sentence
from .session_sensors import LAST_SESSION_SENSORS, MONTH_SENSORS
from .statement_sensors import STATEMENT_SENSORS
from .sum_sensors import async_add_sum_sensors
from .use_sensors import USE_SENSORS
from .views import ConnectorView, Views, phase_name, site_phases

# Everything is pushed: there is nothing to update, in parallel or otherwise.
PARALLEL_UPDATES = 0

_FLOWS = 0.5
"""Below this in A a phase carries a meter's noise and no car."""


def _status(view: ConnectorView) -> StateType:
    state = view.reading.state if view.reading is not None else None
    return None if state is None else state.name.lower()


def _power_limit(view: ConnectorView) -> StateType:
    limit = view.setpoint.limit if view.setpoint is not None else None
    if isinstance(limit, PowerLimit):
        return limit.watts
    return view.reading.limit if view.reading is not None else None


def _current(view: ConnectorView) -> StateType:
    """Return the current of the fullest phase: the one that a limit is about."""
    currents = view.reading.currents if view.reading is not None else None
    return None if currents is None else max((currents[phase] for phase in view.connector.phase_map), key=abs)


def _phases(view: ConnectorView) -> StateType:
    """Return the phases that carry current, else those the charger has switched on."""
    reading = view.reading
    if reading is None:
        return None
    if reading.currents is not None and reading.state is not None and reading.state.charging:
        carrying = sum(abs(reading.currents[phase]) >= _FLOWS for phase in view.connector.phase_map)
        return carrying or reading.current_phases
    return reading.current_phases


def _reason(view: ConnectorView) -> Reason | None:
    return view.setpoint.reason if view.setpoint is not None else None


def _limited_by(view: ConnectorView) -> Reason | None:
    return view.setpoint.limited_by if view.setpoint is not None else None


def _is_bidirectional(connector: Connector) -> bool:
    return connector.traits.bidirectional


CONNECTOR_SENSORS: tuple[ConnectorSensorDescription, ...] = (
    ConnectorSensorDescription(
        key="status",
        device_class=SensorDeviceClass.ENUM,
        options=[state.name.lower() for state in VehicleState],
        value_fn=_status,
    ),
    ConnectorSensorDescription(
        key="reason",
        device_class=SensorDeviceClass.ENUM,
        options=[key.value for key in ReasonKey],
        needs_device=False,
        value_fn=lambda view: None if (reason := _reason(view)) is None else reason.key.value,
        reason_fn=_reason,
    ),
    ConnectorSensorDescription(
        key="limited_by",
        device_class=SensorDeviceClass.ENUM,
        options=[key.value for key in ReasonKey],
        needs_device=False,
        value_fn=lambda view: None if (reason := _limited_by(view)) is None else reason.key.value,
        reason_fn=_limited_by,
    ),
    ConnectorSensorDescription(
        key="limit",
        device_class=SensorDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        dead_band=0.1,
        exists_fn=lambda connector: not connector.traits.dc,
        value_fn=lambda view: view.commanded,
    ),
    ConnectorSensorDescription(
        key="power_limit",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        dead_band=25,
        exists_fn=lambda connector: connector.traits.dc,
        value_fn=_power_limit,
    ),
    ConnectorSensorDescription(
        key="current",
        device_class=SensorDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        dead_band=0.2,
        value_fn=_current,
    ),
    ConnectorSensorDescription(
        key="power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        dead_band=25,
        value_fn=lambda view: None if view.reading is None else view.reading.power,
    ),
    ConnectorSensorDescription(
        key="energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=2,
        dead_band=10,
        exists_fn=lambda connector: connector.traits.has_register,
        value_fn=lambda view: None if view.reading is None else view.reading.energy_in,
    ),
    ConnectorSensorDescription(
        key="energy_discharged",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=2,
        dead_band=10,
        exists_fn=_is_bidirectional,
        value_fn=lambda view: None if view.reading is None else view.reading.energy_out,
    ),
    ConnectorSensorDescription(
        key="session_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        dead_band=10,
        value_fn=lambda view: None if view.session is None else view.session.energy,
        last_reset_fn=lambda view: None if view.session is None else view.session.started,
    ),
    ConnectorSensorDescription(
        key="session_energy_discharged",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        dead_band=10,
        entity_registry_enabled_default=False,
        exists_fn=_is_bidirectional,
        value_fn=lambda view: None if view.session is None else view.session.energy_out,
        last_reset_fn=lambda view: None if view.session is None else view.session.started,
    ),
    ConnectorSensorDescription(
        key="session_duration",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        dead_band=60,
        value_fn=lambda view: None if view.session is None else round(view.session.duration),
    ),
    ConnectorSensorDescription(
        key="phases",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_phases,
    ),
    ConnectorSensorDescription(
        key="reported_limit",
        device_class=SensorDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        dead_band=0.1,
        exists_fn=lambda connector: not connector.traits.dc,
        value_fn=lambda view: None if view.reading is None else view.reading.limit,
    ),
    *LAST_SESSION_SENSORS,
    *PRICE_SENSORS,
    *CAR_SENSORS,
    *PLAN_SENSORS,
)

SITE_SENSORS: tuple[SiteSensorDescription, ...] = (
    SiteSensorDescription(
        key="surplus",
        needs_meter=True,
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        dead_band=50,
        value_fn=lambda data: data.decision.site.surplus,
    ),
    SiteSensorDescription(
        key="house_consumption",
        needs_meter=True,
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        dead_band=50,
        value_fn=lambda data: data.decision.site.house,
    ),
    SiteSensorDescription(
        key="fuse_use",
        needs_meter=True,
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        dead_band=1,
        value_fn=lambda data: data.decision.site.fuse_use,
    ),
    SiteSensorDescription(
        key="meter_cadence",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        entity_category=EntityCategory.DIAGNOSTIC,
        suggested_display_precision=1,
        dead_band=0.5,
        value_fn=lambda data: None if data.cadence is None else round(data.cadence, 1),
    ),
    *MONTH_SENSORS,
    *STATEMENT_SENSORS,
    *USE_SENSORS,
    *GRID_SENSORS,
    *SITE_PLAN_SENSORS,
)


def phase_sensors(phase: int) -> Iterator[ConnectorSensorDescription]:
    """Yield the sensors of one grid phase (from 0) that a connector uses."""
    name = phase_name(phase)
    yield ConnectorSensorDescription(
        key=f"current_{name.lower()}",
        translation_key="phase_current",
        translation_placeholders={"phase": name},
        device_class=SensorDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        dead_band=0.2,
        value_fn=lambda view: (
            None if view.reading is None or view.reading.currents is None else view.reading.currents[phase]
        ),
    )
    yield ConnectorSensorDescription(
        key=f"voltage_{name.lower()}",
        translation_key="phase_voltage",
        translation_placeholders={"phase": name},
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=0,
        dead_band=1,
        value_fn=lambda view: (
            None if view.reading is None or view.reading.voltages is None else view.reading.voltages[phase]
        ),
    )


def headroom_sensor(phase: int) -> SiteSensorDescription:
    """Return the sensor of what one grid phase (from 0) could still carry."""
    name = phase_name(phase)
    return SiteSensorDescription(
        key=f"headroom_{name.lower()}",
        needs_meter=True,
        translation_key="headroom",
        translation_placeholders={"phase": name},
        device_class=SensorDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        dead_band=0.5,
        value_fn=lambda data: None if data.decision.site.headroom is None else data.decision.site.headroom[phase],
    )


def _rows(connector: Connector) -> Iterator[ConnectorSensorDescription]:
    yield from CONNECTOR_SENSORS
    for phase in sorted(connector.phase_map):
        yield from phase_sensors(phase)


async def async_setup_entry(
    hass: HomeAssistant, entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of a site and of each of its connectors."""
    headrooms = [headroom_sensor(phase) for phase in site_phases(entry)]
    async_add_site_entities(entry, async_add_entities, Platform.SENSOR, (*SITE_SENSORS, *headrooms), SiteSensor)
    async_add_connector_entities(entry, async_add_entities, Platform.SENSOR, _rows, ConnectorSensor)
    async_add_sum_sensors(entry, async_add_entities)
    async_add_driver_prices(entry, async_add_entities)
    async_follow_identities(entry)


class MoneySensor(SensorEntity):
    """A sensor whose unit may be in the site's currency."""

    entity_description: ConnectorSensorDescription | SiteSensorDescription

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        unit = self.entity_description.unit_of_money
        if unit is None:
            return super().native_unit_of_measurement
        return unit.replace(CURRENCY, self.hass.config.currency)


class SiteSensor(SiteEntity, MoneySensor):
    """A sensor of a site."""

    entity_description: SiteSensorDescription

    def __init__(self, coordinator: SiteCoordinator, description: SiteSensorDescription) -> None:
        super().__init__(coordinator, description)

    @override
    def _shown(self) -> object:
        return self.native_value

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    def _detail(self) -> object:
        return self.last_reset

    @property
    @override
    def last_reset(self) -> datetime | None:
        last_reset_fn = self.entity_description.last_reset_fn
        return None if last_reset_fn is None else last_reset_fn(self.coordinator.data)


class ConnectorSensor(ConnectorEntity, MoneySensor):
    """A sensor of a connector."""

    entity_description: ConnectorSensorDescription
    # A sentence has figures that change every second, a plan is long: the state is what history should keep.
    _unrecorded_attributes = frozenset({ATTR_SENTENCE, ATTR_SLOTS})

    def __init__(self, views: Views, connector: Connector, description: ConnectorSensorDescription) -> None:
        super().__init__(views, connector, description)

    @override
    def _shown(self) -> object:
        return self.native_value

    @override
    def _detail(self) -> object:
        detail_fn = self.entity_description.detail_fn
        return self._reason, self.last_reset, None if detail_fn is None else detail_fn(self.view)

    @property
    def _reason(self) -> Reason | None:
        reason_fn = self.entity_description.reason_fn
        return None if reason_fn is None else reason_fn(self.view)

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.value_fn(self.view)

    @property
    @override
    def last_reset(self) -> datetime | None:
        last_reset_fn = self.entity_description.last_reset_fn
        return None if last_reset_fn is None else last_reset_fn(self.view)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, object] | None:
        if (reason := self._reason) is not None:
            return {ATTR_SENTENCE: sentence(self.hass, reason)}
        attributes_fn = self.entity_description.attributes_fn
        return None if attributes_fn is None else attributes_fn(self.view)
