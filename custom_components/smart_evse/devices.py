"""The devices of a site in Home Assistant: the site itself, and all that hangs on it."""

from collections.abc import Iterator

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import (
    CONF_PHASES,
    DOMAIN,
    SUBENTRY_BATTERY,
    SUBENTRY_CIRCUIT,
    SUBENTRY_INVERTER,
    SUBENTRY_METER,
    SUBENTRY_VEHICLE,
)
from .coordinator import SiteCoordinator, SmartEvseConfigEntry

MODELS = {
    SUBENTRY_METER: "Grid meter",
    SUBENTRY_INVERTER: "Inverter",
    SUBENTRY_BATTERY: "Home battery",
    SUBENTRY_CIRCUIT: "Circuit",
    SUBENTRY_VEHICLE: "Vehicle",
}


@callback
def async_make_devices(hass: HomeAssistant, entry: SmartEvseConfigEntry) -> None:
    """Make the site's device before the platforms, and those of its equipment, which point at it.

    The connectors' devices come with their entities.
    """
    registry = dr.async_get(hass)
    site = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        name=entry.title,
        manufacturer="Smart EVSE",
        model="Site",
        entry_type=dr.DeviceEntryType.SERVICE,
    )
    for subentry in _equipment(entry):
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=subentry.subentry_id,
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            model=MODELS[subentry.subentry_type],
            via_device_id=site.id,
        )


@callback
def async_follow_meters(hass: HomeAssistant, site: SiteCoordinator) -> None:
    """Say of each meter's device who made it, once the meter has told."""
    registry, entry = dr.async_get(hass), site.config_entry
    waiting = set(site.equipment.meters)

    @callback
    def follow() -> None:
        for key in list(waiting):
            identity = site.equipment.meters[key].identity
            if identity is None:
                continue
            waiting.discard(key)
            device = registry.async_get_device_by_identifier((DOMAIN, key), entry.entry_id)
            if device is not None:
                registry.async_update_device(
                    device.id,
                    manufacturer=identity.maker,
                    model=identity.model,
                    serial_number=identity.serial,
                    sw_version=identity.firmware,
                )

    entry.async_on_unload(site.async_add_listener(follow))
    follow()


@callback
def async_remove_stale(hass: HomeAssistant, site: SiteCoordinator) -> None:
    """Take away what the configuration no longer has: an outlet of a charger, a phase of the site."""
    entry, registry = site.config_entry, dr.async_get(hass)
    present = {entry.entry_id, *site.connectors, *(item.subentry_id for item in _equipment(entry))}
    broken = tuple(site.equipment.broken)
    for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
        keys = {key for domain, key in device.identifiers if domain == DOMAIN}
        # A charger that cannot be opened just now has not gone: it keeps its devices, and their names.
        if not keys & present and not any(key.startswith(broken) for key in keys if broken):
            registry.async_remove_device(device.id)
    entities = er.async_get(hass)
    gone = {f"{entry.entry_id}_headroom_l{phase}" for phase in range(int(entry.data[CONF_PHASES]) + 1, 4)}
    for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
        if entity.unique_id in gone:
            entities.async_remove(entity.entity_id)


def _equipment(entry: SmartEvseConfigEntry) -> Iterator[ConfigSubentry]:
    return (subentry for subentry in entry.subentries.values() if subentry.subentry_type in MODELS)
