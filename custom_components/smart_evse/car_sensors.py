"""What can be read of the car at a connector, and of what its day has left."""

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfRatio, UnitOfSpeed, UnitOfTime
from homeassistant.helpers.typing import StateType

from .engine.gentle import recent
from .engine.model import Mode
from .sensor_row import ConnectorSensorDescription
from .views import ConnectorView

_BY_PLAN = frozenset({Mode.SMART, Mode.CHEAP})


def _soc(view: ConnectorView) -> float | None:
    """Return what the charger tells, else what the car told and what has gone in since."""
    if view.reading is not None and view.reading.soc is not None:
        return view.reading.soc
    return None if view.progress.capacity is None or view.progress.soc is None else round(view.progress.soc, 1)


def _time_to_target(view: ConnectorView) -> StateType:
    end = view.stay.expected_end if view.stay is not None and view.live.mode in _BY_PLAN else None
    left = view.progress.left(end, view.utc)
    return None if left is None else round(left.total_seconds())


def _starts_left(view: ConnectorView) -> StateType:
    return max(0, view.settings.solar.starts_per_day - len(recent(view.memory.starts, view.now)))


def _switches_left(view: ConnectorView) -> StateType:
    return max(0, view.settings.solar.switches_per_day - len(recent(view.memory.switches, view.now)))


def _rounded(value: float | None) -> StateType:
    return None if value is None else round(value, 1)


CAR_SENSORS: tuple[ConnectorSensorDescription, ...] = (
    ConnectorSensorDescription(
        key="soc",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        dead_band=1,
        seen_fn=lambda view: _soc(view) is not None,
        value_fn=_soc,
    ),
    ConnectorSensorDescription(
        key="charge_speed",
        device_class=SensorDeviceClass.SPEED,
        native_unit_of_measurement=UnitOfSpeed.KILOMETERS_PER_HOUR,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        dead_band=1,
        seen_fn=lambda view: view.progress.consumption is not None,
        value_fn=lambda view: _rounded(view.progress.kilometres_per_hour),
    ),
    ConnectorSensorDescription(
        key="charge_rate",
        native_unit_of_measurement="%/h",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        dead_band=0.5,
        seen_fn=lambda view: view.progress.capacity is not None and view.progress.consumption is None,
        value_fn=lambda view: _rounded(view.progress.percent_per_hour),
    ),
    ConnectorSensorDescription(
        key="time_to_target",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        # It runs down by itself: five minutes are worth a word.
        dead_band=300,
        seen_fn=lambda view: view.stay is not None or view.progress.capacity is not None,
        value_fn=_time_to_target,
    ),
    ConnectorSensorDescription(
        key="starts_left",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        needs_device=False,
        value_fn=_starts_left,
    ),
    ConnectorSensorDescription(
        key="switches_left",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        needs_device=False,
        exists_fn=lambda connector: connector.phase_switching,
        value_fn=_switches_left,
    ),
)
