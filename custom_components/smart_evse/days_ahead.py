"""Who tells a site of its days ahead: the sources that its owner chose, or those of the energy dashboard."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from homeassistant.components.energy.data import EnergyManager, async_get_manager
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .almanac import HassActions, HassSolarForecasts, HassStatistics
from .const import (
    CONF_ENTITIES,
    CONF_EXPORT_ENTITIES,
    CONF_EXPORT_KIND,
    CONF_PRICE_ENTITIES,
    CONF_PRICE_KIND,
    CONF_SUN_ENTITIES,
    CONF_SUN_FORECASTS,
    DOMAIN,
    SUBENTRY_INVERTER,
)
from .engine.forecast.habits import WallClock
from .engine.model import ConnectorId
from .engine.vehicle.departures import Trip, amount_in
from .expectations import Sources
from .links.errors import DeviceError
from .links.states import EntityPort
from .site_options import PriceKind, buying, selling
from .tariffs.history import RecordedHistory, Registers
from .tariffs.lists import moment
from .tariffs.port import Source
from .tariffs.price_entities import EntityPrices
from .tariffs.sun import EntitySun, PlatformSun

_CALENDAR_AHEAD = timedelta(days=9)


async def async_sources(hass: HomeAssistant, entry: ConfigEntry[Any], states: EntityPort) -> Sources:
    """Return the sources of a site."""
    options = entry.options

    def prices(kind: str, entities: str) -> Source | None:
        chosen = options.get(entities) or ()
        if options.get(kind) != PriceKind.ENTITIES or not chosen:
            return None
        return EntityPrices(states, chosen, dt_util.get_default_time_zone(), HassActions(hass))

    return Sources(
        buy=buying(options),
        sell=selling(options),
        prices=prices(CONF_PRICE_KIND, CONF_PRICE_ENTITIES),
        export_prices=prices(CONF_EXPORT_KIND, CONF_EXPORT_ENTITIES),
        sun=tuple(_suns(hass, options, states, await _energy_sources(hass))),
    )


def _suns(
    hass: HomeAssistant, options: Mapping[str, Any], states: EntityPort, dashboard: Iterable[Mapping[str, Any]]
) -> Iterator[Source]:
    zone = dt_util.get_default_time_zone()
    entities, entries = options.get(CONF_SUN_ENTITIES) or (), options.get(CONF_SUN_FORECASTS)
    if entries is None and not entities:
        entries = [one for source in dashboard for one in source.get("config_entry_solar_forecast") or ()]
    if entries:
        yield PlatformSun(HassSolarForecasts(hass), dict.fromkeys(entries), zone)
    if entities:
        yield EntitySun(states, entities, zone)


async def async_history(
    hass: HomeAssistant, entry: ConfigEntry[Any], connectors: Iterable[ConnectorId]
) -> RecordedHistory:
    """Return the history of a site: by the registers of the energy dashboard, or by what we measured ourselves."""
    sources = await _energy_sources(hass)
    grid = [source for source in sources if source["type"] == "grid"]
    battery = [source for source in sources if source["type"] == "battery"]
    imported = _ids(grid, "stat_energy_from", "flow_from")
    inverters = (sub.data for sub in entry.subentries.values() if sub.subentry_type == SUBENTRY_INVERTER)
    registers = Registers(
        imported=imported,
        exported=_ids(grid, "stat_energy_to", "flow_to"),
        solar=_ids((source for source in sources if source["type"] == "solar"), "stat_energy_from"),
        battery_out=_ids(battery, "stat_energy_from"),
        battery_in=_ids(battery, "stat_energy_to"),
        cars=_ours(hass, (f"{key}_energy" for key in connectors)),
        cars_back=_ours(hass, (f"{key}_energy_discharged" for key in connectors)),
        house_power=frozenset() if imported else _ours(hass, (f"{entry.entry_id}_house_consumption",)),
        solar_power=frozenset(
            data[CONF_ENTITIES]["power"] for data in inverters if data.get(CONF_ENTITIES, {}).get("power")
        ),
    )
    return RecordedHistory(HassStatistics(hass), registers)


async def async_departures(hass: HomeAssistant, calendar: str, clock: WallClock) -> tuple[Trip, ...]:
    """Return what a calendar says of when a car leaves; whole days say nothing of an hour."""
    now = dt_util.utcnow()
    values = {
        "entity_id": calendar,
        "start_date_time": (now - timedelta(days=1)).isoformat(),
        "end_date_time": (now + _CALENDAR_AHEAD).isoformat(),
    }
    try:
        answer = await HassActions(hass).ask("calendar", "get_events", **values)
    except DeviceError:
        return ()
    told = answer.get(calendar)
    events = told.get("events", ()) if isinstance(told, Mapping) else ()
    return tuple(_trips(events, clock))


def _trips(events: Iterable[Mapping[str, str]], clock: WallClock) -> Iterator[Trip]:
    for event in events:
        start, end = event.get("start", ""), event.get("end", "")
        leaves = moment(start, clock.zone)
        if leaves is None or "T" not in start:
            continue
        text = " ".join(event.get(key) or "" for key in ("summary", "description"))
        yield Trip(leaves=leaves, returns=moment(end, clock.zone), target=amount_in(text))


async def _energy_sources(hass: HomeAssistant) -> tuple[Mapping[str, Any], ...]:
    """Return what the energy dashboard was told, nothing where there is none."""
    if "energy" not in hass.config.components:
        return ()
    manager: EnergyManager = await async_get_manager(hass)
    return () if manager.data is None else tuple(dict(source) for source in manager.data["energy_sources"])


def _ids(sources: Iterable[Mapping[str, Any]], key: str, below: str = "") -> frozenset[str]:
    """Return the statistics under a key, be it one list deeper, as it was before 2026."""
    rows = [row for source in sources for row in (source, *source.get(below, ()))]
    return frozenset(row[key] for row in rows if row.get(key))


def _ours(hass: HomeAssistant, unique_ids: Iterable[str]) -> frozenset[str]:
    registry = er.async_get(hass)
    found = (registry.async_get_entity_id("sensor", DOMAIN, unique_id) for unique_id in unique_ids)
    return frozenset(entity_id for entity_id in found if entity_id is not None)
