"""What all entities share: which there are, on which device, when they write and when they are unavailable."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.entity import Pace
from custom_components.smart_evse.links.errors import Silent
from custom_components.smart_evse.plan_sensors import PLAN_SENSORS
from tests.home import AC, CHARGING, CONNECTED, V2G, Box, MakeSite, charger


def test_a_transition_is_written_at_once() -> None:
    pace = Pace()
    assert pace.due("connected", None, 0.0)
    assert not pace.due("connected", None, 1.0)
    assert pace.due("charging", None, 1.1)


def test_a_measurement_waits_for_its_turn_and_for_its_dead_band() -> None:
    pace = Pace(dead_band=25)
    assert pace.due(1000.0, None, 0.0)
    assert not pace.due(2000.0, None, 9.9), "too soon"
    assert not pace.due(1024.0, None, 60.0), "within the dead band"
    assert pace.due(1025.0, None, 60.0)


def test_slow_drift_is_not_lost() -> None:
    pace = Pace(dead_band=10)
    pace.due(1.0, None, 0.0)
    assert [pace.due(1.0 + step, None, 10.0 * step) for step in range(1, 12)].index(True) == 9


@pytest.mark.parametrize(("before", "after"), [(0.0, 4140.0), (4140.0, 0.0), (None, 4140.0), (4140.0, None)])
def test_beginning_and_end_are_transitions_of_a_measurement(before: float | None, after: float | None) -> None:
    pace = Pace(dead_band=25)
    pace.due(before, None, 0.0)
    assert pace.due(after, None, 0.1)


def test_attributes_never_hurry() -> None:
    pace = Pace()
    pace.due("solar_following", "1000 W", 0.0)
    assert not pace.due("solar_following", "1100 W", 5.0)
    assert pace.due("solar_following", "1200 W", 10.0)


ENABLED = {
    "binary_sensor": ["charging", "connected", "problem"],
    "event": ["session"],
    "number": ["charge_current", "maximum_current", "minimum_current", "stop_after"],
    "select": ["mode", "mode_after_unplug"],
    "switch": ["charging"],
}
SENSORS = ["current", "energy", "limit", "limited_by", "phases", "power", "reason"]
SESSION = ["session_duration", "session_energy"]
PHASES = [f"{what}_l{phase}" for what in ("current", "voltage") for phase in (1, 2, 3)]


def keys(hass: HomeAssistant, owner: str, *, enabled: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in er.async_get(hass).entities.values():
        if entry.unique_id.startswith(f"{owner}_") and (entry.disabled_by is None) is enabled:
            found.setdefault(entry.domain, []).append(entry.unique_id.removeprefix(f"{owner}_"))
    return {platform: sorted(rows) for platform, rows in sorted(found.items())}


async def test_entities_of_a_charger(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site()
    enabled = keys(hass, site.connector, enabled=True)
    assert enabled == ENABLED | {"sensor": [*SENSORS, *SESSION, "status"]}
    assert keys(hass, site.connector, enabled=False) == {
        "number": ["cheap_price"],
        "sensor": sorted([*PHASES, "reported_limit", "starts_left"]),
    }


async def test_entities_of_a_charger_that_gives_too(hass: HomeAssistant, make_site: MakeSite) -> None:
    says = replace(CONNECTED, energy_out=5000.0, soc=61.0, card="04A1B2C3D4")
    site = await make_site(Box(V2G, (says,)), chargers=(charger(phase_map="2"),))
    await site.read(replace(says, card="04FFFFFFFF"))
    enabled = keys(hass, site.connector, enabled=True)
    sensors = [key for key in SENSORS if key != "limit"]
    # Its plan is made beside all this, and its entities come with it.
    planned = {row.key for row in PLAN_SENSORS} | {"departure", "target_energy", "time_to_target"}
    told = {platform: [key for key in rows if key not in planned] for platform, rows in enabled.items()}
    assert {platform: rows for platform, rows in told.items() if rows} == ENABLED | {
        "event": ["last_card", "session"],
        "number": [*ENABLED["number"][:3], "reserve_soc", "stop_after"],
        "sensor": sorted([*sensors, *SESSION, "energy_discharged", "power_limit", "soc", "status"]),
    }
    disabled = [key for key in keys(hass, site.connector, enabled=False)["sensor"] if key not in planned]
    assert disabled == ["current_l2", "session_energy_discharged", "starts_left", "voltage_l2"]


async def test_entities_of_a_site(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site()
    assert keys(hass, site.entry.entry_id, enabled=True) == {
        "binary_sensor": ["degraded", "grid_limit"],
        "calendar": ["sessions"],
        "sensor": [
            "fuse_use",
            "headroom_l1",
            "headroom_l2",
            "headroom_l3",
            "house_consumption",
            "meter_cadence",
            "month_energy",
            "month_solar_share",
            "surplus",
        ],
    }


async def test_each_connector_has_a_device_of_its_own_behind_the_site(hass: HomeAssistant, make_site: MakeSite) -> None:
    double = replace(AC, outlets=2)
    site = await make_site(Box(double, (CONNECTED, CONNECTED)))
    registry, entry_id = dr.async_get(hass), site.entry.entry_id
    home = registry.async_get_device_by_identifier((DOMAIN, entry_id), entry_id)
    assert home is not None
    assert home.name == "Home"
    subentry_id = site.connector.partition(":")[0]
    for connector, name in ((f"{subentry_id}:0", "Garage"), (f"{subentry_id}:1", "Garage 2")):
        device = registry.async_get_device_by_identifier((DOMAIN, connector), entry_id)
        assert device is not None
        assert (device.name, device.via_device_id, device.config_subentry_id) == (name, home.id, subentry_id)
        assert (device.manufacturer, device.model, device.serial_number) == ("Maker", "Box", "SN123456")


async def test_a_charger_that_answers_late_gets_its_name_then(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site(Box(AC, error=Silent("not yet")))
    registry, entry_id = dr.async_get(hass), site.entry.entry_id
    device = registry.async_get_device_by_identifier((DOMAIN, site.connector), entry_id)
    assert device is not None
    assert (device.name, device.model) == ("Garage", None)
    site.boxes[0].error = None
    await site.read(CONNECTED)
    device = registry.async_get_device_by_identifier((DOMAIN, site.connector), entry_id)
    assert device is not None
    assert (device.name, device.model, device.sw_version) == ("Garage", "Box", "1.2")


async def test_a_silent_charger_takes_its_readings_with_it_and_not_its_settings(make_site: MakeSite) -> None:
    other = charger("Carport")
    site = await make_site(Box(AC, (CHARGING,)), Box(AC), chargers=(charger(), other))
    await site.silence()
    for platform, key in (("sensor", "power"), ("sensor", "status"), ("binary_sensor", "connected")):
        assert site.state(platform, key).state == STATE_UNAVAILABLE
    assert site.state("sensor", "reason").state != STATE_UNAVAILABLE
    assert site.state("select", "mode").state == "solar"
    await site.read(CHARGING, box=1)
    neighbour = list(site.coordinator.connectors)[1]
    assert site.state("sensor", "status", neighbour).state == "charging", "one charger never takes another down"


async def test_a_charger_that_answers_again_is_available_at_once(make_site: MakeSite) -> None:
    site = await make_site()
    await site.silence()
    site.boxes[0].error = None
    await site.read(CHARGING)
    assert site.state("sensor", "status").state == "charging"


async def test_a_beat_every_second_writes_a_measurement_every_ten(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site(Box(AC, (CHARGING,)))
    power, written = site.entity_id("sensor", "power"), list[object]()

    @callback
    def is_power(data: Mapping[str, Any]) -> bool:
        return bool(data["entity_id"] == power)

    for kind in ("state_changed", "state_reported"):
        hass.bus.async_listen(kind, written.append, is_power)
    for second in range(35):
        await site.read(replace(CHARGING, power=6000.0 + 100 * second))
    assert len(written) == 3


async def test_a_transition_does_not_wait(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, (CHARGING,)))
    await site.read(replace(CHARGING, power=6950.0))
    await site.read(CONNECTED)
    assert site.state("sensor", "power").state == "0.0"
    assert site.state("sensor", "status").state == "connected"


async def test_what_is_not_known_at_first_comes_when_it_is_told(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site()
    assert "soc" not in keys(hass, site.connector, enabled=True)["sensor"]
    await site.read(replace(CONNECTED, soc=48.0))
    assert site.state("sensor", "soc").state == "48.0"


async def test_what_is_told_while_a_site_is_unloaded_comes_with_the_next_start(
    hass: HomeAssistant, make_site: MakeSite
) -> None:
    site = await make_site()
    connector = site.connector
    site.entry.mock_state(hass, ConfigEntryState.UNLOAD_IN_PROGRESS)
    await site.read(replace(CONNECTED, soc=48.0))
    assert "soc" not in keys(hass, connector, enabled=True)["sensor"]
    site.entry.mock_state(hass, ConfigEntryState.LOADED)
    await site.read(replace(CONNECTED, soc=49.0))
    assert site.state("sensor", "soc").state == "49.0"


async def test_unloading_and_loading_again_keeps_every_entity(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site(Box(AC, (replace(CONNECTED, soc=48.0),)), Box(AC))
    connector, before = site.connector, keys(hass, site.connector, enabled=True)
    assert "soc" in before["sensor"]
    assert await hass.config_entries.async_unload(site.entry.entry_id)
    assert site.state("sensor", "soc", connector).state == STATE_UNAVAILABLE
    assert await hass.config_entries.async_setup(site.entry.entry_id)
    await site.settle()
    assert keys(hass, connector, enabled=True) == before
    # The charger has not told its charge this time, but Home Assistant knows that it can.
    assert site.state("sensor", "soc", connector).state == "unknown"
