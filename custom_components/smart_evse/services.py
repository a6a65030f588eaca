"""Actions that people call: on connectors, targeted by device, entity or area.

A target is resolved to distinct connectors first, and every one of them is asked before any is
commanded: an action that one of them cannot do does nothing at all.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from homeassistant.const import ATTR_ENTITY_ID, ENTITY_MATCH_ALL
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .configuration import Connector
from .const import DOMAIN
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.model import Mode
from .explanation import explain
from .overrides import async_override, async_start, async_stop, check_override

ATTR_AMPS: Final = "amps"
ATTR_DURATION: Final = "duration"
ATTR_MODE: Final = "mode"
ATTR_PHASES: Final = "phases"

_HIGHEST = 80.0
"""No Type 2 connector carries more, in A (IEC 62196-2: 63 A three-phase, 70 A one-phase)."""


@dataclass(frozen=True, slots=True)
class Target:
    """One connector that an action is meant for."""

    coordinator: SiteCoordinator
    connector: Connector


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action: its name, its fields, what it does to each connector and what is asked before."""

    name: str
    fields: VolDictType
    do: Callable[[Target, ServiceCall], Awaitable[None]]
    check: Callable[[Target, ServiceCall], None] = lambda _target, _call: None


def _check_current(target: Target, call: ServiceCall) -> None:
    check_override(target.coordinator, target.connector.id, call.data[ATTR_AMPS], call.data.get(ATTR_PHASES))


async def _set_current(target: Target, call: ServiceCall) -> None:
    duration: timedelta | None = call.data.get(ATTR_DURATION)
    await async_override(
        target.coordinator,
        target.connector.id,
        call.data[ATTR_AMPS],
        phases=call.data.get(ATTR_PHASES),
        until=None if duration is None else dt_util.utcnow() + duration,
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        name="set_charge_current",
        fields={
            vol.Required(ATTR_AMPS): vol.All(vol.Coerce(float), vol.Range(min=-_HIGHEST, max=_HIGHEST)),
            vol.Optional(ATTR_PHASES): vol.All(vol.Coerce(int), vol.In((1, 3))),
            vol.Optional(ATTR_DURATION): cv.positive_time_period,
        },
        do=_set_current,
        check=_check_current,
    ),
    Action(
        name="set_mode",
        fields={vol.Required(ATTR_MODE): vol.Coerce(Mode)},
        do=lambda target, call: target.coordinator.async_set_mode(target.connector.id, call.data[ATTR_MODE]),
    ),
    Action(
        name="start_charging",
        fields={},
        do=lambda target, _: async_start(target.coordinator, target.connector.id),
    ),
    Action(
        name="stop_charging",
        fields={},
        do=lambda target, _: async_stop(target.coordinator, target.connector.id),
    ),
    Action(
        name="clear_override",
        fields={},
        do=lambda target, _: target.coordinator.async_clear_override(target.connector.id),
    ),
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, once for all sites."""
    for action in ACTIONS:
        _register(hass, action)
    hass.services.async_register(
        DOMAIN,
        "explain",
        _explain,
        schema=cv.make_entity_service_schema({}),
        supports_response=SupportsResponse.ONLY,
    )


def _register(hass: HomeAssistant, action: Action) -> None:
    async def handle(call: ServiceCall) -> None:
        targets = resolve(call)
        for target in targets:
            action.check(target, call)
        for target in targets:
            await action.do(target, call)

    hass.services.async_register(DOMAIN, action.name, handle, schema=cv.make_entity_service_schema(action.fields))


async def _explain(call: ServiceCall) -> ServiceResponse:
    targets = resolve(call)
    names = [target.connector.name for target in targets]
    response: JsonObjectType = {}
    for target in targets:
        connector = target.connector
        # Two sites may each have a "Garage": their ids then tell them apart.
        key = connector.name if names.count(connector.name) == 1 else f"{connector.name} ({connector.id})"
        response[key] = explain(call.hass, target.coordinator, connector.id)
    return response


def resolve(call: ServiceCall) -> list[Target]:
    """Return the distinct connectors that a call targets.

    A site's own device or entity, named outright, stands for all its connectors; one that merely lies
    in a targeted area does not. `ServiceValidationError` when no connector is left.
    """
    known = {
        connector.id: Target(entry.runtime_data, connector)
        for entry in _loaded(call.hass)
        for connector in entry.runtime_data.connectors.values()
    }
    if ENTITY_MATCH_ALL in cv.ensure_list(call.data.get(ATTR_ENTITY_ID, [])):
        wanted = set(known)
    else:
        wanted = set(_targeted(call))
    targets = [target for key, target in known.items() if key in wanted]
    if not targets:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_connector_targeted")
    return targets


def _targeted(call: ServiceCall) -> Iterator[str]:
    """Yield the connectors meant, by id; some may be unknown or come twice."""
    selection = TargetSelection(call.data)
    selected = async_extract_referenced_entity_ids(call.hass, selection, primary_entities_only=False)
    entities, devices = er.async_get(call.hass), dr.async_get(call.hass)
    ours = {entry.entry_id: entry for entry in _loaded(call.hass)}

    def ids_of(device_ids: set[str]) -> Iterator[str]:
        for device_id in device_ids:
            if (device := devices.async_get(device_id)) is not None:
                yield from (key for domain, key in device.identifiers if domain == DOMAIN)

    def devices_of(entity_ids: set[str]) -> set[str]:
        found = (entities.async_get(entity_id) for entity_id in entity_ids)
        return {entity.device_id for entity in found if entity is not None and entity.device_id is not None}

    yield from ids_of(selected.referenced_devices | devices_of(selected.referenced | selected.indirectly_referenced))
    outright = selected.referenced_devices & selection.device_ids | devices_of(selected.referenced)
    for key in ids_of(outright):
        if key in ours:
            yield from ours[key].runtime_data.connectors


def _loaded(hass: HomeAssistant) -> list[SmartEvseConfigEntry]:
    return hass.config_entries.async_loaded_entries(DOMAIN)
