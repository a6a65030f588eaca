"""The first flow of a site, and what is asked of the site later; over real sockets where there is a device."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
import json
from pathlib import Path
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_DHCP, SOURCE_IGNORE, SOURCE_REAUTH, SOURCE_ZEROCONF, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from zeroconf import service_type_name

from custom_components.smart_evse import config_flow
from custom_components.smart_evse.chargers.port import Identity, Traits
from custom_components.smart_evse.config_flow import heard
from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.flows.probe import ProbedCharger, ProbedMeter, probe_charger
from custom_components.smart_evse.links.errors import (
    BadCredentials,
    Busy,
    DeviceError,
    Refused,
    Silent,
    Unreachable,
    Unusable,
    WrongDevice,
    WrongUnit,
)
from custom_components.smart_evse.meters.port import Measurement, MeterIdentity
from tests.chargers.test_keba import KebaBox
from tests.chargers.test_openevse import FakeOpenEvse
from tests.chargers.test_smartevse import FakeSmartEvse
from tests.flows import DEMO_METER, SITE, WIRED, Walk, begin, discover, site, subentry, to_charger, to_sun
from tests.meters.p1_port import P1Port, ticking

POWER = {"unit_of_measurement": "W", "device_class": "power"}


@pytest.fixture(autouse=True)
def nothing_is_set_up(socket_enabled: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """A flow ends where the site begins."""
    if "really" in request.fixturenames:
        yield
        return
    with (
        patch("custom_components.smart_evse.async_setup_entry", return_value=True),
        patch("custom_components.smart_evse.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture
async def keba() -> AsyncIterator[KebaBox]:
    box = KebaBox("keba_p30")
    await box.come_back()
    yield box
    await box.vanish()


@pytest.fixture
async def smartevse() -> AsyncIterator[FakeSmartEvse]:
    box = FakeSmartEvse()
    await box.come_back()
    yield box
    await box.vanish()


@pytest.fixture
async def openevse() -> AsyncIterator[FakeOpenEvse]:
    box = FakeOpenEvse()
    await box.come_back()
    yield box
    await box.vanish()


def at(box: KebaBox) -> dict[str, object]:
    return {"host": "127.0.0.1", "more": {"port": box.port}}


def announced(name: str, kind: str, port: int) -> ZeroconfServiceInfo:
    address = ip_address("127.0.0.1")
    return ZeroconfServiceInfo(
        ip_address=address,
        ip_addresses=[address],
        hostname=f"{name}.local.",
        name=f"{name}.{kind}",
        type=kind,
        port=port,
        properties={},
    )


async def test_from_nothing_to_a_working_charger(hass: HomeAssistant) -> None:
    """Six forms; a choice of kind or make is one tap between them."""
    hass.states.async_set("sensor.roof", "2300", POWER)
    walk = await to_sun(hass)
    assert walk.step == "sun"
    await walk.say(solar=["sensor.roof"], more={})
    assert walk.step == "charger"
    await walk.tap("charger_demo")
    assert walk.step == "wiring"
    assert walk.suggested | {"phase_map": "123", "max_current": 16} == walk.suggested
    await walk.say(WIRED)
    assert walk.result["type"] is FlowResultType.CREATE_ENTRY
    entry = walk.result["result"]
    assert (entry.title, entry.data, entry.unique_id) == ("Home", {"name": "Home", "phases": 3, "fuse": 25}, None)
    kept = {sub.subentry_type: sub for sub in entry.subentries.values()}
    assert kept["meter"].data == {"kind": "entities", "entities": {"power": "sensor.grid"}, "invert": False}
    assert kept["inverter"].data == {"kind": "entities", "entities": {"power": "sensor.roof"}, "invert": False}
    assert kept["inverter"].title == "roof"
    assert kept["charger"].title == "Garage"
    assert kept["charger"].data["phase_map"] == "231"


@pytest.fixture
def really() -> None:
    """Set up what the flow has made."""


async def test_the_simulated_house_is_set_up(hass: HomeAssistant, really: None) -> None:
    walk = await to_charger(hass)
    await walk.tap("charger_demo")
    await walk.say(WIRED)
    entry = walk.result["result"]
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert sorted(sub.subentry_type for sub in entry.subentries.values()) == ["charger", "inverter", "meter"]
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_fuse_that_is_too_small_for_any_charger(hass: HomeAssistant) -> None:
    walk = await begin(hass)
    await walk.say(SITE, fuse=6)
    assert (walk.step, walk.errors) == ("user", {"fuse": "fuse_too_small"})
    await walk.say(SITE, fuse=7)
    assert walk.step == "grid"


async def test_two_sites_of_one_name(hass: HomeAssistant) -> None:
    site().add_to_hass(hass)
    walk = await begin(hass)
    await walk.say(SITE)
    assert walk.errors == {"name": "name_taken"}


async def test_one_phase_has_no_rotation(hass: HomeAssistant) -> None:
    walk = await begin(hass)
    await walk.say(SITE, phases="1")
    await walk.tap("grid_demo")
    await walk.say(answer="right")
    await walk.tap("charger_demo")
    assert "phase_map" not in walk.fields
    await walk.say(name="Garage", max_current=10, more={})
    charger = next(s for s in walk.result["result"].subentries.values() if s.subentry_type == "charger")
    assert charger.data["phase_map"] == "1"


async def test_a_p1_port_over_the_network(hass: HomeAssistant) -> None:
    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write("".join(ticking("dsmr_5_0", 5)).encode("latin-1"))

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_p1")
    await walk.say(host="127.0.0.1", port=server.sockets[0].getsockname()[1], more={})
    server.close()
    assert walk.step.startswith("grid_")
    await walk.say(answer="right")
    assert walk.step == "sun"


async def test_nobody_behind_the_address_of_a_meter(hass: HomeAssistant, unused_tcp_port: int) -> None:
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_p1")
    await walk.say(host="127.0.0.1", port=unused_tcp_port, more={})
    assert (walk.step, walk.errors) == ("grid_p1", {"base": "unreachable"})
    assert walk.suggested["port"] == unused_tcp_port


@pytest.mark.parametrize(("power", "step"), [(1240, "grid_import"), (-800, "grid_export")])
async def test_the_live_check_says_which_way(hass: HomeAssistant, power: int, step: str) -> None:
    hass.states.async_set("sensor.grid", str(power), POWER)
    walk = await begin(hass)
    await walk.say(SITE, phases="1")
    await walk.tap("grid_entities")
    await walk.say(power="sensor.grid", more={})
    assert (walk.step, walk.errors) == (step, {})
    assert walk.result["description_placeholders"]["power"] == f"{abs(power):,} W".replace(",", "\u202f")


async def test_a_meter_that_counts_the_other_way_round(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.grid", "1240", POWER)
    walk = await begin(hass)
    await walk.say(SITE, phases="1")
    await walk.tap("grid_entities")
    await walk.say(power="sensor.grid", more={})
    hass.states.async_set("sensor.grid", "-300", POWER)
    await walk.say(answer="again")
    assert walk.step == "grid_export"
    hass.states.async_set("sensor.grid", "unavailable")
    await walk.say(answer="again")
    assert walk.errors == {"base": "entity_unavailable"}
    await walk.say(answer="inverted")
    await walk.say(more={})
    await walk.tap("charger_demo")
    await walk.say(name="Garage", max_current=10, more={})
    meter = next(s for s in walk.result["result"].subentries.values() if s.subentry_type == "meter")
    assert meter.data["invert"] is True


async def test_a_total_is_not_enough_for_three_phases(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.grid", "1240", POWER)
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_entities")
    await walk.say(power="sensor.grid", more={})
    assert walk.errors == {"base": "total_power_only"}
    await walk.say(answer="right")
    assert walk.step == "sun"


async def test_the_phases_are_shown(hass: HomeAssistant) -> None:
    for phase, power in (("l1", 740), ("l2", 300), ("l3", -1500)):
        hass.states.async_set(f"sensor.{phase}", str(power), POWER)
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_entities")
    await walk.say(more={phase: f"sensor.{phase}" for phase in ("l1", "l2", "l3")})
    assert walk.step == "grid_export"
    assert walk.result["description_placeholders"]["phases"] == "L1 740 W, L2 300 W, L3 -1\u202f500 W"


async def test_entities_that_cannot_be_a_meter(hass: HomeAssistant, freezer: object) -> None:
    hass.states.async_set("sensor.heat", "21", {"unit_of_measurement": "°C"})
    hass.states.async_set("sensor.asleep", "100", POWER)
    freezer.tick(700)  # type: ignore[attr-defined]
    hass.states.async_set("sensor.amps", "3", {"unit_of_measurement": "V"})
    hass.states.async_set("sensor.grid", "100", POWER)
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_entities")
    for answers, errors in (
        ({"more": {}}, {"base": "no_power_chosen"}),
        ({"power": "sensor.heat", "more": {}}, {"power": "not_a_power"}),
        ({"power": "sensor.none", "more": {}}, {"power": "entity_unavailable"}),
        ({"power": "sensor.asleep", "more": {}}, {"power": "never_updates"}),
        ({"power": "sensor.grid", "more": {"current_l1": "sensor.amps"}}, {"base": "not_a_current"}),
    ):
        await walk.say(answers)
        assert (walk.step, walk.errors) == ("grid_entities", errors)


async def test_a_grid_meter_of_another_site(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.grid", "100", POWER)
    other = subentry("meter", {"kind": "entities", "entities": {}}, unique_id="entities_sensor.grid")
    site(other, title="Cabin").add_to_hass(hass)
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_entities")
    await walk.say(power="sensor.grid", more={})
    assert walk.errors == {"base": "already_configured"}


async def test_sun_and_battery(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.east", "1000", POWER)
    hass.states.async_set("sensor.west", "1000", POWER)
    hass.states.async_set("sensor.battery", "300", POWER)
    hass.states.async_set("sensor.soc", "55", {"unit_of_measurement": "%"})
    walk = await to_sun(hass)
    answers = {"solar": ["sensor.east", "sensor.west"], "battery_power": "sensor.battery", "battery_invert": True}
    await walk.say(answers, battery_soc="sensor.grid", more={})
    assert walk.errors == {"battery_soc": "not_a_percentage"}
    await walk.say(answers, battery_soc="sensor.soc", more={})
    await walk.tap("charger_demo")
    await walk.say(WIRED)
    kept = [sub for sub in walk.result["result"].subentries.values() if sub.subentry_type in ("inverter", "battery")]
    assert [sub.title for sub in kept] == ["east", "west", "battery"]
    assert kept[2].data == {
        "kind": "entities",
        "entities": {"power": "sensor.battery", "soc": "sensor.soc"},
        "invert": True,
    }


async def test_an_inverter_that_does_not_answer(hass: HomeAssistant, unused_tcp_port: int) -> None:
    walk = await to_sun(hass)
    await walk.say(more={"host": "127.0.0.1", "port": unused_tcp_port})
    assert (walk.step, walk.errors) == ("sun", {"base": "unreachable"})
    await walk.say(solar=["sensor.none"], more={})
    assert walk.errors == {"solar": "entity_unavailable"}


async def test_a_charger_is_asked_who_it_is(hass: HomeAssistant, keba: KebaBox) -> None:
    walk = await to_charger(hass)
    await walk.tap("charger_keba")
    assert walk.step == "charger_tcp"
    assert walk.suggested == {"port": 502, "unit": 255}
    await walk.say(at(keba))
    assert walk.step == "wiring"
    await walk.say(WIRED)
    charger = next(s for s in walk.result["result"].subentries.values() if s.subentry_type == "charger")
    assert charger.unique_id == f"keba_{charger.data['serial']}"
    assert charger.data == {
        "make": "keba",
        "host": "127.0.0.1",
        "port": keba.port,
        "phase_map": "231",
        "max_current": 16,
        "mode": "smart",
        "auto_phases": False,
        "outlets": 1,
        "serial": charger.data["serial"],
    }


async def test_nobody_behind_the_address_of_a_charger(hass: HomeAssistant, keba: KebaBox) -> None:
    await keba.vanish()
    walk = await to_charger(hass)
    await walk.tap("charger_keba")
    await walk.say(at(keba))
    assert (walk.step, walk.errors) == ("charger_tcp", {"base": "unreachable"})
    assert walk.suggested["port"] == keba.port
    await keba.come_back()
    await walk.say(at(keba))
    assert walk.step == "wiring"


async def test_another_make_behind_the_address(hass: HomeAssistant, smartevse: FakeSmartEvse) -> None:
    walk = await to_charger(hass)
    await walk.tap("charger_openevse")
    await walk.say(host="127.0.0.1", more={"port": smartevse.port})
    assert (walk.step, walk.errors) == ("charger_login", {"base": "wrong_device"})


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (Unreachable(), "unreachable"),
        (Silent(), "silent"),
        (Busy(), "busy"),
        (WrongDevice(), "wrong_device"),
        (WrongUnit(), "wrong_unit"),
        (BadCredentials(), "bad_credentials"),
        (Refused(), "refused"),
        (Unusable(), "unusable"),
        (DeviceError(), "unknown"),
        (ZeroDivisionError(), "unknown"),
    ],
)
async def test_every_trouble_has_its_words(hass: HomeAssistant, error: Exception, key: str) -> None:
    walk = await to_charger(hass)
    await walk.tap("charger_keba")
    with patch("custom_components.smart_evse.chargers.keba.Keba.identify", side_effect=error):
        await walk.say(host="127.0.0.1", more={})
    assert walk.errors == {"base": key}


async def test_a_charger_that_hangs(hass: HomeAssistant, keba: KebaBox) -> None:
    keba.fall_silent()
    walk = await to_charger(hass)
    await walk.tap("charger_keba")
    with patch("custom_components.smart_evse.flows.probe.PATIENCE", 0.2):
        await walk.say(at(keba))
    assert walk.errors == {"base": "silent"}


async def test_a_meter_that_says_nothing(hass: HomeAssistant) -> None:
    port = P1Port()
    await port.start()
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_p1")
    with patch("custom_components.smart_evse.flows.probe.PATIENCE", 0.2):
        await walk.say(host="127.0.0.1", port=port.port, more={})
    await port.stop()
    assert walk.errors == {"base": "silent"}


async def test_nothing_guards_this_charger(hass: HomeAssistant, smartevse: FakeSmartEvse) -> None:
    """A box without a watchdog needs its owner's word, or a share of the fuse that is always free."""
    walk = await to_charger(hass)
    await walk.tap("charger_goe")
    with patch("custom_components.smart_evse.flows.chargers.probe_charger", side_effect=unguarded):
        await walk.say(host="127.0.0.1", more={})
    await walk.say(WIRED, unguarded=False)
    assert (walk.step, walk.errors) == ("wiring", {"unguarded": "consent_needed"})
    assert walk.suggested["name"] == "Garage"
    await walk.say(WIRED, unguarded=True)
    assert walk.result["type"] is FlowResultType.CREATE_ENTRY


async def wire(walk: Walk) -> None:
    """Answer the last questions about a charger; one that nothing guards needs its owner's word."""
    await walk.say(WIRED, **({"unguarded": True} if "unguarded" in walk.fields else {}))


async def unguarded(*_: object) -> object:
    return ProbedCharger(Identity(maker="go-e", model="Gemini", serial="1"), Traits(make="goe"), ())


async def test_a_charger_announces_itself_before_there_is_a_site(hass: HomeAssistant, smartevse: FakeSmartEvse) -> None:
    """It leads into the first flow, with the charger connected already."""
    walk = await discover(hass, SOURCE_ZEROCONF, announced("SmartEVSE-1234", "_http._tcp.local.", smartevse.port))
    assert walk.step == "user"
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"]["name"].startswith("SmartEVSE")
    await walk.say(SITE)
    await walk.tap("grid_demo")
    await walk.say(answer="right")
    assert walk.step == "wiring"
    await wire(walk)
    entry = walk.result["result"]
    assert entry.unique_id is None
    charger = next(s for s in entry.subentries.values() if s.subentry_type == "charger")
    assert (charger.data["host"], charger.data["port"]) == ("127.0.0.1", smartevse.port)
    again = await discover(hass, SOURCE_ZEROCONF, announced("SmartEVSE-1234", "_http._tcp.local.", smartevse.port))
    assert again.result["reason"] == "already_configured"


async def test_a_charger_that_was_found_goes_to_the_site(hass: HomeAssistant, smartevse: FakeSmartEvse) -> None:
    entry = site(DEMO_METER)
    entry.add_to_hass(hass)
    walk = await discover(hass, SOURCE_ZEROCONF, announced("SmartEVSE-1234", "_http._tcp.local.", smartevse.port))
    assert (walk.step, walk.fields) == ("discovered", set())
    await walk.say({})
    assert walk.step == "wiring"
    await wire(walk)
    assert walk.result["reason"] == "charger_added"
    assert walk.result["description_placeholders"] == {"charger": "Garage", "site": "Home"}
    assert [sub.title for sub in entry.subentries.values()] == ["Demo", "Garage"]


async def test_with_two_sites_one_is_chosen(hass: HomeAssistant, smartevse: FakeSmartEvse) -> None:
    home, cabin = site(), site(title="Cabin")
    home.add_to_hass(hass)
    cabin.add_to_hass(hass)
    walk = await discover(hass, SOURCE_ZEROCONF, announced("SmartEVSE-1234", "_http._tcp.local.", smartevse.port))
    assert walk.fields == {"site"}
    await walk.say(site=cabin.entry_id)
    await wire(walk)
    assert [sub.title for sub in cabin.subentries.values()] == ["Garage"]


async def test_a_charger_that_moved(hass: HomeAssistant, smartevse: FakeSmartEvse) -> None:
    """The same serial at another address: the address is kept, and nobody is asked."""
    walk = await discover(hass, SOURCE_ZEROCONF, announced("SmartEVSE-1234", "_http._tcp.local.", smartevse.port))
    (flow,) = hass.config_entries.flow.async_progress()
    unique_id = flow["context"]["unique_id"]
    known = subentry("charger", {"make": "smartevse", "host": "10.0.0.9", "max_current": 13}, "Garage", unique_id)
    entry = site(known)
    entry.add_to_hass(hass)
    hass.config_entries.flow.async_abort(flow["flow_id"])
    walk = await discover(hass, SOURCE_ZEROCONF, announced("SmartEVSE-1234", "_http._tcp.local.", smartevse.port))
    assert walk.result["reason"] == "already_configured"
    (charger,) = entry.subentries.values()
    assert charger.data == {"make": "smartevse", "host": "127.0.0.1", "port": smartevse.port, "max_current": 13}


async def test_a_charger_that_somebody_ignores(hass: HomeAssistant, smartevse: FakeSmartEvse) -> None:
    info = announced("SmartEVSE-1234", "_http._tcp.local.", smartevse.port)
    await discover(hass, SOURCE_ZEROCONF, info)
    (flow,) = hass.config_entries.flow.async_progress()
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": flow["context"]["unique_id"], "title": "Not mine"},
    )
    walk = await discover(hass, SOURCE_ZEROCONF, info)
    assert walk.result["reason"] == "already_configured"
    walk = await begin(hass)
    assert walk.step == "user"


async def test_a_charger_with_a_password_announces_itself(hass: HomeAssistant, openevse: FakeOpenEvse) -> None:
    entry = site()
    entry.add_to_hass(hass)
    info = announced("openevse-a7d4", "_openevse._tcp.local.", openevse.port)
    walk = await discover(hass, SOURCE_ZEROCONF, info)
    assert walk.step == "discovered"
    await walk.say({})
    assert (walk.step, walk.errors) == ("charger_login", {"base": "bad_credentials"})
    await walk.say(host="127.0.0.1", username="admin", password="ge heim", more={"port": openevse.port})
    assert walk.step == "wiring"
    await walk.say(name="Garage", phase_map="2", max_current=16, unguarded=True, more={})
    (charger,) = entry.subentries.values()
    assert charger.data["password"] == "ge heim"
    walk = await discover(hass, SOURCE_ZEROCONF, info)
    assert walk.result["reason"] == "already_configured"


async def test_a_card_of_kebas_asks_for_an_address(hass: HomeAssistant, unused_tcp_port: int) -> None:
    """The maker builds other machines too, so what does not answer as a charger is not offered."""
    info = DhcpServiceInfo(ip="127.0.0.1", hostname="keba", macaddress="0060b5123456")
    walk = await discover(hass, SOURCE_DHCP, info)
    assert walk.result["reason"] == "cannot_connect"


async def test_an_announcement_that_means_nothing_to_us(hass: HomeAssistant) -> None:
    walk = await discover(hass, SOURCE_ZEROCONF, announced("printer", "_http._tcp.local.", 80))
    assert walk.result["reason"] == "not_supported"


@pytest.mark.parametrize(
    ("name", "kind", "make"),
    [
        ("SmartEVSE-51234", "_http._tcp.local.", "smartevse"),
        ("go-eCharger_123456", "_go-e_go-eCharger._tcp.local.", "goe"),
        ("go-eCharger_123456", "_go-e_go-eCharger_V4._tcp.local.", "goe"),
        ("go-eCharger_123456", "_http._tcp.local.", "goe"),
        ("openevse-a7d4", "_openevse._tcp.local.", "openevse"),
        ("ACE0870096", "_alfen._tcp.local.", "alfen"),
    ],
)
def test_makes_by_their_announcement(name: str, kind: str, make: str) -> None:
    known = heard(announced(name, kind, 80))
    assert known is not None
    assert known.make == make


def test_every_announcement_is_looked_for() -> None:
    manifest = json.loads((Path(config_flow.__file__).parent / "manifest.json").read_text())
    kinds = {entry["type"] if isinstance(entry, dict) else entry for entry in manifest["zeroconf"]}
    assert kinds == {
        "_http._tcp.local.",
        "_go-e_go-eCharger._tcp.local.",
        "_go-e_go-eCharger_V4._tcp.local.",
        "_openevse._tcp.local.",
        "_alfen._tcp.local.",
    }
    for kind in kinds:
        service_type_name(kind, strict=False)


@pytest.fixture
async def guarded(hass: HomeAssistant, openevse: FakeOpenEvse) -> MockConfigEntry:
    """A site with an OpenEVSE that wants a password."""
    connection = {"host": "127.0.0.1", "port": openevse.port, "username": "admin", "password": "ge heim"}
    probed = await probe_charger(hass, {"make": "openevse", **connection})
    known = {"make": "openevse", **connection, "password": "old"}
    entry = site(subentry("charger", known, "Garage", f"openevse_{probed.identity.serial}"))
    entry.add_to_hass(hass)
    return entry


async def test_a_new_password(hass: HomeAssistant, openevse: FakeOpenEvse, guarded: MockConfigEntry) -> None:
    (charger,) = guarded.subentries.values()
    guarded.async_start_reauth(
        hass, context={"title_placeholders": {"name": "Garage"}}, data={"subentry_id": charger.subentry_id}
    )
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": "Garage"}
    walk = Walk(hass.config_entries.flow, await hass.config_entries.flow.async_configure(flow["flow_id"]))
    assert walk.step == "reauth_confirm"
    assert walk.result["description_placeholders"]["name"] == "Garage"
    assert walk.suggested == {"username": "admin"}
    await walk.say(username="admin", password="wrong")
    assert walk.errors == {"base": "bad_credentials"}
    await walk.say(username="admin", password="ge heim")
    assert walk.result["reason"] == "reauth_successful"
    (charger,) = guarded.subentries.values()
    assert charger.data["password"] == "ge heim"


async def test_another_box_takes_the_password(
    hass: HomeAssistant, openevse: FakeOpenEvse, guarded: MockConfigEntry
) -> None:
    (charger,) = guarded.subentries.values()
    hass.config_entries.async_update_subentry(guarded, charger, unique_id="openevse_other")
    walk = await reauthenticate(hass, guarded, charger.subentry_id)
    await walk.say(username="admin", password="ge heim")
    assert walk.errors == {"base": "different_device"}
    hass.config_entries.async_remove_subentry(guarded, charger.subentry_id)
    await walk.say(username="admin", password="ge heim")
    assert walk.result["reason"] == "device_removed"


async def test_a_password_of_something_that_is_gone(hass: HomeAssistant, guarded: MockConfigEntry) -> None:
    walk = await reauthenticate(hass, guarded, "gone")
    assert walk.result["reason"] == "device_removed"


async def test_a_new_token_of_a_meter(hass: HomeAssistant) -> None:
    meter = subentry("meter", {"kind": "homewizard", "host": "127.0.0.1"}, "P1", "homewizard_aabbccddeeff")
    entry = site(meter)
    entry.add_to_hass(hass)
    (present,) = entry.subentries.values()
    walk = await reauthenticate(hass, entry, present.subentry_id)
    assert walk.step == "reauth_token"
    identity = MeterIdentity(maker="HomeWizard", model="P1", serial="aabbccddeeff")
    probed = ProbedMeter(identity, Measurement(power=1.0))
    with patch("custom_components.smart_evse.config_flow.probe_meter", return_value=probed):
        await walk.say(token="new")
    assert walk.result["reason"] == "reauth_successful"
    (present,) = entry.subentries.values()
    assert present.data["token"] == "new"


async def reauthenticate(hass: HomeAssistant, entry: MockConfigEntry, subentry_id: str) -> Walk:
    context = {"source": SOURCE_REAUTH, "entry_id": entry.entry_id}
    manager = hass.config_entries.flow
    return Walk(manager, await manager.async_init(DOMAIN, context=context, data={"subentry_id": subentry_id}))


async def test_the_grid_connection_changes(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    site(title="Cabin").add_to_hass(hass)
    walk = Walk(hass.config_entries.flow, await entry.start_reconfigure_flow(hass))
    assert walk.suggested == {"name": "Home", "phases": "3", "fuse": 25.0}
    await walk.say(name="Cabin", phases="3", fuse=25)
    assert walk.errors == {"name": "name_taken"}
    await walk.say(name="House", phases="1", fuse=6)
    assert walk.errors == {"fuse": "fuse_too_small"}
    await walk.say(name="House", phases="1", fuse=35)
    assert walk.result["reason"] == "reconfigure_successful"
    assert (entry.title, entry.data) == ("House", {"name": "House", "phases": 1, "fuse": 35})
