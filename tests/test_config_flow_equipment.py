"""Adding and changing a piece of equipment of a site that exists."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.chargers.modbus_box import ModbusBox
from tests.chargers.test_keba import KebaBox
from tests.flows import DEMO_METER, SITE, WIRED, add, begin, change, site, subentry

POWER = {"unit_of_measurement": "W", "device_class": "power"}
AMPS = {"unit_of_measurement": "A", "device_class": "current", "min": 0, "max": 16}


@pytest.fixture(autouse=True)
def nothing_is_set_up(socket_enabled: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """A flow ends where the site takes over."""
    if "really" in request.fixturenames:
        yield
        return
    with (
        patch("custom_components.smart_evse.async_setup_entry", return_value=True),
        patch("custom_components.smart_evse.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture
def really() -> None:
    """Set up what is configured."""


@pytest.fixture
def home(hass: HomeAssistant) -> MockConfigEntry:
    entry = site(DEMO_METER)
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def keba() -> AsyncIterator[KebaBox]:
    box = KebaBox("keba_p30")
    await box.come_back()
    yield box
    await box.vanish()


def at(box: ModbusBox) -> dict[str, object]:
    return {"host": "127.0.0.1", "more": {"port": box.port}}


def only(entry: MockConfigEntry, kind: str) -> ConfigSubentry:
    (found,) = [sub for sub in entry.subentries.values() if sub.subentry_type == kind]
    return found


@pytest.fixture
async def charger(hass: HomeAssistant, home: MockConfigEntry, keba: KebaBox) -> MockConfigEntry:
    """A site with a KEBA called Garage."""
    walk = await add(hass, home, "charger")
    await walk.tap("charger_keba")
    await walk.say(at(keba))
    await walk.say(WIRED)
    assert walk.result["type"] is FlowResultType.CREATE_ENTRY
    return home


async def test_a_charger_belongs_to_one_site(hass: HomeAssistant, charger: MockConfigEntry, keba: KebaBox) -> None:
    cabin = site(title="Cabin")
    cabin.add_to_hass(hass)
    for entry in (charger, cabin):
        walk = await add(hass, entry, "charger")
        await walk.tap("charger_keba")
        await walk.say(at(keba))
        assert (walk.step, walk.errors) == ("charger_tcp", {"base": "already_configured"})


async def test_a_fuse_below_the_minimum_of_a_charger(hass: HomeAssistant, keba: KebaBox) -> None:
    entry = site(DEMO_METER, margin=20)
    entry.add_to_hass(hass)
    walk = await add(hass, entry, "charger")
    await walk.tap("charger_keba")
    await walk.say(at(keba))
    assert walk.errors == {"base": "fuse_below_minimum"}
    assert walk.result["description_placeholders"]["fuse"] == "25"


async def test_circuits_and_vehicles_are_offered_where_there_are_any(hass: HomeAssistant, keba: KebaBox) -> None:
    circuit = subentry("circuit", {"name": "Garage", "phases": 3, "limit": 16, "parent": None}, "Garage")
    vehicle = subentry("vehicle", {"phases": 3, "max_current": 16, "min_current": 6}, "Car")
    entry = site(DEMO_METER, circuit, vehicle)
    entry.add_to_hass(hass)
    walk = await add(hass, entry, "charger")
    await walk.tap("charger_keba")
    await walk.say(at(keba))
    assert {"circuit", "vehicle"} <= walk.fields
    await walk.say(WIRED, more={"circuit": only(entry, "circuit").subentry_id})
    assert only(entry, "charger").data["circuit"] == only(entry, "circuit").subentry_id


async def test_a_charger_is_changed(hass: HomeAssistant, charger: MockConfigEntry, keba: KebaBox) -> None:
    before = only(charger, "charger")
    walk = await change(hass, charger, "Garage")
    assert walk.step == "charger_tcp"
    assert walk.suggested == {"host": "127.0.0.1", "port": keba.port, "unit": 255}
    await walk.say(at(keba))
    assert (walk.suggested["name"], walk.suggested["phase_map"]) == ("Garage", "231")
    await walk.say(
        name="Drive", phase_map="1", max_current=10, more={"cable_current": 13, "reaction_time": 60}, meter_papers={}
    )
    assert walk.result["reason"] == "reconfigure_successful"
    after = only(charger, "charger")
    assert (after.title, after.unique_id) == ("Drive", before.unique_id)
    assert after.data == {**before.data, "phase_map": "1", "max_current": 10, "cable_current": 13, "reaction_time": 60}


async def test_another_box_in_place_of_a_charger(hass: HomeAssistant, charger: MockConfigEntry, keba: KebaBox) -> None:
    other = KebaBox("keba_p40")
    await other.come_back()
    walk = await change(hass, charger, "Garage")
    await walk.say(at(other))
    await other.vanish()
    assert (walk.step, walk.errors) == ("charger_tcp", {"base": "different_device"})


@pytest.fixture
def known_charger(hass: HomeAssistant) -> dict[str, object]:
    """Entities of a charger that Home Assistant has, with one word that nobody knows."""
    hass.states.async_set("sensor.box", "ready", {"options": ["ready", "charging", "wobbling"], "device_class": "enum"})
    hass.states.async_set("number.box", "10", AMPS)
    hass.states.async_set("sensor.box_power", "0", POWER)
    return {"status": "sensor.box", "current_number": "number.box", "power": "sensor.box_power"}


async def test_a_charger_that_home_assistant_has(
    hass: HomeAssistant, home: MockConfigEntry, known_charger: dict[str, object]
) -> None:
    walk = await add(hass, home, "charger")
    await walk.tap("charger_entities")
    await walk.say(known_charger, more={})
    assert walk.step == "charger_states"
    assert walk.result["description_placeholders"]["unclear"] == "ready, wobbling"
    assert walk.suggested == {"c": ["charging"]}
    await walk.say(a=["ready"], c=["charging"], f=["wobbling"])
    assert walk.step == "wiring"
    await walk.say(WIRED, **({"unguarded": True} if "unguarded" in walk.fields else {}))
    box = only(home, "charger")
    assert box.data["entities"] == {**known_charger, "status_map": {"ready": "A", "wobbling": "F"}}
    assert box.unique_id == "entities_number.box_0"

    walk = await change(hass, home, "Garage")
    assert walk.suggested == known_charger
    await walk.say(known_charger, more={})
    assert walk.step == "wiring", "what was said of its words is kept"
    consent = {"unguarded": True} if "unguarded" in walk.fields else {}
    await walk.say(WIRED, **consent, meter_papers={})
    assert only(home, "charger").data["entities"]["status_map"] == {"ready": "A", "wobbling": "F"}


async def test_words_that_everybody_knows_are_not_asked_about(
    hass: HomeAssistant, home: MockConfigEntry, known_charger: dict[str, object]
) -> None:
    hass.states.async_set("binary_sensor.plug", "on", {"device_class": "plug"})
    walk = await add(hass, home, "charger")
    await walk.tap("charger_entities")
    await walk.say({**known_charger, "status": "binary_sensor.plug"}, more={})
    assert walk.step == "wiring"


async def test_entities_that_cannot_be_a_charger(
    hass: HomeAssistant, home: MockConfigEntry, known_charger: dict[str, object]
) -> None:
    hass.states.async_set("number.percent", "10", {"unit_of_measurement": "%"})
    hass.states.async_set("number.never_off", "10", {**AMPS, "min": 6})
    hass.states.async_set("sensor.money", "10", {"unit_of_measurement": "EUR"})
    walk = await add(hass, home, "charger")
    await walk.tap("charger_entities")
    for answers, errors in (
        ({"current_number": "number.percent"}, {"current_number": "not_a_current"}),
        ({"current_number": "number.never_off"}, {"enable": "needs_switch"}),
        ({"energy": "sensor.money"}, {"energy": "not_an_energy"}),
        ({"status": "sensor.gone"}, {"status": "entity_unavailable"}),
    ):
        await walk.say({**known_charger, **answers}, more={})
        assert (walk.step, walk.errors) == ("charger_entities", errors)


async def test_a_serial_charger_that_is_not_there(hass: HomeAssistant, home: MockConfigEntry) -> None:
    walk = await add(hass, home, "charger")
    await walk.tap("charger_heidelberg_serial")
    assert walk.step == "charger_serial"
    await walk.say(serial_port="/dev/null/none", more={})
    assert walk.errors == {"base": "unreachable"}


async def test_a_site_has_one_grid_meter(hass: HomeAssistant, home: MockConfigEntry) -> None:
    walk = await add(hass, home, "meter")
    assert walk.result["reason"] == "meter_exists"


async def test_a_grid_meter_is_added_and_changed(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.grid", "100", POWER)
    hass.states.async_set("sensor.total", "200", POWER)
    entry = site()
    entry.add_to_hass(hass)
    walk = await add(hass, entry, "meter")
    await walk.tap("grid_entities")
    await walk.say(power="sensor.grid", more={})
    await walk.say(answer="inverted")
    assert only(entry, "meter").data == {"kind": "entities", "entities": {"power": "sensor.grid"}, "invert": True}
    walk = await change(hass, entry, "grid")
    assert (walk.step, walk.suggested) == ("grid_entities", {"power": "sensor.grid"})
    await walk.say(power="sensor.grid", more={})
    assert walk.step == "grid_export", "it was turned round"
    await walk.say(answer="right")
    assert only(entry, "meter").data["invert"] is True
    walk = await change(hass, entry, "grid")
    await walk.say(power="sensor.total", more={})
    await walk.say(answer="right")
    assert only(entry, "meter").title == "total"


async def test_what_runs_is_not_asked_twice(
    hass: HomeAssistant, keba: KebaBox, really: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Many boxes serve one client, which is the running site: what it has read is shown."""
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_demo")
    await walk.say(answer="inverted")
    await walk.tap("charger_keba")
    await walk.say(at(keba))
    await walk.say(WIRED)
    entry = walk.result["result"]
    await _everything_read(entry)
    with patch("custom_components.smart_evse.flows.meters.probe_meter") as probe:
        walk = await change(hass, entry, only(entry, "meter").title)
        assert walk.step in ("grid_import", "grid_export")
        await walk.say(answer="right")
        assert not probe.called
    assert walk.result["reason"] == "reconfigure_successful"
    assert only(entry, "meter").data["invert"] is True
    with patch("custom_components.smart_evse.flows.chargers.probe_charger") as probe:
        walk = await change(hass, entry, "Garage")
        await walk.say(at(keba))
        assert not probe.called
    assert walk.step == "wiring"
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert "did not complete in time" not in caplog.text


async def _everything_read(entry: ConfigEntry) -> None:
    site, everything = entry.runtime_data, asyncio.Event()

    def look() -> None:
        chargers = site.equipment.chargers.values()
        if site.data.snapshot.grid is not None and all(line.identity for line in chargers):
            everything.set()

    stop = site.async_add_listener(look)
    await asyncio.wait_for(everything.wait(), 10)
    stop()


async def test_an_inverter_and_a_battery(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set("sensor.roof", "2000", POWER)
    hass.states.async_set("sensor.battery", "-300", POWER)
    walk = await add(hass, home, "inverter")
    await walk.tap("solar_entities")
    await walk.say(power="sensor.roof")
    assert only(home, "inverter").data == {"kind": "entities", "entities": {"power": "sensor.roof"}, "invert": False}
    walk = await add(hass, home, "battery")
    await walk.tap("battery_entities")
    await walk.say(power="sensor.battery", invert=True)
    assert walk.step == "battery"
    await walk.say(more={})
    assert only(home, "battery").data["invert"] is True
    walk = await change(hass, home, "battery")
    assert walk.suggested == {"power": "sensor.battery", "invert": True}
    await walk.say(power="sensor.battery", invert=False)
    await walk.say(more={})
    assert walk.result["reason"] == "reconfigure_successful"
    assert only(home, "battery").data["invert"] is False


async def test_a_circuit_and_what_hangs_on_it(hass: HomeAssistant, home: MockConfigEntry) -> None:
    walk = await add(hass, home, "circuit")
    assert "parent" not in walk.fields
    await walk.say(name="Sub-panel", phases="3", limit=20)
    panel = only(home, "circuit")
    assert panel.data == {"name": "Sub-panel", "phases": 3, "limit": 20, "parent": None}
    walk = await add(hass, home, "circuit")
    await walk.say(name="Garage", phases="1", limit=16, parent=panel.subentry_id)
    walk = await change(hass, home, "Sub-panel")
    assert walk.suggested == {"name": "Sub-panel", "phases": "3", "limit": 20}
    assert "parent" not in walk.fields, "a circuit is never behind itself"
    await walk.say(name="Panel", phases="3", limit=25)
    assert walk.result["reason"] == "reconfigure_successful"
    assert sorted(sub.title for sub in home.subentries.values()) == ["Demo", "Garage", "Panel"]
