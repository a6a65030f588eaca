"""What all our entities share: their devices, when they are available, and how often they write."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
import math
from typing import override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .configuration import Connector
from .const import DOMAIN
from .coordinator import SiteCoordinator, SiteData, SmartEvseConfigEntry
from .views import ConnectorView, Views

_WRITE_INTERVAL = 10.0
"""Control runs once a second; a measurement is written to Home Assistant's history this often at most, in s."""

ATTR_SENTENCE = "sentence"


@dataclass(slots=True)
class Pace:
    """Decides when a state is worth writing.

    Without a dead band every change is a transition and written at once. With one, a number is
    written when it moved that far, and `_WRITE_INTERVAL` after the last time at the earliest; to
    and from exactly 0, and to and from nothing, it is a transition too. `detail` is what hangs on
    the state as attributes: it never hurries.
    """

    dead_band: float | None = None
    _state: object = None
    _detail: object = None
    _at: float = -math.inf

    def due(self, state: object, detail: object, now: float) -> bool:
        """Say whether to write now (monotonic s), and take it as written."""
        waited = now - self._at >= _WRITE_INTERVAL
        if not (self._is_transition(state) or (waited and (self._has_moved(state) or detail != self._detail))):
            return False
        self._state, self._detail, self._at = state, detail, now
        return True

    def _is_transition(self, state: object) -> bool:
        if self.dead_band is None or not _is_number(state) or not _is_number(self._state):
            return state != self._state
        return (state == 0) != (self._state == 0)

    def _has_moved(self, state: object) -> bool:
        if isinstance(state, float | int) and isinstance(self._state, float | int):
            return abs(state - self._state) >= (self.dead_band or 0.0) and state != self._state
        return state != self._state


def _is_number(state: object) -> bool:
    return isinstance(state, float | int) and not isinstance(state, bool)


@dataclass(frozen=True, kw_only=True)
class SiteRow(EntityDescription):
    """One row of a table of site entities.

    `needs_meter` says that there is nothing to show without a fresh grid sample. `seen_fn` holds it back until it
    is known that this site has it.
    """

    dead_band: float | None = None
    needs_meter: bool = False
    seen_fn: Callable[[SiteData], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class ConnectorRow(EntityDescription):
    """One row of a table of connector entities.

    `exists_fn` says whether connectors of this kind have it; `seen_fn` holds it back until it is
    known that this one does. What is ours and not the device's does not need the device to answer
    (`needs_device`).
    """

    exists_fn: Callable[[Connector], bool] = lambda _: True
    seen_fn: Callable[[ConnectorView], bool] | None = None
    needs_device: bool = True
    dead_band: float | None = None


class SmartEvseEntity(CoordinatorEntity[SiteCoordinator]):
    """An entity of ours: looks at the last beat and writes when there is something to tell."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: SiteCoordinator, description: EntityDescription, dead_band: float | None) -> None:
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_translation_key = description.translation_key or description.key
        self._pace = Pace(dead_band)

    @abstractmethod
    def _shown(self) -> object:
        """Return what the state is made of."""

    def _detail(self) -> object:
        """Return what the attributes are made of."""
        return None

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        shown = self._shown() if self.available else STATE_UNAVAILABLE
        if self._pace.due(shown, self._detail(), self.coordinator.data.snapshot.now):
            self.async_write_ha_state()


class SiteEntity(SmartEvseEntity):
    """An entity of the grid connection."""

    def __init__(self, coordinator: SiteCoordinator, description: SiteRow) -> None:
        super().__init__(coordinator, description, description.dead_band)
        entry_id = coordinator.config_entry.entry_id
        self._attr_unique_id = f"{entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry_id)})
        self._needs_meter = description.needs_meter

    @property
    @override
    def available(self) -> bool:
        return super().available and (not self._needs_meter or self.coordinator.has_fresh_sample)


class ConnectorEntity(SmartEvseEntity):
    """An entity of one connector."""

    def __init__(self, views: Views, connector: Connector, description: ConnectorRow) -> None:
        super().__init__(views.coordinator, description, description.dead_band)
        self._views = views
        self._connector_id = connector.id
        self._needs_device = description.needs_device
        self._attr_unique_id = f"{connector.id}_{description.key}"
        self._attr_device_info = connector_device_info(views.coordinator, connector)

    @property
    def view(self) -> ConnectorView:
        """The connector as of the last beat."""
        return self._views[self._connector_id]

    @property
    @override
    def available(self) -> bool:
        return super().available and (not self._needs_device or self.view.available)


def connector_device_info(coordinator: SiteCoordinator, connector: Connector) -> DeviceInfo:
    """Describe the device of a connector, linked to the device of its site."""
    entry_id = coordinator.config_entry.entry_id
    info = DeviceInfo(identifiers={(DOMAIN, connector.id)}, name=connector.name)
    if (identity := connector.identity) is not None:
        info["manufacturer"] = identity.maker
        info["model"] = identity.model
        info["serial_number"] = identity.serial
        info["sw_version"] = identity.firmware
    site = dr.async_get(coordinator.hass).async_get_device_by_identifier((DOMAIN, entry_id), entry_id)
    if site is not None:
        info["via_device_id"] = site.id
    return info


@callback
def async_follow_identities(entry: SmartEvseConfigEntry) -> None:
    """Keep the connectors' devices true to what their chargers say they are.

    That is known only once a charger has answered, and changes with its firmware.
    """
    coordinator, registry = entry.runtime_data, dr.async_get(entry.runtime_data.hass)
    known = {key: connector.identity for key, connector in coordinator.connectors.items()}

    @callback
    def follow() -> None:
        for key, connector in coordinator.connectors.items():
            if connector.identity is None or connector.identity == known[key]:
                continue
            known[key] = connector.identity
            registry.async_get_or_create(
                config_entry_id=entry.entry_id,
                config_subentry_id=connector.subentry_id,
                **connector_device_info(coordinator, connector),
            )

    entry.async_on_unload(coordinator.async_add_listener(follow))


@dataclass(slots=True)
class _Waiting[RowT: ConnectorRow]:
    """Rows of a connector that nobody knows yet whether it has them."""

    connector: Connector
    rows: list[RowT] = field(default_factory=list)


@callback
def async_add_connector_entities[RowT: ConnectorRow](
    entry: SmartEvseConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    platform: Platform,
    rows_of: Callable[[Connector], Iterable[RowT]],
    make: Callable[[Views, Connector, RowT], Entity],
) -> None:
    """Add the entities of every connector to its subentry.

    A row with a `seen_fn` is added when it first holds, or at once when Home Assistant already
    knows the entity from an earlier run.
    """
    coordinator = entry.runtime_data
    views = Views(coordinator)
    registry = er.async_get(coordinator.hass)
    waiting: list[_Waiting[RowT]] = []

    def is_known(connector: Connector, row: RowT) -> bool:
        unique_id = f"{connector.id}_{row.key}"
        return row.seen_fn is None or registry.async_get_entity_id(platform, DOMAIN, unique_id) is not None

    def add(connector: Connector, rows: Iterable[RowT]) -> None:
        if entities := [make(views, connector, row) for row in rows]:
            async_add_entities(entities, config_subentry_id=connector.subentry_id)

    for connector in coordinator.connectors.values():
        rows = [row for row in rows_of(connector) if row.exists_fn(connector)]
        add(connector, (row for row in rows if is_known(connector, row)))
        if later := [row for row in rows if not is_known(connector, row)]:
            waiting.append(_Waiting(connector, later))

    @callback
    def add_seen() -> None:
        if _is_leaving(entry):
            return
        for wait in waiting:
            view = views[wait.connector.id]
            seen = [row for row in wait.rows if row.seen_fn is not None and row.seen_fn(view)]
            wait.rows = [row for row in wait.rows if row not in seen]
            add(wait.connector, seen)

    if waiting:
        add_seen()
        entry.async_on_unload(coordinator.async_add_listener(add_seen))


def _is_leaving(entry: SmartEvseConfigEntry) -> bool:
    """Say whether a site is being unloaded: it beats until the end, and what is added then would outlive it."""
    return entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS


@callback
def async_add_site_entities[RowT: SiteRow](
    entry: SmartEvseConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    platform: Platform,
    rows: Iterable[RowT],
    make: Callable[[SiteCoordinator, RowT], Entity],
) -> None:
    """Add the entities of a site. A row with a `seen_fn` waits as one of a connector does."""
    coordinator = entry.runtime_data
    registry = er.async_get(coordinator.hass)
    waiting = list(rows)

    def is_there(row: RowT) -> bool:
        unique_id = f"{entry.entry_id}_{row.key}"
        known = registry.async_get_entity_id(platform, DOMAIN, unique_id) is not None
        return row.seen_fn is None or known or row.seen_fn(coordinator.data)

    @callback
    def add_seen() -> None:
        nonlocal waiting
        if _is_leaving(entry):
            return
        seen = [row for row in waiting if is_there(row)]
        waiting = [row for row in waiting if row not in seen]
        if seen:
            async_add_entities(make(coordinator, row) for row in seen)

    add_seen()
    if waiting:
        entry.async_on_unload(coordinator.async_add_listener(add_seen))
