"""The system page."""

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.smart_evse.const import DOMAIN
from tests.home import AC, Box, MakeSite, charger


async def test_a_site_at_a_glance(hass: HomeAssistant, make_site: MakeSite) -> None:
    assert await async_setup_component(hass, "system_health", {})
    site = await make_site(Box(AC), Box(AC), chargers=(charger(), charger("Carport")))
    await site.wait(4)
    site.coordinator.beat()
    assert await get_system_health_info(hass, DOMAIN) == {
        "sites": 1,
        "site_state": "normal",
        "grid_sample_age": "4 s",
        "chargers_reachable": "2/2",
    }
    await site.silence(0)
    await site.silence(1)
    assert (await get_system_health_info(hass, DOMAIN))["chargers_reachable"] == "0/2"


async def test_no_site_at_all(hass: HomeAssistant, make_site: MakeSite) -> None:
    assert await async_setup_component(hass, "system_health", {})
    site = await make_site()
    assert await hass.config_entries.async_unload(site.entry.entry_id)
    assert (await get_system_health_info(hass, DOMAIN))["sites"] == 0
