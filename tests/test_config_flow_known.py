"""What the flow finds out by itself, so that nobody has to type it."""

from collections.abc import Mapping
from unittest.mock import patch

from homeassistant.components.energy.data import async_get_manager
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.smart_evse.flows.guess import guess_charger, look_around
from tests.flows import SITE, WIRED, begin, configure, site

GRID = {
    "type": "grid",
    "stat_energy_from": None,
    "stat_energy_to": None,
    "stat_cost": None,
    "entity_energy_price": None,
    "number_energy_price": None,
    "cost_adjustment_day": 0,
}
SOLAR = {"type": "solar", "stat_energy_from": "sensor.kwh", "config_entry_solar_forecast": None}
BATTERY = {"type": "battery", "stat_energy_from": "sensor.out", "stat_energy_to": "sensor.in"}
POWER = {"unit_of_measurement": "W", "device_class": "power"}


async def prefer(hass: HomeAssistant, *sources: Mapping[str, object]) -> None:
    """Set up the Energy dashboard as its owner would."""
    hass.config.components.add("energy")
    manager = await async_get_manager(hass)
    manager.data = {"energy_sources": list(sources), "device_consumption": [], "device_consumption_water": []}


def enter(hass: HomeAssistant, platform: str, unique_id: str, name: str, **more: object) -> str:
    return (
        er.async_get(hass)
        .async_get_or_create("sensor", platform, unique_id, suggested_object_id=name, **more)
        .entity_id
    )


async def test_nothing_is_known(hass: HomeAssistant) -> None:
    known = await look_around(hass)
    assert (known.grid, known.sun, known.homewizard) == ({}, {}, None)


async def test_an_energy_dashboard_that_nobody_filled_in(hass: HomeAssistant) -> None:
    await prefer(hass)
    assert (await look_around(hass)).grid == {}


@pytest.mark.parametrize(
    ("power", "found"),
    [
        ({"stat_rate": "sensor.net"}, {"power": "sensor.net"}),
        ({"power_config": {"stat_rate": "sensor.net"}, "stat_rate": "sensor.net"}, {"power": "sensor.net"}),
        ({"power_config": {"stat_rate_inverted": "sensor.net"}}, {"power": "sensor.net", "invert": True}),
        (
            {"power_config": {"stat_rate_from": "sensor.in", "stat_rate_to": "sensor.out"}},
            {"import": "sensor.in", "export": "sensor.out"},
        ),
        ({"stat_rate": "opower:elec_power"}, {}),
        ({}, {}),
    ],
)
async def test_the_energy_dashboard_knows_the_grid(
    hass: HomeAssistant, power: dict[str, object], found: dict[str, object]
) -> None:
    await prefer(hass, GRID | power)
    assert (await look_around(hass)).grid == found


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({}, {}),
        ({"entity_energy_price": "sensor.price"}, {"price_kind": "entities", "price_entities": ["sensor.price"]}),
        (
            {"number_energy_price": 0.29, "number_energy_price_export": 0},
            {"price_kind": "fixed", "price_add": 0.29, "export_kind": "fixed", "export_add": 0},
        ),
        (
            {"entity_energy_price_export": "sensor.paid"},
            {"export_kind": "entities", "export_entities": ["sensor.paid"]},
        ),
    ],
)
async def test_the_energy_dashboard_knows_prices(
    hass: HomeAssistant, told: dict[str, object], found: dict[str, object]
) -> None:
    await prefer(hass, GRID, GRID | told)
    assert (await look_around(hass)).prices == found


async def test_the_prices_of_the_energy_dashboard_are_those_of_the_site(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.net", "1240", POWER)
    await prefer(hass, GRID | {"stat_rate": "sensor.net", "entity_energy_price": "sensor.price"})
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_entities")
    await walk.say(power="sensor.net", more={})
    await walk.say(answer="right")
    await walk.say(more={})
    await walk.tap("charger_demo")
    assert walk.step == "wiring"
    assert walk.is_told
    with patch("custom_components.smart_evse.async_setup_entry", return_value=True):
        await walk.say(WIRED)
    entry = walk.result["result"]
    assert entry.options == {"price_kind": "entities", "price_entities": ["sensor.price"]}
    charger = next(sub for sub in entry.subentries.values() if sub.subentry_type == "charger")
    assert charger.data["mode"] == "smart", "prices are something to plan with"


async def test_prices_of_the_energy_dashboard_are_suggested_later(hass: HomeAssistant) -> None:
    await prefer(hass, GRID | {"number_energy_price": 0.29, "number_energy_price_export": 0.07})
    entry = site(export_kind="fixed", export_add=0.05)
    entry.add_to_hass(hass)
    walk = await configure(hass, entry, "prices", "price_fixed")
    assert walk.suggested == {"price_add": 0.29}
    walk = await configure(hass, entry, "feed_in", "feed_in_fixed")
    assert walk.suggested == {"export_add": 0.05}, "what was said here goes first"


async def test_the_energy_dashboard_knows_sun_and_battery(hass: HomeAssistant) -> None:
    await prefer(
        hass,
        SOLAR | {"stat_rate": "sensor.east"},
        SOLAR | {"stat_rate": "sensor.west"},
        SOLAR,
        BATTERY | {"power_config": {"stat_rate_from": "sensor.out", "stat_rate_to": "sensor.in"}},
        BATTERY | {"power_config": {"stat_rate_inverted": "sensor.cell"}, "stat_soc": "sensor.soc"},
    )
    assert (await look_around(hass)).sun == {
        "solar": ["sensor.east", "sensor.west"],
        "battery_power": "sensor.cell",
        "battery_invert": True,
        "battery_soc": "sensor.soc",
    }


async def test_the_sign_of_the_energy_dashboard_is_kept(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.net", "-1240", POWER)
    await prefer(hass, GRID | {"power_config": {"stat_rate_inverted": "sensor.net"}})
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_entities")
    assert walk.suggested["power"] == "sensor.net"
    await walk.say(power="sensor.net", more={})
    assert walk.step == "grid_import"


async def test_a_dsmr_meter_is_found(hass: HomeAssistant) -> None:
    usage = enter(hass, "dsmr", "123_current_electricity_usage", "usage")
    delivery = enter(hass, "dsmr", "123_current_electricity_delivery", "delivery")
    enter(hass, "dsmr", "123_instantaneous_current_l1", "amps", disabled_by=er.RegistryEntryDisabler.USER)
    assert (await look_around(hass)).grid == {"import": usage, "export": delivery}


@pytest.mark.parametrize(
    ("platform", "ending", "slot"),
    [
        ("homewizard", "HWE-P1_1_active_power_w", "power"),
        ("p1_monitor", "x_smartmeter_power_consumption", "import"),
        ("tibber", "home_rt_power", "import"),
    ],
)
async def test_other_meters_are_found(hass: HomeAssistant, platform: str, ending: str, slot: str) -> None:
    entity_id = enter(hass, platform, ending, "net")
    assert (await look_around(hass)).grid == {slot: entity_id}


async def test_the_address_of_a_homewizard_is_known(hass: HomeAssistant) -> None:
    MockConfigEntry(domain="homewizard", unique_id="HWE-SKT_1", data={"ip_address": "10.0.0.1"}).add_to_hass(hass)
    MockConfigEntry(domain="homewizard", unique_id="HWE-P1_1", data={"ip_address": "10.0.0.2"}).add_to_hass(hass)
    walk = await begin(hass)
    await walk.say(SITE)
    await walk.tap("grid_homewizard")
    assert walk.suggested == {"host": "10.0.0.2"}


def box(hass: HomeAssistant, name: str) -> None:
    """Put a charger of another integration into the registries."""
    entry = MockConfigEntry(domain="peblar")
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=entry.entry_id, identifiers={("peblar", name)})
    registry = er.async_get(hass)
    for domain, key, device_class in (
        ("number", "charge_limit", "current"),
        ("sensor", "state", "enum"),
        ("sensor", "power", "power"),
        ("sensor", "lifetime_energy", "energy"),
        ("sensor", "session_energy", "energy"),
        ("switch", "charge", None),
    ):
        registry.async_get_or_create(
            domain,
            "peblar",
            f"{name}_{key}",
            suggested_object_id=f"{name}_{key}",
            device_id=device.id,
            original_device_class=device_class,
        )


async def test_the_one_charger_that_home_assistant_has(hass: HomeAssistant) -> None:
    box(hass, "peblar")
    assert guess_charger(hass) == {
        "current_number": "number.peblar_charge_limit",
        "status": "sensor.peblar_state",
        "power": "sensor.peblar_power",
        "energy": "sensor.peblar_lifetime_energy",
        "enable": "switch.peblar_charge",
    }
    box(hass, "other")
    assert guess_charger(hass) == {}, "two are for their owner to tell apart"
