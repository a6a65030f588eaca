"""What is or is not so, of a site and its connectors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.binary_sensor import (  # type: ignore[attr-defined]  # 2026.10 does not export it
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .configuration import Connector
from .coordinator import SiteCoordinator, SiteData, SmartEvseConfigEntry
from .engine.memory import OrderEvent
from .engine.model import Reason, ReasonKey, SiteState, VehicleState
from .engine.settings import OrderKind
from .entity import ATTR_SENTENCE, ConnectorEntity, ConnectorRow, SiteEntity, SiteRow, async_add_connector_entities
from .sentences import sentence
from .views import ConnectorView, Views

# Everything is pushed: there is nothing to update, in parallel or otherwise.
PARALLEL_UPDATES = 0

_ATTR_FAULT = "fault"
_ATTR_UNTIL = "until"

_LIMITED: Mapping[OrderKind, ReasonKey] = {
    OrderKind.GRID_OPERATOR: ReasonKey.GRID_OPERATOR,
    OrderKind.DEMAND_RESPONSE: ReasonKey.DEMAND_RESPONSE,
}

_GIVING = -100.0
"""More than this out of the car is a discharge and no meter's offset, in W."""


@dataclass(frozen=True, kw_only=True)
class ConnectorBinarySensorDescription(ConnectorRow, BinarySensorEntityDescription):
    """A binary sensor of a connector. `fault_fn` names what the charger calls its fault."""

    value_fn: Callable[[ConnectorView], bool | None]
    fault_fn: Callable[[ConnectorView], str | None] | None = None


@dataclass(frozen=True, kw_only=True)
class SiteBinarySensorDescription(SiteRow, BinarySensorEntityDescription):
    """A binary sensor of a site. `reason_fn` names the reason that its sentence tells, `until_fn` when it ends."""

    value_fn: Callable[[SiteData], bool | None]
    reason_fn: Callable[[SiteData], Reason | None]
    until_fn: Callable[[SiteData], datetime | None] = lambda _: None


def _state(view: ConnectorView) -> VehicleState | None:
    return view.reading.state if view.reading is not None else None


def _fault(view: ConnectorView) -> str | None:
    return view.reading.fault if view.reading is not None else None


def _charging(view: ConnectorView) -> bool | None:
    if (state := _state(view)) is None:
        return None
    power = view.reading.power if view.reading is not None else None
    return state.charging and (power is None or power > _GIVING)


CONNECTOR_BINARY_SENSORS: tuple[ConnectorBinarySensorDescription, ...] = (
    ConnectorBinarySensorDescription(
        key="connected",
        device_class=BinarySensorDeviceClass.PLUG,
        value_fn=lambda view: None if (state := _state(view)) is None else state.plugged,
    ),
    ConnectorBinarySensorDescription(
        key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        value_fn=_charging,
    ),
    ConnectorBinarySensorDescription(
        key="problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda view: (
            True if _fault(view) is not None else None if (state := _state(view)) is None else state.faulty
        ),
        fault_fn=_fault,
    ),
)


def _tightest(data: SiteData) -> OrderEvent | None:
    return min(data.decision.memory.orders, key=lambda order: order.watts, default=None)


def _ordered(data: SiteData) -> Reason | None:
    if (order := _tightest(data)) is None:
        return None
    return Reason(_LIMITED[order.kind], (("watts", f"{order.watts:.0f}"),))


def _ordered_until(data: SiteData) -> datetime | None:
    order = _tightest(data)
    return next((known.end for known in data.settings.orders if order is not None and known.id == order.id), None)


SITE_BINARY_SENSORS: tuple[SiteBinarySensorDescription, ...] = (
    SiteBinarySensorDescription(
        key="degraded",
        device_class=BinarySensorDeviceClass.PROBLEM,
        value_fn=lambda data: data.decision.site.state is SiteState.DEGRADED,
        reason_fn=lambda data: data.decision.site.reason,
    ),
    SiteBinarySensorDescription(
        key="grid_limit",
        value_fn=lambda data: bool(data.decision.memory.orders),
        reason_fn=_ordered,
        until_fn=_ordered_until,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: SmartEvseConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of a site and of each of its connectors."""
    async_add_entities(SiteBinarySensor(entry.runtime_data, row) for row in SITE_BINARY_SENSORS)
    async_add_connector_entities(
        entry, async_add_entities, Platform.BINARY_SENSOR, lambda _: CONNECTOR_BINARY_SENSORS, ConnectorBinarySensor
    )


class SiteBinarySensor(SiteEntity, BinarySensorEntity):
    """A binary sensor of a site."""

    entity_description: SiteBinarySensorDescription
    _unrecorded_attributes = frozenset({ATTR_SENTENCE})

    def __init__(self, coordinator: SiteCoordinator, description: SiteBinarySensorDescription) -> None:
        super().__init__(coordinator, description)

    @override
    def _shown(self) -> bool | None:
        return self.is_on

    @override
    def _detail(self) -> object:
        data = self.coordinator.data
        return self.entity_description.reason_fn(data), self.entity_description.until_fn(data)

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str]:
        reason = self.entity_description.reason_fn(self.coordinator.data)
        until = self.entity_description.until_fn(self.coordinator.data)
        told = {} if reason is None else {ATTR_SENTENCE: sentence(self.hass, reason)}
        return told if until is None else told | {_ATTR_UNTIL: until.isoformat()}


class ConnectorBinarySensor(ConnectorEntity, BinarySensorEntity):
    """A binary sensor of a connector."""

    entity_description: ConnectorBinarySensorDescription

    def __init__(self, views: Views, connector: Connector, description: ConnectorBinarySensorDescription) -> None:
        super().__init__(views, connector, description)

    @override
    def _shown(self) -> object:
        return self.is_on, self._fault

    @property
    def _fault(self) -> str | None:
        fault_fn = self.entity_description.fault_fn
        return None if fault_fn is None else fault_fn(self.view)

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.value_fn(self.view)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str] | None:
        return None if (fault := self._fault) is None else {_ATTR_FAULT: fault}
