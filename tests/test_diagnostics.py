"""Diagnostics: everything that helps, and nothing that is nobody's business."""

from dataclasses import replace
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.diagnostics import async_get_config_entry_diagnostics
from custom_components.smart_evse.links.errors import Silent
from tests.evening import NOW, PRICES, show_prices, smart
from tests.home import AC, CONNECTED, Box, MakeSite, Site, charger

SECRETS: dict[str, Any] = {
    "host": "192.168.7.77",
    "password": "hunter22",
    "username": "anna-karenina",
    "token": "c0ffee00c0ffee",
    "serial": "SN123456",
    "entities": {"power": "sensor.annas_wallbox_power", "enable": "switch.annas_wallbox"},
}


@pytest.fixture
async def site(hass: HomeAssistant, make_site: MakeSite) -> Site:
    assert await async_setup_component(hass, "diagnostics", {})
    known = await make_site(
        Box(AC, (replace(CONNECTED, card="04A1B2C3D4E580"),)), chargers=(charger("Anna's garage", **SECRETS),)
    )
    known.boxes[0].error = Silent("no answer from 192.168.7.77")
    await known.read(CONNECTED)
    return known


def device(site: Site, identifier: str) -> dr.DeviceEntry:
    entry_id = site.entry.entry_id
    found = dr.async_get(site.hass).async_get_device_by_identifier((DOMAIN, identifier), entry_id)
    assert found is not None
    return found


async def test_a_site_without_its_secrets(hass: HomeAssistant, hass_client: ClientSessionGenerator, site: Site) -> None:
    told = await get_diagnostics_for_config_entry(hass, hass_client, site.entry)
    text = json.dumps(told)
    for secret in ("192.168.7.77", "hunter22", "karenina", "c0ffee", "SN123456", "annas_wallbox", "Anna", "04A1B2"):
        assert secret not in text, secret
    assert "**REDACTED**" in text


async def test_a_site_with_all_that_helps(hass: HomeAssistant, hass_client: ClientSessionGenerator, site: Site) -> None:
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, site.entry)
    (box,) = told["chargers"].values()
    assert box["error"] == "Silent: no answer from **REDACTED**"
    assert box["identity"]["model"] == "Box"
    assert box["traits"]["max_current"] == 16.0
    assert box["last_commands"][0]["limit"] == {"amps": 0.0, "phases": 3}
    (meter,) = told["meters"].values()
    assert meter["role"] == "grid"
    assert told["decisions"][0]["connector"] == site.connector
    assert told["settings"]["fuse"] == 25.0


async def test_a_charger_on_its_own(hass: HomeAssistant, hass_client: ClientSessionGenerator, site: Site) -> None:
    told: Any = await get_diagnostics_for_device(hass, hass_client, site.entry, device(site, site.connector))
    assert told["connector"]["phase_map"] == [0, 1, 2]
    assert told["connector"]["explanation"]["connector"] == site.connector
    assert "192.168.7.77" not in json.dumps(told)


async def test_the_device_of_the_site_tells_of_the_whole_site(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, site: Site
) -> None:
    told: Any = await get_diagnostics_for_device(hass, hass_client, site.entry, device(site, site.entry.entry_id))
    assert set(told["chargers"]) == {site.connector.partition(":")[0]}


async def test_a_database_and_people_are_nobodys_business(hass: HomeAssistant, make_site: MakeSite) -> None:
    url = "postgresql://bookworm:s3cret@10.11.12.13/ledger"
    data = {"plug_entity": "binary_sensor.annas_twingo_plug", "person": "person.anna_karenina", "plate": "AB-123-C"}
    car = ConfigSubentryData(data=data, subentry_type="vehicle", title="Twingo", unique_id=None)
    site = await make_site(
        options={"replica_url": url, "ask_with": ["mobile_app_annas_phone"], "statement_notify": ["annas_mail"]},
        others=(car,),
    )
    told = json.dumps(await async_get_config_entry_diagnostics(hass, site.entry))
    for secret in (
        "bookworm",
        "s3cret",
        "10.11.12.13",
        "annas_twingo",
        "karenina",
        "annas_phone",
        "annas_mail",
        "AB-123-C",
    ):
        assert secret not in told, secret


async def test_what_is_planned_expected_and_ordered(
    hass: HomeAssistant, make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NOW)
    car = ConfigSubentryData(
        data={"soc_entity": "sensor.annas_twingo_soc", "calendar": "calendar.annas_days"},
        subentry_type="vehicle",
        title="Twingo",
        unique_id=None,
    )
    site = await make_site(options=PRICES, others=(car,))
    show_prices(hass, cheap=3)
    await smart(site)
    await site.coordinator.async_set_grid_limit(4200.0)
    told: Any = await async_get_config_entry_diagnostics(hass, site.entry)
    (stay,) = told["plan"]["plan"]["stays"]
    assert stay["connector"] == site.connector
    assert told["plan"]["problem"]["slots"][0]["import_price"] == 0.3
    assert told["forecasts"]["sources"]["price"]["trouble"] is None
    assert told["forecasts"]["house"]["error"] > 0
    assert told["orders"]["set"][0]["watts"] == 4200
    assert told["orders"]["log"][0]["kind"] == "grid_operator"
    for secret in ("annas_twingo", "annas_days"):
        assert secret not in json.dumps(told), secret
