"""Charging, on or off, through `switch.turn_on` and `switch.turn_off`."""

import pytest

from custom_components.smart_evse.engine.model import Mode, Override
from tests.home import AC, CHARGING, Box, MakeSite, Site


async def turn(site: Site, to: str) -> Override | None:
    await site.call("switch", f"turn_{to}", entity_id=site.entity_id("switch", "charging"))
    override: Override | None = site.coordinator.live(site.connector).override
    return override


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.SOLAR])
async def test_on_charges_as_fast_as_possible_when_nothing_else_would(make_site: MakeSite, mode: Mode) -> None:
    site = await make_site()
    await site.coordinator.async_set_mode(site.connector, mode)
    assert site.state("switch", "charging").state == "off"
    assert await turn(site, "on") == Override(amps=16.0)
    assert site.state("switch", "charging").state == "on"


async def test_on_leaves_it_to_a_mode_that_charges(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, (CHARGING,)))
    await site.coordinator.async_set_mode(site.connector, Mode.FAST)
    assert await turn(site, "on") is None
    assert await turn(site, "off") == Override(amps=0.0)
    assert site.state("switch", "charging").state == "off"
    assert site.state("sensor", "reason").state == "override_stop"
    assert await turn(site, "on") is None, "the mode charges again once the stop is taken back"
    assert site.state("switch", "charging").state == "on"


async def test_on_leaves_a_current_that_somebody_set(make_site: MakeSite) -> None:
    site = await make_site()
    await site.coordinator.async_set_override(site.connector, Override(amps=8.0))
    assert await turn(site, "on") == Override(amps=8.0)
