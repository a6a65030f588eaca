"""What the owner should know: devices that went silent or came back, and what calls for a repair."""

from collections.abc import Iterator
import logging

from homeassistant.core import HomeAssistant, callback

from .const import CONF_CIRCUIT, CONF_PARENT, SUBENTRY_METER
from .coordinator import SiteCoordinator, SmartEvseConfigEntry
from .engine.model import ConnectorId, ReasonKey
from .links.errors import BadCredentials, DeviceError
from .repairs import Issue, async_sync_issues
from .unbilled_guests import unbilled_guests

_LOGGER = logging.getLogger(__name__)

SLOWEST = 15.0
"""A grid meter that tells something new less often cannot be controlled on, in s."""


class Attention:
    """Watches a site for its owner. Says everything once when it starts and once when it ends."""

    def __init__(self, hass: HomeAssistant, entry: SmartEvseConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._silent: set[str] = set()
        self._raised: tuple[Issue, ...] | None = None

    @callback
    def trouble(self, subentry_id: str, err: DeviceError | None) -> None:
        """Note that a device failed, or (`None`) that it answered."""
        subentry = self._entry.subentries.get(subentry_id)
        if subentry is None:
            return
        if err is None:
            if subentry_id in self._silent:
                self._silent.discard(subentry_id)
                _LOGGER.info("%s answers again", subentry.title)
            return
        if subentry_id not in self._silent:
            self._silent.add(subentry_id)
            _LOGGER.warning("%s does not answer: %s", subentry.title, err)
        if isinstance(err, BadCredentials):
            self._entry.async_start_reauth(
                self._hass,
                context={"title_placeholders": {"name": subentry.title}},
                data={"subentry_id": subentry_id},
            )

    @callback
    def watch(self, coordinator: SiteCoordinator) -> None:
        """Keep the repairs page true from now on."""

        @callback
        def look() -> None:
            wanted = tuple(_issues(coordinator))
            if wanted != self._raised:
                self._raised = wanted
                async_sync_issues(self._hass, self._entry.entry_id, wanted)

        self._entry.async_on_unload(coordinator.async_add_listener(look))
        look()


def _issues(site: SiteCoordinator) -> Iterator[Issue]:
    entry = site.config_entry
    yield from _meter_issues(site)
    yield from site.sessions.upkeep.issues()
    yield from site.sessions.evidence.issues()
    yield from site.tills.issues()
    yield from site.store.statements.issues(entry)
    yield from unbilled_guests(site)
    for key, connector in site.connectors.items():
        line = site.equipment.chargers[connector.subentry_id]
        memory = line.commander.memory(connector.outlet)
        names = {"charger": connector.name}
        if memory.is_ignored:
            yield Issue(id=f"command_ignored_{key}", key="command_ignored", placeholders=names)
        if memory.is_contested:
            yield Issue(id=f"limit_contested_{key}", key="limit_contested", placeholders=names)
        if line.guarded is False:
            yield Issue(id=f"fallback_not_set_{key}", key="fallback_not_set", placeholders=names)
        if _is_circuit_missing(site, key):
            yield Issue(
                id=f"circuit_missing_{connector.subentry_id}",
                key="circuit_missing",
                placeholders={"charger": connector.name, "site": entry.title},
            )


def _meter_issues(site: SiteCoordinator) -> Iterator[Issue]:
    entry = site.config_entry
    meter = next((sub for sub in entry.subentries.values() if sub.subentry_type == SUBENTRY_METER), None)
    names = {"site": entry.title, "meter": entry.title if meter is None else meter.title}
    cadence = site.equipment.grid_cadence
    if cadence is not None and cadence > SLOWEST:
        yield Issue(
            id=f"meter_slow_{entry.entry_id}",
            key="meter_slow",
            placeholders={**names, "seconds": f"{cadence:.0f}"},
        )
    if site.data is not None and _is_total_only(site):
        yield Issue(id=f"total_power_only_{entry.entry_id}", key="total_power_only", placeholders=names)


def _is_total_only(site: SiteCoordinator) -> bool:
    grid = site.data.snapshot.grid
    missing = any(
        claim.reason.key is ReasonKey.METER_MISSING_PHASES
        for setpoint in site.data.decision.setpoints
        for claim in setpoint.chain
    )
    return grid is not None and missing


def _is_circuit_missing(site: SiteCoordinator, key: ConnectorId) -> bool:
    """Say whether a circuit between a connector and the main fuse has been deleted."""
    subentries = site.config_entry.subentries
    circuit, seen = site.connectors[key].data.get(CONF_CIRCUIT), set[str]()
    while circuit and circuit not in seen:
        if circuit not in subentries:
            return True
        seen.add(circuit)
        circuit = subentries[circuit].data.get(CONF_PARENT)
    return False
