"""What Home Assistant already knows of a house, so that nobody has to look for it again.

The Energy dashboard's preferences come first: somebody chose them. Then the integrations that read
a grid meter, by the entities they are known to have.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from homeassistant.const import CONF_IP_ADDRESS
from homeassistant.core import HomeAssistant, valid_entity_id
from homeassistant.helpers import entity_registry as er

from ..const import (
    CONF_EXPORT_ADD,
    CONF_EXPORT_ENTITIES,
    CONF_EXPORT_KIND,
    CONF_INVERT,
    CONF_PRICE_ADD,
    CONF_PRICE_ENTITIES,
    CONF_PRICE_KIND,
    DOMAIN,
)
from ..site_options import PriceKind

# Integration: our slot -> how the unique id of its entity ends.
_GRID_SENSORS: Mapping[str, Mapping[str, str]] = {
    "dsmr": {
        "import": "_current_electricity_usage",
        "export": "_current_electricity_delivery",
        "current_l1": "_instantaneous_current_l1",
        "current_l2": "_instantaneous_current_l2",
        "current_l3": "_instantaneous_current_l3",
    },
    "homewizard": {
        "power": "_active_power_w",
        "l1": "_active_power_l1_w",
        "l2": "_active_power_l2_w",
        "l3": "_active_power_l3_w",
    },
    "p1_monitor": {"import": "_power_consumption", "export": "_power_production"},
    "tibber": {"import": "_rt_power", "export": "_rt_powerProduction"},
}


@dataclass(slots=True)
class Known:
    """What was found: values to suggest, by the names of our own forms' fields."""

    grid: dict[str, object] = field(default_factory=dict)
    homewizard: str | None = None
    sun: dict[str, object] = field(default_factory=dict)
    prices: dict[str, object] = field(default_factory=dict)


async def look_around(hass: HomeAssistant) -> Known:
    """Gather what may be suggested for the grid meter, the sun and the home battery."""
    known = Known(homewizard=_homewizard_host(hass))
    for source in await _energy_sources(hass):
        if source["type"] == "grid":
            known.grid = known.grid or _direction(source)
            known.prices = known.prices or _prices(source)
        elif source["type"] == "solar":
            _add_solar(known.sun, source)
        elif source["type"] == "battery" and "battery_power" not in known.sun:
            known.sun |= _battery(source)
    known.grid = known.grid or next(_meters_in_registry(hass), {})
    return known


async def _energy_sources(hass: HomeAssistant) -> list[Mapping[str, object]]:
    if "energy" not in hass.config.components:
        return []
    from homeassistant.components.energy.data import async_get_manager  # noqa: PLC0415 - only where it is set up

    manager = await async_get_manager(hass)
    return [dict(source) for source in manager.data["energy_sources"]] if manager.data else []


def _direction(source: Mapping[str, object]) -> dict[str, object]:
    """Read a power of the dashboard: one sensor, one the other way round, or one for each direction."""
    config = source.get("power_config")
    power = config if isinstance(config, Mapping) else source
    slots = {
        "power": power.get("stat_rate") or power.get("stat_rate_inverted"),
        "import": power.get("stat_rate_from"),
        "export": power.get("stat_rate_to"),
    }
    found: dict[str, object] = {slot: name for slot, name in slots.items() if _is_entity(name)}
    if found and "stat_rate_inverted" in power:
        found[CONF_INVERT] = True
    return found


def _prices(source: Mapping[str, object]) -> dict[str, object]:
    """Read what the dashboard was told a kWh costs and earns, as options of a site."""
    found: dict[str, object] = {}
    for kind, entities, add, ending in (
        (CONF_PRICE_KIND, CONF_PRICE_ENTITIES, CONF_PRICE_ADD, ""),
        (CONF_EXPORT_KIND, CONF_EXPORT_ENTITIES, CONF_EXPORT_ADD, "_export"),
    ):
        entity_id, fixed = source.get(f"entity_energy_price{ending}"), source.get(f"number_energy_price{ending}")
        if _is_entity(entity_id):
            found |= {kind: PriceKind.ENTITIES.value, entities: [entity_id]}
        elif fixed is not None:
            found |= {kind: PriceKind.FIXED.value, add: fixed}
    return found


def _add_solar(sun: dict[str, object], source: Mapping[str, object]) -> None:
    known = sun.get("solar")
    if _is_entity(name := source.get("stat_rate")):
        sun["solar"] = [*(known if isinstance(known, list) else []), name]


def _battery(source: Mapping[str, object]) -> dict[str, object]:
    """Suggest a home battery that has one signed power; two one-way sensors have no field in our form."""
    power = _direction(source)
    if "power" not in power:
        return {}
    found = {"battery_power": power["power"], "battery_invert": power.get(CONF_INVERT, False)}
    return found | ({"battery_soc": soc} if _is_entity(soc := source.get("stat_soc")) else {})


def _is_entity(name: object) -> bool:
    """Tell an entity from a statistic that somebody imported: only the first has a value now."""
    return isinstance(name, str) and valid_entity_id(name)


def _meters_in_registry(hass: HomeAssistant) -> Iterator[dict[str, object]]:
    entities = [entry for entry in er.async_get(hass).entities.values() if entry.disabled_by is None]
    for platform, slots in _GRID_SENSORS.items():
        found: dict[str, object] = {
            slot: entry.entity_id
            for slot, ending in slots.items()
            for entry in entities
            if entry.platform == platform and entry.unique_id.endswith(ending)
        }
        if "power" in found or "import" in found:
            yield found


def _homewizard_host(hass: HomeAssistant) -> str | None:
    """Find the P1 meter of Home Assistant's own integration: it serves several clients."""
    entries = hass.config_entries.async_entries("homewizard", include_ignore=False, include_disabled=False)
    return next(
        (str(entry.data[CONF_IP_ADDRESS]) for entry in entries if (entry.unique_id or "").upper().startswith("HWE-P1")),
        None,
    )


# A charger's field -> the domain, device class and words that its entity has.
_CHARGER_FIELDS: Mapping[str, tuple[str, str | None, str]] = {
    "status": ("sensor", "enum", "status state"),
    "power": ("sensor", "power", ""),
    "energy": ("sensor", "energy", "total lifetime"),
    "enable": ("switch", None, "charg enable"),
}


def guess_charger(hass: HomeAssistant) -> dict[str, object]:
    """Suggest the entities of the one device whose current can be set; nothing where there are several."""
    registry = er.async_get(hass)
    numbers = [
        entry
        for entry in registry.entities.values()
        if entry.domain == "number" and _class_of(entry) == "current" and entry.device_id and entry.disabled_by is None
        if entry.platform != DOMAIN
    ]
    if len({entry.device_id for entry in numbers}) != 1:
        return {}
    of_device = er.async_entries_for_device(registry, str(numbers[0].device_id))
    found: dict[str, object] = {"current_number": numbers[0].entity_id}
    for slot, (domain, device_class, words) in _CHARGER_FIELDS.items():
        fitting = [
            entry.entity_id
            for entry in of_device
            if entry.domain == domain and device_class in (None, _class_of(entry))
            if not words or any(word in entry.entity_id for word in words.split())
        ]
        if fitting:
            found[slot] = fitting[0]
    return found


def _class_of(entry: er.RegistryEntry) -> str | None:
    return entry.device_class or entry.original_device_class
