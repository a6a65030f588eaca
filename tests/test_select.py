"""What the owner wants of a connector, through `select.select_option`."""

from dataclasses import replace

from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.smart_evse.engine.model import Mode, VehicleState
from tests.home import CONNECTED, V2G, Box, MakeSite, Site, charger

GONE = replace(CONNECTED, state=VehicleState.NOT_CONNECTED)


async def choose(site: Site, key: str, option: str) -> None:
    await site.call("select", "select_option", entity_id=site.entity_id("select", key), option=option)


@pytest.mark.parametrize("mode", Mode)
async def test_every_mode_can_be_chosen(make_site: MakeSite, mode: Mode) -> None:
    site = await make_site(Box(V2G), chargers=(charger(phase_map="1"),))
    await choose(site, "mode", mode.value)
    assert site.state("select", "mode").state == mode.value
    assert site.coordinator.live(site.connector).mode is mode


async def test_only_a_charger_that_gives_serves_the_house(make_site: MakeSite) -> None:
    site = await make_site()
    for key in ("mode", "mode_after_unplug"):
        assert "house" not in site.state("select", key).attributes["options"]
        with pytest.raises(ServiceValidationError):
            await choose(site, key, "house")


async def test_a_mode_that_does_not_exist_is_refused(make_site: MakeSite) -> None:
    site = await make_site()
    with pytest.raises(ServiceValidationError):
        await choose(site, "mode", "warp")


@pytest.mark.parametrize(("after", "then"), [("keep", "fast"), ("solar_min", "solar_min"), ("off", "off")])
async def test_the_mode_after_unplugging(make_site: MakeSite, after: str, then: str) -> None:
    site = await make_site()
    assert site.state("select", "mode_after_unplug").state == "keep"
    await choose(site, "mode_after_unplug", after)
    await choose(site, "mode", "fast")
    await site.read(GONE)
    assert site.state("select", "mode").state == then
    assert site.state("select", "mode_after_unplug").state == after
