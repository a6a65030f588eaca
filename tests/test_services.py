"""Actions, through `hass.services`: their targets, their effect, their refusals and their answers."""

from dataclasses import replace
from datetime import timedelta
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
import voluptuous as vol

from custom_components.smart_evse.chargers.port import OutletReading
from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.model import Mode, Override, PerPhase, VehicleState
from custom_components.smart_evse.services import ACTIONS, ON_SITES, QUESTIONS
from tests.home import AC, CHARGING, CONNECTED, V2G, Box, MakeSite, Site, SwitchingBox, charger

TWO = (charger(), charger("Carport"))


def device(site: Site, identifier: str) -> str:
    entry_id = site.entry.entry_id
    found = dr.async_get(site.hass).async_get_device_by_identifier((DOMAIN, identifier), entry_id)
    assert found is not None
    return found.id


def overrides(site: Site) -> list[Override | None]:
    return [site.coordinator.live(connector).override for connector in site.coordinator.connectors]


async def two(make_site: MakeSite) -> Site:
    return await make_site(Box(AC), Box(AC), chargers=TWO)


async def test_the_actions_are_there_without_a_site(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site()
    assert await hass.config_entries.async_unload(site.entry.entry_id)
    names = {action.name for action in (*ACTIONS, *QUESTIONS, *ON_SITES)}
    assert {"set_charge_current", "set_mode", "explain", "plan", "set_grid_limit"} <= names
    assert set(hass.services.async_services_for_domain(DOMAIN)) == names
    with pytest.raises(ServiceValidationError) as refused:
        await site.call(DOMAIN, "stop_charging", entity_id="sensor.garage_power")
    assert refused.value.translation_key == "no_connector_targeted"


async def test_a_device_is_a_target(make_site: MakeSite) -> None:
    site = await two(make_site)
    await site.call(DOMAIN, "stop_charging", device_id=device(site, site.connector))
    assert overrides(site) == [Override(amps=0.0), None]


async def test_a_diagnostic_entity_is_a_target(make_site: MakeSite) -> None:
    site = await two(make_site)
    await site.call(DOMAIN, "stop_charging", entity_id=site.entity_id("binary_sensor", "problem"))
    assert overrides(site) == [Override(amps=0.0), None]


async def test_an_area_is_a_target(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await two(make_site)
    area = ar.async_get(hass).async_create("Drive")
    registry = dr.async_get(hass)
    registry.async_update_device(device(site, list(site.coordinator.connectors)[1]), area_id=area.id)
    await site.call(DOMAIN, "stop_charging", area_id=area.id)
    assert overrides(site) == [None, Override(amps=0.0)]


async def test_the_site_named_outright_is_all_of_its_chargers(make_site: MakeSite) -> None:
    site = await two(make_site)
    await site.call(DOMAIN, "stop_charging", device_id=device(site, site.entry.entry_id))
    assert overrides(site) == [Override(amps=0.0)] * 2


async def test_a_site_that_merely_lies_in_the_area_is_none_of_them(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await two(make_site)
    area = ar.async_get(hass).async_create("Cupboard")
    dr.async_get(hass).async_update_device(device(site, site.entry.entry_id), area_id=area.id)
    with pytest.raises(ServiceValidationError):
        await site.call(DOMAIN, "stop_charging", area_id=area.id)
    assert overrides(site) == [None, None]


async def test_all_is_every_charger_there_is(make_site: MakeSite) -> None:
    site = await two(make_site)
    await site.call(DOMAIN, "stop_charging", entity_id="all")
    assert overrides(site) == [Override(amps=0.0)] * 2


async def test_a_charger_targeted_five_times_is_asked_once(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = await make_site()
    asked = []
    real = site.coordinator.async_set_override

    async def note(connector: str, override: Override) -> None:
        asked.append(connector)
        await real(connector, override)

    monkeypatch.setattr(site.coordinator, "async_set_override", note)
    entities = [site.entity_id("sensor", key) for key in ("power", "current", "status", "reason")]
    await site.call(DOMAIN, "stop_charging", entity_id=entities, device_id=device(site, site.connector))
    assert asked == [site.connector]


@pytest.mark.parametrize("target", [{"entity_id": "sun.sun"}, {"device_id": "gone"}, {"area_id": "nowhere"}])
async def test_a_target_without_a_charger_is_refused(make_site: MakeSite, target: dict[str, str]) -> None:
    site = await make_site()
    with pytest.raises(ServiceValidationError) as refused:
        await site.call(DOMAIN, "start_charging", **target)
    assert str(refused.value) == "None of the targets is a charger of Smart EVSE that is set up and running"


async def test_no_target_at_all_is_refused(make_site: MakeSite) -> None:
    site = await make_site()
    with pytest.raises(vol.Invalid):
        await site.call(DOMAIN, "start_charging")


async def test_a_current_for_a_while(make_site: MakeSite) -> None:
    site = await make_site()
    target = {"entity_id": site.entity_id("sensor", "status")}
    await site.call(DOMAIN, "set_charge_current", amps=8, duration={"minutes": 30}, **target)
    until = dt_util.utcnow() + timedelta(minutes=30)
    assert overrides(site) == [Override(amps=8.0, until=until)]
    assert site.state("sensor", "limit").state == "8.0"
    await site.wait(1801)
    await site.read(CONNECTED)
    assert overrides(site) == [None]


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"amps": -8}, "discharge_not_possible"),
        ({"amps": 4}, "current_out_of_range"),
        ({"amps": 20}, "current_out_of_range"),
        ({"amps": 8, "phases": 1}, "phases_not_switchable"),
    ],
)
async def test_what_a_charger_cannot_do_is_refused(make_site: MakeSite, asked: dict[str, Any], key: str) -> None:
    site = await make_site()
    with pytest.raises(ServiceValidationError) as refused:
        await site.call(DOMAIN, "set_charge_current", entity_id=site.entity_id("sensor", "status"), **asked)
    assert (refused.value.translation_domain, refused.value.translation_key) == (DOMAIN, key)
    assert "Garage" in str(refused.value)
    assert overrides(site) == [None]


@pytest.mark.parametrize("asked", [{}, {"amps": "many"}, {"amps": 400}, {"amps": 8, "phases": 2}, {"amps": 8, "w": 1}])
async def test_what_makes_no_sense_is_refused(make_site: MakeSite, asked: dict[str, Any]) -> None:
    site = await make_site()
    with pytest.raises(vol.Invalid):
        await site.call(DOMAIN, "set_charge_current", entity_id=site.entity_id("sensor", "status"), **asked)


async def test_one_that_cannot_keeps_the_others_from_being_half_done(make_site: MakeSite) -> None:
    site = await make_site(Box(AC), Box(AC), chargers=(charger(), charger("Carport", max_current=10.0)))
    with pytest.raises(ServiceValidationError):
        await site.call(DOMAIN, "set_charge_current", entity_id="all", amps=16)
    assert overrides(site) == [None, None]


async def test_phases_where_the_charger_can_switch_them(make_site: MakeSite) -> None:
    site = await make_site(SwitchingBox(AC))
    target = {"entity_id": site.entity_id("sensor", "status")}
    await site.call(DOMAIN, "set_charge_current", amps=8, phases="1", **target)
    assert overrides(site) == [Override(amps=8.0, phases=1)]


async def test_a_car_is_asked_to_give(make_site: MakeSite) -> None:
    box = Box(V2G, (replace(CHARGING, soc=80.0),))
    site = await make_site(box, chargers=(charger(phase_map="1", max_current=16.0),))
    await site.call(DOMAIN, "set_charge_current", amps=-8, entity_id=site.entity_id("sensor", "status"))
    assert overrides(site) == [Override(amps=-8.0)]


async def test_a_mode_ends_an_override(make_site: MakeSite) -> None:
    site = await make_site()
    target = {"entity_id": site.entity_id("sensor", "status")}
    await site.call(DOMAIN, "stop_charging", **target)
    await site.call(DOMAIN, "set_mode", mode="fast", **target)
    live = site.coordinator.live(site.connector)
    assert (live.mode, live.override) == (Mode.FAST, None)
    with pytest.raises(vol.Invalid):
        await site.call(DOMAIN, "set_mode", mode="warp", **target)


async def test_start_stop_and_back_to_the_mode(make_site: MakeSite) -> None:
    site = await make_site()
    target = {"entity_id": site.entity_id("sensor", "status")}
    await site.call(DOMAIN, "start_charging", **target)
    assert overrides(site) == [Override(amps=16.0)]
    await site.call(DOMAIN, "stop_charging", **target)
    assert overrides(site) == [Override(amps=0.0)]
    await site.call(DOMAIN, "clear_override", **target)
    assert overrides(site) == [None]


async def test_an_explanation(make_site: MakeSite) -> None:
    site = await two(make_site)
    answer = await site.call(DOMAIN, "explain", entity_id="all")
    json.dumps(answer, allow_nan=False)
    assert list(answer) == ["Garage", "Carport"]
    garage = answer["Garage"]
    assert garage["reason"] == "solar_waiting"
    assert garage["sentence"].startswith("Waiting for the sun: ")
    assert {"rank": "charger", "kind": "ceiling", "amps": 16.0} | {
        "reason": "charger_maximum",
        "sentence": "The charger can carry 16 A.",
    } in garage["chain"]
    assert garage["readings"]["grid"]["age"] == 0.0
    assert garage["readings"]["charger"]["state"] == "connected"
    assert [help_["reason"] for help_ in garage["what_would_help"]] == ["solar_waiting"]


async def test_an_explanation_of_a_car_that_gives(make_site: MakeSite) -> None:
    box = Box(V2G, (replace(CHARGING, power=-1840.0, currents=PerPhase(-8.0), soc=80.0),))
    site = await make_site(box, chargers=(charger(phase_map="1"),))
    await site.call(DOMAIN, "set_charge_current", entity_id="all", amps=-8, duration={"hours": 1})
    garage = (await site.call(DOMAIN, "explain", entity_id="all"))["Garage"]
    until = dt_util.utcnow() + timedelta(hours=1)
    assert garage["override"] == {"amps": -8.0, "phases": None, "until": until.isoformat()}
    assert garage["limit"] == {"watts": -1848.0}
    assert garage["sentence"] == "Somebody set -8 A."
    assert (garage["readings"]["charger"]["power"], garage["readings"]["charger"]["soc"]) == (-1840.0, 80.0)


async def test_an_explanation_without_a_bound_says_so(make_site: MakeSite) -> None:
    site = await make_site()
    await site.coordinator.async_set_mode(site.connector, Mode.FAST)
    answer = await site.call(DOMAIN, "explain", entity_id="all")
    (wish,) = (claim for claim in answer["Garage"]["chain"] if claim["kind"] == "target")
    assert (wish["reason"], wish["amps"]) == ("mode_fast", None)


async def test_a_car_that_takes_nothing_is_looked_at(make_site: MakeSite) -> None:
    site = await make_site()
    await site.coordinator.async_set_mode(site.connector, Mode.FAST)
    await site.wait(30)
    await site.sample(1000.0)
    await site.read(replace(CONNECTED, limit=16.0))
    answer = await site.call(DOMAIN, "explain", entity_id="all")
    assert answer["Garage"]["limit"]["amps"] > 0
    assert [help_["reason"] for help_ in answer["Garage"]["what_would_help"]] == ["vehicle_not_charging"]


@pytest.mark.parametrize(
    ("says", "mode", "reasons"),
    [
        (replace(CONNECTED, state=VehicleState.NOT_CONNECTED), Mode.OFF, ["not_connected", "mode_off"]),
        (CONNECTED, Mode.OFF, ["mode_off"]),
        (replace(CONNECTED, state=VehicleState.FAULT, fault="lid"), Mode.FAST, ["charger_fault"]),
        (CHARGING, Mode.FAST, []),
    ],
)
async def test_what_would_help(make_site: MakeSite, says: OutletReading, mode: Mode, reasons: list[str]) -> None:
    site = await make_site(Box(AC, (says,)))
    await site.coordinator.async_set_mode(site.connector, mode)
    answer = await site.call(DOMAIN, "explain", device_id=device(site, site.connector))
    assert [help_["reason"] for help_ in answer["Garage"]["what_would_help"]] == reasons
    assert all(help_["sentence"].endswith(".") for help_ in answer["Garage"]["what_would_help"])


async def test_two_chargers_of_one_name_are_told_apart(make_site: MakeSite) -> None:
    twins = (charger(), charger(unique_id="demo_twin"))
    site = await make_site(Box(AC), Box(AC), chargers=twins)
    answer = await site.call(DOMAIN, "explain", entity_id="all")
    assert sorted(answer) == sorted(f"Garage ({connector})" for connector in site.coordinator.connectors)
