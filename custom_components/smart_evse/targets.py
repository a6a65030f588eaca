"""What an action is meant for: distinct connectors, or one site.

A target is resolved to distinct connectors first, and every one of them is asked before any is
commanded: an action that one of them cannot do does nothing at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_ENTITY_ID, ENTITY_MATCH_ALL
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.util.json import JsonObjectType

from .configuration import Connector
from .const import DOMAIN
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .errors import mistake

SITE: Final = ATTR_CONFIG_ENTRY_ID
"""The field of an action that names a site; where there is one only, nobody has to."""


@dataclass(frozen=True, slots=True)
class Target:
    """One connector that an action is meant for."""

    coordinator: SiteCoordinator
    connector: Connector


def site_of(call: ServiceCall) -> SiteCoordinator:
    """Return the site that a call names, or the only one; `ServiceValidationError` when that is none."""
    named, sites = call.data.get(SITE), _loaded(call.hass)
    meant = [entry for entry in sites if named is None or entry.entry_id == named]
    if not meant:
        raise mistake("no_such_site")
    if len(meant) > 1:
        raise mistake("which_site", sites=", ".join(sorted(entry.title for entry in meant)))
    return meant[0].runtime_data


def by_name(answers: list[tuple[Target, JsonObjectType]]) -> JsonObjectType:
    """Put answers under the names of their connectors."""
    names = [target.connector.name for target, _ in answers]
    return {
        # Two sites may each have a "Garage": their ids then tell them apart.
        name if names.count(name) == 1 else f"{name} ({target.connector.id})": answer
        for name, (target, answer) in zip(names, answers, strict=True)
    }


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
