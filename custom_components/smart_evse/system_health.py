"""What the system page tells of our sites at a glance."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import SiteCoordinator, SmartEvseConfigEntry


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Say who answers for us on the system page."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[SmartEvseConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    sites = [entry.runtime_data for entry in entries]
    return {
        "sites": len(sites),
        "site_state": ", ".join(site.data.decision.site.state.value for site in sites),
        "grid_sample_age": ", ".join(_grid_sample_age(site) for site in sites),
        "chargers_reachable": ", ".join(_reachable(site) for site in sites),
    }


def _grid_sample_age(site: SiteCoordinator) -> str:
    snapshot = site.data.snapshot
    return "-" if snapshot.grid is None else f"{max(0.0, snapshot.now - snapshot.grid.at):.0f} s"


def _reachable(site: SiteCoordinator) -> str:
    answering = sum(site.available(connector) for connector in site.connectors)
    return f"{answering}/{len(site.connectors)}"
