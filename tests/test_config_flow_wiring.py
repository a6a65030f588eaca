"""The last form about a charger: the mode it begins with, its phases, and power back to the house."""

from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.smart_evse.chargers.port import Feeding, Identity, Traits
from custom_components.smart_evse.flows.probe import ProbedCharger, switches
from custom_components.smart_evse.flows.wiring import WIRING
from tests.flows import DEMO_METER, Walk, add, change, site, subentry
from tests.home import AC, Box, SwitchingBox

INVERTER = subentry("inverter", {"kind": "demo"}, "Roof")
WATCHED = Traits(make="goe", max_current=16.0, feeding=Feeding.LIMIT)
IDENTITY = Identity(maker="Maker", model="Box", serial="SN1")
SIMPLE = ProbedCharger(IDENTITY, WATCHED, ())
SWITCHING = ProbedCharger(IDENTITY, WATCHED, (), switches_phases=True)
GIVING = ProbedCharger(
    replace(IDENTITY, phases=1), replace(WATCHED, dc=True, bidirectional=True, phases=1, max_current=32.0), ()
)
ANSWERS = {"name": "Garage", "phase_map": "123", "max_current": 16}


@pytest.fixture(autouse=True)
def nothing_is_set_up() -> Iterator[None]:
    """A flow ends where the site takes over."""
    with (
        patch("custom_components.smart_evse.async_setup_entry", return_value=True),
        patch("custom_components.smart_evse.async_unload_entry", return_value=True),
    ):
        yield


async def to_wiring(hass: HomeAssistant, entry: MockConfigEntry, box: ProbedCharger) -> Walk:
    """Go on to the last form, with a box that answers like this."""
    with patch("custom_components.smart_evse.flows.chargers.probe_charger", return_value=box):
        known = [sub for sub in entry.subentries.values() if sub.subentry_type == "charger"]
        walk = await (change(hass, entry, known[0].title) if known else add(hass, entry, "charger"))
        if not known:
            await walk.tap("charger_goe")
        await walk.say(host="192.0.2.1", more={})
    assert walk.step == "wiring"
    return walk


def charger_of(entry: MockConfigEntry) -> ConfigSubentry:
    (found,) = [sub for sub in entry.subentries.values() if sub.subentry_type == "charger"]
    return found


def recommended(walk: Walk) -> str:
    return next(key.default() for key in walk.result["data_schema"].schema if key == "mode")


def modes(walk: Walk) -> list[str]:
    return list(walk.result["data_schema"].schema["mode"].config["options"])


async def test_smart_is_recommended_where_there_is_something_to_plan_with(hass: HomeAssistant) -> None:
    nothing, sunny = site(DEMO_METER), site(DEMO_METER, INVERTER, title="Cabin")
    priced = site(DEMO_METER, title="Flat", price_kind="fixed", price_add=0.3)
    for entry, mode in ((nothing, "fast"), (sunny, "smart"), (priced, "smart")):
        entry.add_to_hass(hass)
        walk = await to_wiring(hass, entry, SIMPLE)
        assert walk.is_told
        assert (recommended(walk), modes(walk)[0]) == (mode, "smart")
        assert "house" not in modes(walk)


async def test_the_mode_is_asked_once(hass: HomeAssistant) -> None:
    entry = site(DEMO_METER)
    entry.add_to_hass(hass)
    walk = await to_wiring(hass, entry, SIMPLE)
    await walk.say(ANSWERS, mode="cheap", more={"cheap_price": 0.15, "priority": 2, "weight": 1.5})
    data = charger_of(entry).data
    assert (data["mode"], data["cheap_price"], data["priority"], data["weight"]) == ("cheap", 0.15, 2, 1.5)
    walk = await to_wiring(hass, entry, SIMPLE)
    assert "mode" not in walk.fields, "it is changed on the dashboard"
    assert walk.suggested["cheap_price"] == 0.15
    await walk.say(ANSWERS, more={}, meter_papers={})
    assert charger_of(entry).data.keys() & {"cheap_price", "priority", "weight"} == set()


async def test_a_charger_that_is_there_tells_of_its_meter(hass: HomeAssistant) -> None:
    entry = site(DEMO_METER)
    entry.add_to_hass(hass)
    walk = await to_wiring(hass, entry, SIMPLE)
    assert "meter_number" not in walk.fields, "whoever adds a charger wants to charge"
    await walk.say(ANSWERS, mode="fast", more={})
    walk = await to_wiring(hass, entry, SIMPLE)
    assert walk.is_told
    papers = {"meter_number": "1ISK0012345678", "certification": "mid", "calibration_year": 2024}
    await walk.say(ANSWERS, more={}, meter_papers=papers)
    assert charger_of(entry).data.items() >= papers.items()
    walk = await to_wiring(hass, entry, SIMPLE)
    assert walk.suggested.items() >= papers.items()


async def test_only_a_box_that_can_switches_its_phases(hass: HomeAssistant) -> None:
    entry = site(DEMO_METER)
    entry.add_to_hass(hass)
    walk = await to_wiring(hass, entry, SIMPLE)
    assert walk.fields & {"auto_phases", "switches_per_day"} == set()
    walk = await to_wiring(hass, entry, SWITCHING)
    assert walk.is_told
    await walk.say(ANSWERS, auto_phases=True, more={"switches_per_day": 4})
    assert charger_of(entry).data["auto_phases"] is True
    assert charger_of(entry).data["switches_per_day"] == 4


async def test_where_there_is_one_phase_there_is_no_choice(hass: HomeAssistant) -> None:
    entry = MockConfigEntry(domain="smart_evse", title="Hut", data={"name": "Hut", "phases": 1, "fuse": 35.0})
    entry.add_to_hass(hass)
    walk = await to_wiring(hass, entry, SWITCHING)
    assert walk.fields & {"auto_phases", "switches_per_day", "phase_map"} == set()


@pytest.mark.parametrize(
    ("box", "told"), [(SwitchingBox(AC), None), (SwitchingBox(AC), True), (SwitchingBox(AC), False), (Box(AC), None)]
)
def test_who_can_switch(box: Box, *, told: bool | None) -> None:
    can = isinstance(box, SwitchingBox) and told is not False
    assert switches(box, replace(IDENTITY, switches_phases=told)) is can


async def test_power_back_to_the_house(hass: HomeAssistant) -> None:
    entry = site(DEMO_METER, INVERTER)
    entry.add_to_hass(hass)
    walk = await to_wiring(hass, entry, GIVING)
    assert walk.is_told
    assert modes(walk)[-1] == "house"
    giving = {"reserve_soc": 40, "backup_soc": 20, "wear_price": 0.07, "giving_ceiling": 2000, "may_export": True}
    await walk.say({**ANSWERS, "phase_map": "1"}, mode="house", giving=giving, more={})
    data = charger_of(entry).data
    assert {key: data[key] for key in giving} == giving
    assert (data["mode"], data["grid_forming"]) == ("house", False)
    walk = await to_wiring(hass, entry, GIVING)
    assert walk.suggested["wear_price"] == 0.07


async def test_what_is_said_of_the_wiring_is_no_part_of_the_connection(hass: HomeAssistant) -> None:
    entry = site(DEMO_METER)
    entry.add_to_hass(hass)
    for box in (SWITCHING, GIVING):
        walk = await to_wiring(hass, entry, box)
        assert walk.fields - {"name", "more"} <= {*WIRING}
