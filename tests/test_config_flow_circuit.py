"""Circuits with a fuse of their own, the meters of them, and home batteries."""

from collections.abc import Iterator
from types import MappingProxyType
from unittest.mock import patch

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.smart_evse.engine.model import PerPhase
from custom_components.smart_evse.links.errors import Silent
from custom_components.smart_evse.meters.port import Measurement
from tests.flows import DEMO_METER, add, change, site, subentry
from tests.home import MakeSite

POWER = {"unit_of_measurement": "W", "device_class": "power"}
AMPS = {"unit_of_measurement": "A", "device_class": "current"}
PANEL = {"name": "Panel", "phases": 3, "limit": 20.0, "parent": None}


@pytest.fixture(autouse=True)
def nothing_is_set_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """A flow ends where the site takes over."""
    if "make_site" in request.fixturenames:
        yield
        return
    with (
        patch("custom_components.smart_evse.async_setup_entry", return_value=True),
        patch("custom_components.smart_evse.async_unload_entry", return_value=True),
    ):
        yield


def of_kind(entry: MockConfigEntry, kind: str) -> list[ConfigSubentry]:
    return [sub for sub in entry.subentries.values() if sub.subentry_type == kind]


async def test_what_else_hangs_on_a_circuit(hass: HomeAssistant) -> None:
    entry = site(DEMO_METER)
    entry.add_to_hass(hass)
    walk = await add(hass, entry, "circuit")
    assert walk.is_told
    await walk.say(name="Garage", phases="3", limit=16, others=16)
    assert walk.errors == {"others": "nothing_left"}
    assert walk.complaint
    assert walk.suggested["others"] == 16
    await walk.say(name="Garage", phases="3", limit=16, others=4)
    (garage,) = of_kind(entry, "circuit")
    assert garage.data["others"] == 4
    walk = await change(hass, entry, "Garage")
    assert walk.is_told
    assert walk.suggested["others"] == 4


async def test_the_meter_of_a_circuit(hass: HomeAssistant) -> None:
    for line in "123":
        hass.states.async_set(f"sensor.l{line}", "500", POWER)
    hass.states.async_set("sensor.grid", "900", POWER)
    entry = site(DEMO_METER, subentry("circuit", PANEL, "Panel"), subentry("circuit", PANEL, "Shed"))
    entry.add_to_hass(hass)
    panel, shed = (sub.subentry_id for sub in of_kind(entry, "circuit"))
    walk = await add(hass, entry, "meter")
    assert walk.step == "place"
    assert walk.is_told
    await walk.say(circuit=panel)
    await walk.tap("grid_entities")
    await walk.say(more={f"l{line}": f"sensor.l{line}" for line in "123"})
    await walk.say(answer="right")
    meter = of_kind(entry, "meter")[1]
    assert (meter.data["circuit"], meter.data["entities"]["l2"]) == (panel, "sensor.l2")
    walk = await change(hass, entry, meter.title)
    await walk.say(power="sensor.grid", more={})
    await walk.say(answer="inverted")
    meter = of_kind(entry, "meter")[1]
    assert (meter.data["circuit"], meter.data["invert"]) == (panel, True), "it stays where it is"
    walk = await add(hass, entry, "meter")
    options = walk.result["data_schema"].schema["circuit"].config["options"]
    assert [option["value"] for option in options] == [shed], "each circuit has one meter"


async def test_the_meter_of_a_circuit_may_know_its_currents_alone(hass: HomeAssistant) -> None:
    for line in "123":
        hass.states.async_set(f"sensor.amps_l{line}", "4.5", AMPS)
    entry = site(DEMO_METER, subentry("circuit", PANEL, "Panel"))
    entry.add_to_hass(hass)
    (panel,) = (sub.subentry_id for sub in of_kind(entry, "circuit"))
    walk = await add(hass, entry, "meter")
    await walk.say(circuit=panel)
    await walk.tap("grid_entities")
    await walk.say(more={"current_l1": "sensor.amps_l1"})
    assert walk.errors == {"base": "no_power_chosen"}
    await walk.say(more={f"current_l{line}": f"sensor.amps_l{line}" for line in "123"})
    await walk.say(answer="right")
    meter = of_kind(entry, "meter")[1]
    assert (meter.data["circuit"], set(meter.data["entities"])) == (panel, {"current_l1", "current_l2", "current_l3"})


async def test_every_place_has_its_meter(hass: HomeAssistant) -> None:
    panel = subentry("circuit", PANEL, "Panel")
    entry = site(DEMO_METER, panel)
    entry.add_to_hass(hass)
    (circuit,) = of_kind(entry, "circuit")
    walk = await add(hass, entry, "meter")
    await walk.say(circuit=circuit.subentry_id)
    await walk.tap("grid_demo")
    await walk.say(answer="right")
    walk = await add(hass, entry, "meter")
    assert walk.result["reason"] == "meter_exists"


async def test_a_grid_meter_goes_before_that_of_a_circuit(hass: HomeAssistant) -> None:
    entry = site(subentry("circuit", PANEL, "Panel"))
    entry.add_to_hass(hass)
    walk = await add(hass, entry, "meter")
    assert walk.step == "place"
    await walk.say()
    await walk.tap("grid_demo")
    await walk.say(answer="right")
    (meter,) = of_kind(entry, "meter")
    assert "circuit" not in meter.data


async def test_what_runs_at_a_circuit_is_not_asked_twice(make_site: MakeSite) -> None:
    running = await make_site(others=(subentry("circuit", PANEL, "Panel"),))
    hass, entry = running.hass, running.entry
    (panel,) = of_kind(entry, "circuit")
    data = {"kind": "demo", "circuit": panel.subentry_id, "invert": False}
    below = ConfigSubentry(data=MappingProxyType(data), subentry_type="meter", title="Below", unique_id=None)
    hass.config_entries.async_add_subentry(entry, below)
    await running.settle()
    with patch("custom_components.smart_evse.flows.meters.probe_meter", side_effect=Silent("nobody")):
        walk = await change(hass, entry, "Below")
        assert walk.errors == {"base": "silent"}, "it has not spoken yet, and so it is asked"
    publish = running.meters[-1].publish
    assert publish is not None
    publish(Measurement(power=-700.0, currents=PerPhase(-1.0, -1.0, -1.0)))
    running.coordinator.beat()
    with patch("custom_components.smart_evse.flows.meters.probe_meter") as probe:
        walk = await change(hass, entry, "Below")
        assert not probe.called
    assert walk.step == "grid_export"
    assert walk.result["description_placeholders"]["power"] == "700 W"
    await walk.say(answer="inverted")
    await running.settle()
    meter = next(sub for sub in of_kind(entry, "meter") if sub.title == "Below")
    assert meter.data == {**data, "invert": True}


async def test_what_a_battery_can_do(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.battery", "-300", POWER)
    hass.states.async_set("sensor.second", "-300", POWER)
    entry = site(DEMO_METER, battery_policy="both")
    entry.add_to_hass(hass)
    walk = await add(hass, entry, "battery")
    await walk.tap("battery_entities")
    await walk.say(power="sensor.battery")
    assert walk.step == "battery"
    assert walk.is_told
    assert walk.suggested == {"battery_policy": "both"}, "what the site says so far"
    able = {"charge_power": 3000, "discharge_power": 2500, "efficiency": 88}
    await walk.say(battery_policy="battery_until", battery_until=60, capacity=9.6, more=able)
    (battery,) = of_kind(entry, "battery")
    assert battery.data == {
        "kind": "entities",
        "entities": {"power": "sensor.battery"},
        "invert": False,
        "battery_policy": "battery_until",
        "battery_until": 60,
        "battery_feeds_car": False,
        "capacity": 9.6,
        **able,
    }
    walk = await change(hass, entry, "battery")
    await walk.say(power="sensor.battery", invert=True)
    assert walk.suggested["battery_policy"] == "battery_until"
    assert walk.suggested["efficiency"] == 88
    await walk.say(battery_policy="car_first", more={})
    (battery,) = of_kind(entry, "battery")
    assert (battery.data["invert"], battery.data["battery_policy"]) == (True, "car_first")
    assert "capacity" not in battery.data
    walk = await add(hass, entry, "battery")
    await walk.tap("battery_entities")
    await walk.say(power="sensor.second")
    assert walk.fields == {"capacity", "charge_power", "discharge_power", "efficiency"}, "the first speaks for both"
    await walk.say(capacity=5, more={})
    assert "battery_policy" not in of_kind(entry, "battery")[1].data
