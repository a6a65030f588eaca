"""Currents and an end that people set, through `number.set_value`."""

from dataclasses import replace

from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.smart_evse.engine.model import Override, VehicleState
from tests.home import CHARGING, CONNECTED, V2G, Box, MakeSite, Site, charger


async def set_value(site: Site, key: str, value: float) -> None:
    await site.call("number", "set_value", entity_id=site.entity_id("number", key), value=value)


async def test_a_charge_current_overrides_the_mode(make_site: MakeSite) -> None:
    site = await make_site()
    assert site.state("number", "charge_current").state == "0.0"
    await set_value(site, "charge_current", 10)
    assert site.coordinator.live(site.connector).override == Override(amps=10.0)
    assert site.state("number", "charge_current").state == "10.0"
    assert site.state("sensor", "reason").state == "override"


async def test_a_charge_current_is_0_or_within_its_bounds(make_site: MakeSite) -> None:
    site = await make_site()
    bounds = site.state("number", "charge_current").attributes
    assert (bounds["min"], bounds["max"], bounds["step"]) == (0.0, 16.0, 1.0)
    with pytest.raises(ServiceValidationError) as refused:
        await set_value(site, "charge_current", 3)
    assert str(refused.value) == "The current of Garage must be 0 or from 6 A to 16 A"
    with pytest.raises(ServiceValidationError):
        await set_value(site, "charge_current", -6)
    assert site.coordinator.live(site.connector).override is None


async def test_a_charger_that_gives_has_negative_currents(make_site: MakeSite) -> None:
    says = replace(CHARGING, soc=80.0)
    site = await make_site(Box(V2G, (says,)), chargers=(charger(phase_map="1", max_current=20.0),))
    assert site.state("number", "charge_current").attributes["min"] == -20.0
    await set_value(site, "charge_current", -10)
    assert site.coordinator.live(site.connector).override == Override(amps=-10.0)


async def test_an_override_ends_with_the_car(make_site: MakeSite) -> None:
    site = await make_site()
    await set_value(site, "charge_current", 10)
    await site.read(replace(CONNECTED, state=VehicleState.NOT_CONNECTED))
    assert site.state("number", "charge_current").state == "0.0"


async def test_minimum_and_maximum_bound_each_other(make_site: MakeSite) -> None:
    site = await make_site(chargers=(charger(max_current=13.0),))
    await set_value(site, "maximum_current", 10)
    await set_value(site, "minimum_current", 8)
    shown = {
        key: (float(state.state), state.attributes["min"], state.attributes["max"])
        for key in ("minimum_current", "maximum_current", "charge_current")
        if (state := site.state("number", key))
    }
    assert shown == {
        "minimum_current": (8.0, 6.0, 10.0),
        "maximum_current": (10.0, 8.0, 13.0),
        "charge_current": (0.0, 0.0, 10.0),
    }
    with pytest.raises(ServiceValidationError):
        await set_value(site, "minimum_current", 11)
    with pytest.raises(ServiceValidationError):
        await set_value(site, "maximum_current", 16)


async def test_charging_stops_after_an_energy_and_0_takes_that_back(make_site: MakeSite) -> None:
    site = await make_site()
    await site.call("select", "select_option", entity_id=site.entity_id("select", "mode"), option="fast")
    await set_value(site, "stop_after", 1)
    assert site.coordinator.live(site.connector).stop_after == 1000.0
    await site.wait(240)
    await site.sample(1000.0)
    await site.read(replace(CHARGING, energy_in=1_235_000.0))
    assert site.state("sensor", "reason").state == "stop_after_energy"
    await set_value(site, "stop_after", 0)
    assert site.coordinator.live(site.connector).stop_after is None
    assert site.state("sensor", "reason").state != "stop_after_energy"


async def test_what_is_set_survives_a_silent_charger(make_site: MakeSite) -> None:
    site = await make_site()
    await site.silence()
    await set_value(site, "maximum_current", 10)
    assert site.state("number", "maximum_current").state == "10.0"
