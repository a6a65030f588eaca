"""What can be read of the grid connection: prices, peaks and how the fuse stands it."""

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfPower, UnitOfRatio

from .coordinator import SiteData
from .engine.memory import CapacityMemory
from .sensor_row import CURRENCY, SiteSensorDescription


def _capacity(data: SiteData) -> CapacityMemory:
    return data.decision.memory.capacity


def _window_mean(data: SiteData) -> float | None:
    """Return what the running period would be billed at if nothing more came in: its energy over all of it."""
    if data.capacity is not None and _capacity(data).window is not None:
        return round(_capacity(data).energy / (data.capacity.minutes / 60))
    return None if data.snapshot.grid is None else data.snapshot.grid.quarter_hour_average


def _month_peak(data: SiteData) -> float | None:
    """Return the peak that the month is billed by: the mean of its highest, or what the meter itself tells."""
    peaks = [watts for _, watts in _capacity(data).peaks]
    if data.capacity is not None and peaks:
        return round(sum(peaks) / len(peaks))
    return None if data.snapshot.grid is None else data.snapshot.grid.month_peak


GRID_SENSORS: tuple[SiteSensorDescription, ...] = (
    SiteSensorDescription(
        key="import_price",
        unit_of_money=f"{CURRENCY}/kWh",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=3,
        dead_band=0.0001,
        seen_fn=lambda data: data.expected.buys and data.snapshot.import_price is not None,
        value_fn=lambda data: data.snapshot.import_price,
    ),
    SiteSensorDescription(
        key="export_price",
        unit_of_money=f"{CURRENCY}/kWh",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=3,
        dead_band=0.0001,
        seen_fn=lambda data: data.expected.sells and data.snapshot.export_price is not None,
        value_fn=lambda data: data.snapshot.export_price,
    ),
    SiteSensorDescription(
        key="peak_budget",
        needs_meter=True,
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        dead_band=100,
        seen_fn=lambda data: data.capacity is not None,
        value_fn=lambda data: data.decision.site.capacity_budget,
    ),
    SiteSensorDescription(
        key="window_mean",
        needs_meter=True,
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        dead_band=100,
        seen_fn=lambda data: _window_mean(data) is not None,
        value_fn=_window_mean,
    ),
    SiteSensorDescription(
        key="month_peak",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        dead_band=10,
        seen_fn=lambda data: _month_peak(data) is not None,
        value_fn=_month_peak,
    ),
    SiteSensorDescription(
        key="melting",
        needs_meter=True,
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=0,
        dead_band=1,
        seen_fn=lambda data: data.decision.site.melting is not None,
        value_fn=lambda data: data.decision.site.melting,
    ),
)
