"""What can be read of the sessions on record: the last one of each connector, and the month so far."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfEnergy, UnitOfRatio, UnitOfTime
from homeassistant.helpers.typing import StateType

from .documents.account import Account
from .sensor_row import CURRENCY, ConnectorSensorDescription, SiteSensorDescription
from .views import ConnectorView


def _has_ended(view: ConnectorView) -> bool:
    return view.last is not None


def _of_last(tell: Callable[[Account], StateType]) -> Callable[[ConnectorView], StateType]:
    return lambda view: None if view.last is None else tell(view.last)


def _began(view: ConnectorView) -> datetime | None:
    return None if view.last is None else view.last.record.started


def whole_cents(amount: Decimal | None) -> float | None:
    return None if amount is None else round(float(amount), 2)


def _share(account: Account) -> StateType:
    return None if account.solar_share is None else float(account.solar_share)


LAST_SESSION_SENSORS: tuple[ConnectorSensorDescription, ...] = (
    ConnectorSensorDescription(
        key="last_session_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        needs_device=False,
        seen_fn=_has_ended,
        value_fn=_of_last(lambda account: account.record.energy_in),
        last_reset_fn=_began,
    ),
    ConnectorSensorDescription(
        key="last_session_duration",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        needs_device=False,
        seen_fn=_has_ended,
        value_fn=_of_last(lambda account: account.duration(account.record.started)),
    ),
    ConnectorSensorDescription(
        key="last_session_cost",
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        needs_device=False,
        seen_fn=_has_ended,
        value_fn=_of_last(lambda account: whole_cents(account.booked_cost)),
        last_reset_fn=_began,
    ),
    ConnectorSensorDescription(
        key="last_session_saving",
        device_class=SensorDeviceClass.MONETARY,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        entity_registry_enabled_default=False,
        needs_device=False,
        seen_fn=_has_ended,
        value_fn=_of_last(lambda account: whole_cents(account.saving)),
    ),
    ConnectorSensorDescription(
        key="last_session_solar_share",
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        suggested_display_precision=0,
        needs_device=False,
        seen_fn=_has_ended,
        value_fn=_of_last(_share),
    ),
    ConnectorSensorDescription(
        key="last_session_driver",
        entity_registry_enabled_default=False,
        needs_device=False,
        seen_fn=_has_ended,
        value_fn=_of_last(lambda account: account.driver),
    ),
)

MONTH_SENSORS: tuple[SiteSensorDescription, ...] = (
    SiteSensorDescription(
        key="month_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=1,
        value_fn=lambda data: None if data.figures.since is None else data.figures.site.energy,
        last_reset_fn=lambda data: data.figures.since,
    ),
    SiteSensorDescription(
        key="month_cost",
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        seen_fn=lambda data: data.figures.site.cost is not None,
        value_fn=lambda data: whole_cents(data.figures.site.cost),
        last_reset_fn=lambda data: data.figures.since,
    ),
    SiteSensorDescription(
        key="month_solar_share",
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        suggested_display_precision=0,
        value_fn=lambda data: data.figures.site.solar_share,
    ),
    SiteSensorDescription(
        key="month_saving",
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        unit_of_money=CURRENCY,
        suggested_display_precision=2,
        seen_fn=lambda data: data.figures.site.saving is not None,
        value_fn=lambda data: whole_cents(data.figures.site.saving),
        last_reset_fn=lambda data: data.figures.since,
    ),
)
