"""Who charges: known by card, plug or habit, or asked for on a phone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.smart_evse.engine.access.model import Driver
from custom_components.smart_evse.engine.sessions.model import Mark, Rung
from custom_components.smart_evse.links.errors import Silent
from tests.home import AC, CHARGING, Box, MakeSite, Site, charger, make_site
from tests.on_record import on_record, until
from tests.test_sessions import IDLE, START, charges, comes, leaves

__all__ = ["make_site"]

ADA, BEN = Driver(id="ada", name="Ada", person="person.ada"), Driver(id="ben", name="Ben")


def vehicle(title: str, **data: object) -> ConfigSubentryData:
    return ConfigSubentryData(
        data={"phases": 3, "max_current": 16.0, **data},
        subentry_type="vehicle",
        title=title,
        unique_id=None,
        subentry_id=title,
    )


async def known(site: Site, *drivers: Driver) -> None:
    await site.coordinator.access.desk.async_put(*drivers)
    await site.settle()


@pytest.fixture
def sent(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what a phone is shown."""
    shown: list[dict[str, Any]] = []

    async def show(call: ServiceCall) -> None:
        shown.append(dict(call.data))

    hass.services.async_register("notify", "mobile_app_phone", show)
    return shown


@pytest.fixture
async def site(make_site: MakeSite, sent: list[dict[str, Any]]) -> Site:
    """Return a site where nobody can tell who charges."""
    made = await make_site(Box(AC, says=(IDLE,)), options={"ask_with": ["mobile_app_phone"]})
    await known(made, ADA, BEN)
    return made


async def two_minutes(site: Site) -> None:
    site.freezer.tick(timedelta(seconds=121))
    async_fire_time_changed(site.hass, dt_util.utcnow())
    await site.settle()


def answer(sent: list[dict[str, Any]], name: str) -> dict[str, str]:
    return {"action": next(each["action"] for each in sent[0]["data"]["actions"] if each["title"] == name)}


async def test_nobody_knows_and_a_tap_answers(site: Site, sent: list[dict[str, Any]]) -> None:
    await comes(site)
    await two_minutes(site)
    assert sent[0]["message"] == "Who is charging at Garage?"
    assert [each["title"] for each in sent[0]["data"]["actions"]] == ["Ada", "Ben"]
    site.hass.bus.async_fire("mobile_app_notification_action", answer(sent, "Ben"))
    await site.settle()
    assert sent[1]["message"] == "clear_notification"
    await charges(site, 50)
    await leaves(site, 50)
    ((record, _),) = await on_record(site)
    assert (record.driver, record.known_by) == ("ben", Rung.ASKED)


async def test_an_answer_that_comes_when_the_car_has_left_corrects_what_is_on_record(
    site: Site, sent: list[dict[str, Any]]
) -> None:
    await comes(site)
    await two_minutes(site)
    await charges(site, 50)
    await leaves(site, 50)
    ((before, _),) = await on_record(site)
    assert before.driver is None
    site.hass.bus.async_fire("mobile_app_notification_action", answer(sent, "Ada"))
    ((record, _),) = await on_record(site, lambda told: told[0][0].driver is not None)
    assert (record.id, record.driver, record.known_by) == (before.id, "ada", Rung.ASKED)


async def test_an_answer_takes_nothing_from_who_was_known(site: Site, sent: list[dict[str, Any]]) -> None:
    await comes(site)
    await two_minutes(site)
    await charges(site, 50)
    await leaves(site, 50)
    await on_record(site)
    for name in ("Ada", "Ben"):
        site.hass.bus.async_fire("mobile_app_notification_action", answer(sent, name))
        await on_record(site, lambda told: told[0][0].driver is not None)
        await until(site, lambda: len(sent) > 1)
        sent[1:] = []
    ((record, _),) = await on_record(site)
    assert record.driver == "ada"


async def test_nobody_is_asked_about_a_car_that_has_left(site: Site, sent: list[dict[str, Any]]) -> None:
    await comes(site)
    await leaves(site, 0)
    await two_minutes(site)
    assert sent == []


async def test_an_answer_that_was_made_up_changes_nothing(site: Site, sent: list[dict[str, Any]]) -> None:
    await comes(site)
    for action in ("smart_evse_driver:x:eve", "smart_evse_driver", "somebody_else:s:ada", ""):
        site.hass.bus.async_fire("mobile_app_notification_action", {"action": action})
    await charges(site, 50)
    await leaves(site, 50)
    ((record, _),) = await on_record(site)
    assert record.driver is None
    assert sent == []


async def test_the_plug_of_a_car_tells_the_car_and_whose_it_is(hass: HomeAssistant, make_site: MakeSite) -> None:
    cars = (
        vehicle("Van", plug_entity="binary_sensor.van_plug"),
        vehicle("Twingo", plug_entity="binary_sensor.twingo_plug", person="person.ada", odometer_entity="sensor.miles"),
    )
    hass.states.async_set("binary_sensor.van_plug", "off")
    hass.states.async_set("binary_sensor.twingo_plug", "off")
    hass.states.async_set("sensor.miles", "12000", {"unit_of_measurement": "mi"})
    site = await make_site(Box(AC, says=(IDLE,)), others=cars)
    await known(site, ADA, BEN)
    await site.read(IDLE)
    hass.states.async_set("binary_sensor.twingo_plug", "on")
    await comes(site)
    await charges(site, 50)
    await leaves(site, 50)
    ((record, _),) = await on_record(site)
    assert (record.vehicle, record.driver, record.known_by) == ("Twingo", "ada", Rung.PLUG)
    assert record.odometer.start == pytest.approx(19_312.1, abs=0.1)


async def test_what_the_charger_reads_from_a_car_tells_which_it_is(make_site: MakeSite) -> None:
    cars = (vehicle("Van", vehicle_ids="00:7D:FA:01:02:03, DE*ABC"), vehicle("Twingo", person="person.ada"))
    site = await make_site(Box(AC, says=(IDLE,)), others=cars)
    await known(site, ADA, BEN)
    await site.read(IDLE)
    await site.read(replace(CHARGING, energy_in=START, vehicle_id="007dfa010203"))
    # It is told once, and holds as long as the car is there.
    await charges(site, 50)
    assert site.coordinator.data.sessions[site.connector].identity.vehicle_by is Rung.VEHICLE_ID
    await leaves(site, 50)
    ((record, _),) = await on_record(site)
    assert (record.vehicle, record.known_by) == ("Van", Rung.VEHICLE_ID)
    await site.read(replace(CHARGING, energy_in=START + 50))
    assert site.coordinator.data.sessions[site.connector].identity.vehicle is None


async def test_what_a_car_has_counted_is_noted_beside_what_the_charger_measured(
    hass: HomeAssistant, make_site: MakeSite
) -> None:
    def counts(kilowatt_hours: float, unit: str | None = "kWh") -> None:
        hass.states.async_set("sensor.van_energy", str(kilowatt_hours), {"unit_of_measurement": unit})

    counts(1_000)
    cars = (vehicle("Van", energy_entity="sensor.van_energy"),)
    site = await make_site(Box(AC, says=(IDLE,)), chargers=(charger(vehicle="Van"),), others=cars)
    await comes(site)
    for energy in (20, 40, 60):
        counts(1_000 + 0.9 * energy / 1000)
        await charges(site, energy)
    await leaves(site, 60)
    ((record, intervals),) = await on_record(site)
    assert sum(each.vehicle_energy or 0 for each in intervals) == pytest.approx(54, abs=1)
    assert (record.energy_in, Mark.VEHICLE in record.marks) == (60, True)
    # A number without a unit is no energy.
    counts(5, None)
    await comes(site, 60)
    await charges(site, 80)
    await leaves(site, 80)
    told = await on_record(site, lambda told: len(told) == 2)
    assert Mark.VEHICLE not in told[1][0].marks


async def test_another_stay_that_the_charger_tells_of_is_another_session(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, says=(IDLE,)))
    await site.read(IDLE)
    await site.read(replace(CHARGING, energy_in=START, stay="12-100"))
    await site.read(replace(CHARGING, energy_in=START + 20, stay="12-100"))
    # Nobody looked for an hour, in which one car left and another came.
    site.boxes[0].error = Silent("away")
    site.freezer.tick(3600)
    site.boxes[0].error = None
    await site.read(replace(CHARGING, energy_in=START + 1_000, stay="12-900"))
    await leaves(site, 1_000)
    told = await on_record(site, lambda told: sum(record.energy_in for record, _ in told) == 1_000)
    assert told[0][0].energy_in == 20


async def test_the_usual_car_is_not_here_when_it_says_so(hass: HomeAssistant, make_site: MakeSite) -> None:
    cars = (vehicle("Van", plug_entity="binary_sensor.van_plug"), vehicle("Twingo"), vehicle("Zappy"))
    hass.states.async_set("binary_sensor.van_plug", "off")
    site = await make_site(Box(AC, says=(IDLE,)), chargers=(charger(vehicle="Van"),), others=cars)
    await known(site, ADA)
    await comes(site)
    await site.read(replace(CHARGING, energy_in=START))
    identity = site.coordinator.data.sessions[site.connector].identity
    assert (identity.vehicle, identity.driver, identity.known_by) == (None, "ada", Rung.DEFAULT)
