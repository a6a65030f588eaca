"""What is planned: when each car charges, how much, and what that costs."""

from datetime import datetime, timedelta

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfEnergy, UnitOfRatio
from homeassistant.helpers.typing import StateType

from .coordinator import SiteData
from .engine.plan import PlanReason, PlanSource
from .plan_telling import told_slots
from .sensor_row import ATTR_SLOTS, CURRENCY, ConnectorSensorDescription, SiteSensorDescription
from .views import ConnectorView


def _has_plan(view: ConnectorView) -> bool:
    return view.stay is not None


def _doing(view: ConnectorView) -> StateType:
    slot = None if view.stay is None else view.stay.at(view.utc)
    return None if slot is None else slot.reason.value


def _next_start(view: ConnectorView) -> datetime | None:
    """Return when the car begins to charge next: the run that is under way has begun."""
    charged = True
    for slot in () if view.stay is None else view.stay.slots:
        if slot.start + timedelta(hours=slot.hours) <= view.utc:
            continue
        charges = slot.power > 0
        if charges and not charged and slot.start > view.utc:
            return slot.start
        charged = charges
    return None


def _whole_cents(money: float | None) -> StateType:
    return None if money is None else round(money, 2)


def _plans_cars(data: SiteData) -> bool:
    return data.plan is not None and bool(data.plan.stays)


PLAN_SENSORS: tuple[ConnectorSensorDescription, ...] = (
    ConnectorSensorDescription(
        key="plan",
        device_class=SensorDeviceClass.ENUM,
        options=[reason.value for reason in PlanReason],
        needs_device=False,
        seen_fn=_has_plan,
        value_fn=_doing,
        detail_fn=lambda view: view.stay,
        attributes_fn=lambda view: {ATTR_SLOTS: [] if view.stay is None else told_slots(view.stay, view.prices)},
    ),
    ConnectorSensorDescription(
        key="next_start",
        device_class=SensorDeviceClass.TIMESTAMP,
        needs_device=False,
        seen_fn=_has_plan,
        value_fn=_next_start,
    ),
    ConnectorSensorDescription(
        key="expected_end",
        device_class=SensorDeviceClass.TIMESTAMP,
        needs_device=False,
        seen_fn=_has_plan,
        value_fn=lambda view: None if view.stay is None else view.stay.expected_end,
    ),
    ConnectorSensorDescription(
        key="planned_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        needs_device=False,
        dead_band=50,
        seen_fn=_has_plan,
        value_fn=lambda view: None if view.stay is None else round(view.stay.planned),
    ),
    ConnectorSensorDescription(
        key="missing_energy",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        needs_device=False,
        dead_band=50,
        seen_fn=_has_plan,
        value_fn=lambda view: None if view.stay is None else round(view.stay.missing),
    ),
    ConnectorSensorDescription(
        key="planned_cost",
        device_class=SensorDeviceClass.MONETARY,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        needs_device=False,
        dead_band=0.01,
        seen_fn=_has_plan,
        value_fn=lambda view: None if view.stay is None else _whole_cents(view.stay.cost),
    ),
    ConnectorSensorDescription(
        key="cost_otherwise",
        device_class=SensorDeviceClass.MONETARY,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        entity_registry_enabled_default=False,
        needs_device=False,
        dead_band=0.01,
        seen_fn=_has_plan,
        value_fn=lambda view: None if view.stay is None else _whole_cents(view.stay.cost_otherwise),
    ),
    ConnectorSensorDescription(
        key="planned_saving",
        device_class=SensorDeviceClass.MONETARY,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        entity_registry_enabled_default=False,
        needs_device=False,
        dead_band=0.01,
        seen_fn=_has_plan,
        value_fn=lambda view: None if view.stay is None else _whole_cents(view.stay.cost_otherwise - view.stay.cost),
    ),
)

SITE_PLAN_SENSORS: tuple[SiteSensorDescription, ...] = (
    SiteSensorDescription(
        key="planned_cost",
        device_class=SensorDeviceClass.MONETARY,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        dead_band=0.01,
        seen_fn=_plans_cars,
        value_fn=lambda data: _whole_cents(None if data.plan is None else data.plan.cost),
    ),
    SiteSensorDescription(
        key="cost_otherwise",
        device_class=SensorDeviceClass.MONETARY,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        dead_band=0.01,
        seen_fn=_plans_cars,
        value_fn=lambda data: _whole_cents(None if data.plan is None else data.plan.cost_otherwise),
    ),
    SiteSensorDescription(
        key="planned_saving",
        device_class=SensorDeviceClass.MONETARY,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        dead_band=0.01,
        seen_fn=_plans_cars,
        value_fn=lambda data: _whole_cents(None if data.plan is None else data.plan.saving),
    ),
    SiteSensorDescription(
        key="plan_source",
        device_class=SensorDeviceClass.ENUM,
        options=[source.value for source in PlanSource],
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        seen_fn=_plans_cars,
        value_fn=lambda data: None if data.plan is None else data.plan.source.value,
    ),
    SiteSensorDescription(
        key="plan_made",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        seen_fn=_plans_cars,
        value_fn=lambda data: None if data.plan is None else data.plan.made_at,
    ),
    SiteSensorDescription(
        key="sun_expected",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        dead_band=50,
        seen_fn=lambda data: data.expected.sun is not None,
        value_fn=lambda data: None if data.expected.sun is None else round(data.expected.sun),
    ),
    SiteSensorDescription(
        key="sun_error",
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        dead_band=1,
        seen_fn=lambda data: data.expected.sun_error is not None,
        value_fn=lambda data: _percent(data.expected.sun_error),
    ),
    SiteSensorDescription(
        key="house_error",
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        dead_band=1,
        seen_fn=lambda data: data.expected.house_error is not None,
        value_fn=lambda data: _percent(data.expected.house_error),
    ),
)


def _percent(share: float | None) -> StateType:
    return None if share is None else round(share * 100)
