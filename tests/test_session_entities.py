"""What entities show of sessions: the last one, the month so far, a calendar, events, over a real ledger."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.sensor import ATTR_LAST_RESET, ATTR_STATE_CLASS
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events, mock_restore_cache_with_extra_data
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smart_evse.chargers.port import OutletReading
from custom_components.smart_evse.engine.access.model import Driver, Role
from custom_components.smart_evse.engine.model import VehicleState
from custom_components.smart_evse.ledger import PeopleBook, SessionsBook
from tests.books import ADA, BEN, NOVEMBER, QUARTER, fill, quarter, session
from tests.home import AC, CHARGING, CONNECTED, Box, MakeSite, Site, charger

VAN = ConfigSubentryData(
    data={"phases": 3, "max_current": 16.0}, subentry_type="vehicle", title="Van", unique_id=None, subentry_id="van"
)
EMPTY = OutletReading(state=VehicleState.NOT_CONNECTED, power=0.0, energy_in=1_234_000.0)


@pytest.fixture
async def site(make_site: MakeSite, freezer: Any) -> Site:  # noqa: ANN401 - freezegun's own factory
    """Return a site in November, with three sessions on record, the first of Ada's in the van."""
    freezer.move_to("2026-11-20T12:00:00+00:00")
    site = await make_site(Box(AC, says=(EMPTY,)), others=(VAN,))
    connector = site.connector
    await site.coordinator.sessions.books.async_write(lambda ledger: fill(ledger, connector, "van"))
    await site.settle()
    return site


async def restart(site: Site) -> None:
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    await site.sample(1000.0)


async def enable(site: Site, *keys: str, owner: str | None = None) -> None:
    registry = er.async_get(site.hass)
    for key in keys:
        registry.async_update_entity(site.entity_id("sensor", key, owner), disabled_by=None)
    await restart(site)


async def test_the_last_session_is_told(site: Site) -> None:
    energy = site.state("sensor", "last_session_energy")
    assert (energy.state, energy.attributes["unit_of_measurement"]) == ("4.0", "kWh")
    assert energy.attributes[ATTR_LAST_RESET] == (NOVEMBER + timedelta(days=2)).isoformat()
    assert site.state("sensor", "last_session_duration").state == "15.0"
    cost = site.state("sensor", "last_session_cost")
    assert (cost.state, cost.attributes["unit_of_measurement"], cost.attributes[ATTR_STATE_CLASS]) == (
        "1.0",
        "EUR",
        "total",
    )
    assert site.state("sensor", "last_session_solar_share").state == "0.0"


async def test_who_charged_last_is_only_told_when_asked_for(site: Site) -> None:
    registry = er.async_get(site.hass)
    entity = registry.async_get(site.entity_id("sensor", "last_session_driver"))
    assert entity is not None
    assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    await site.coordinator.sessions.books.async_write(
        lambda ledger: SessionsBook(ledger).correct("s-none", {"driver": ADA.id}, None, "")
    )
    await enable(site, "last_session_driver")
    assert site.state("sensor", "last_session_driver").state == "Ada"


async def test_the_month_is_added_up(site: Site) -> None:
    owner = site.entry.entry_id
    energy = site.state("sensor", "month_energy", owner)
    assert energy.state == "10.0"
    begun = dt_util.as_local(datetime.fromisoformat(energy.attributes[ATTR_LAST_RESET]))
    assert (begun.month, begun.day, begun.hour, begun.minute) == (11, 1, 0, 0)
    # 0.275 + 0.60 + 1.00; all of it from the grid would have been 0.90 + 0.60 + 1.00.
    assert site.state("sensor", "month_cost", owner).state == "1.88"
    assert site.state("sensor", "month_saving", owner).state == "0.62"
    assert site.state("sensor", "month_solar_share", owner).state == "25.0"


async def test_a_vehicle_has_its_own_month(site: Site) -> None:
    assert site.state("sensor", "month_energy", "van").state == "3.0"
    assert site.state("sensor", "month_cost", "van").state == "0.28"
    assert site.state("sensor", "month_solar_share", "van").state == "83.3"
    entity = er.async_get(site.hass).async_get(site.entity_id("sensor", "month_energy", "van"))
    assert entity is not None
    assert entity.config_subentry_id == "van"


async def test_a_new_month_begins_at_nothing(site: Site) -> None:
    site.freezer.move_to("2026-12-01T12:00:00+00:00")
    site.coordinator.sessions.books.tell()
    await site.settle()
    await site.read(EMPTY)
    assert site.state("sensor", "month_energy", site.entry.entry_id).state == "0.0"
    assert site.state("sensor", "month_energy", "van").state == "0.0"
    assert site.state("sensor", "last_session_energy").state == "4.0"


async def test_drivers_have_sensors_that_are_switched_off(site: Site) -> None:
    owner = site.entry.entry_id
    entity = er.async_get(site.hass).async_get(site.entity_id("sensor", f"driver_{ADA.id}_month_energy", owner))
    assert entity is not None
    assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    await enable(site, f"driver_{ADA.id}_month_energy", f"driver_{ADA.id}_month_cost", owner=owner)
    energy = site.state("sensor", f"driver_{ADA.id}_month_energy", owner)
    assert (energy.state, energy.name) == ("3.0", "Home Ada energy this month")
    assert site.state("sensor", f"driver_{ADA.id}_month_cost", owner).state == "0.28"


async def test_who_is_forgotten_and_who_is_a_guest_have_no_sensors(site: Site) -> None:
    def change(ledger: Any) -> None:  # noqa: ANN401 - a ledger
        PeopleBook(ledger).forget_driver(BEN.id)
        PeopleBook(ledger).put_driver(Driver(id="driver-cleo", name="Cleo"))
        PeopleBook(ledger).put_driver(Driver(id="driver-dan", name="Dan", role=Role.GUEST))

    await site.coordinator.sessions.books.async_write(change)
    await site.settle()
    registry = er.async_get(site.hass)
    known = [entity.unique_id for entity in er.async_entries_for_config_entry(registry, site.entry.entry_id)]
    assert not [key for key in known if BEN.id in key]
    assert len([key for key in known if "driver-cleo" in key]) == 4
    assert not [key for key in known if "driver-dan" in key]


async def test_sessions_are_in_the_calendar_without_who_it_was(site: Site, hass_client: ClientSessionGenerator) -> None:
    client = await hass_client()
    entity_id = site.entity_id("calendar", "sessions", site.entry.entry_id)

    async def events(start: datetime, end: datetime) -> list[dict[str, Any]]:
        response = await client.get(
            f"/api/calendars/{entity_id}", params={"start": start.isoformat(), "end": end.isoformat()}
        )
        told: list[dict[str, Any]] = await response.json()
        return told

    month = await events(NOVEMBER - timedelta(days=1), NOVEMBER + timedelta(days=10))
    assert [event["summary"] for event in month] == ["Garage: 3.0 kWh", "Garage: 3.0 kWh", "Garage: 4.0 kWh"]
    assert [event["description"] for event in month] == ["Van", None, None]
    assert "Ada" not in str(month)
    # One that began before and lasts into the span is there, one that ended before is not.
    assert len(await events(NOVEMBER + QUARTER, NOVEMBER + timedelta(days=1))) == 1
    assert await events(NOVEMBER + 2 * QUARTER, NOVEMBER + timedelta(hours=5)) == []


async def test_the_calendar_is_on_while_a_car_is_there(site: Site) -> None:
    assert site.state("calendar", "sessions", site.entry.entry_id).state == "off"
    await site.read(CHARGING)
    running = site.state("calendar", "sessions", site.entry.entry_id)
    assert (running.state, running.attributes["message"]) == ("on", "Garage: 0.0 kWh")
    await site.read(EMPTY)
    assert site.state("calendar", "sessions", site.entry.entry_id).state == "off"


def told(events: list[Event[EventStateChangedData]]) -> list[tuple[str, dict[str, Any]]]:
    """Return what a session's entity told, each event once."""
    found = {}
    for event in events:
        state = event.data["new_state"]
        if state is not None and state.entity_id.startswith("event.") and state.attributes.get("event_type"):
            found[state.state] = (state.attributes["event_type"], dict(state.attributes))
    return list(found.values())


async def test_a_session_is_told_when_it_begins_and_when_it_is_on_record(site: Site) -> None:
    events = async_capture_events(site.hass, "state_changed")
    await site.read(CONNECTED)
    site.freezer.tick(1800)
    await site.read(CHARGING)
    site.freezer.tick(600)
    taken = replace(EMPTY, energy_in=1_235_150.0)
    await site.read(taken)
    # A counter that lags behind is waited for.
    site.freezer.tick(61)
    await site.read(taken)
    await site.coordinator.sessions.books.async_drain()
    await site.settle()
    (began, first), (ended, second) = told(events)
    assert (began, ended) == ("session_started", "session_completed")
    assert first["session"] == second["session"]
    assert second["duration"] >= 2400
    assert second["energy"] == 1.15
    assert second["driver"] is None
    assert "card" not in second


async def test_nothing_is_told_twice_after_a_restart_and_nothing_old_at_first(site: Site) -> None:
    events = async_capture_events(site.hass, "state_changed")
    await restart(site)
    await site.read(EMPTY)
    assert told(events) == []


@pytest.mark.parametrize(
    ("what", "session_id", "started", "expected"),
    [
        ("session_started", "s-none", NOVEMBER + timedelta(days=2), ["s-none"]),
        ("session_started", "s-ada", NOVEMBER, ["s-none"]),
        ("session_completed", "s-none", NOVEMBER + timedelta(days=2), []),
        ("session_started", "s-later", NOVEMBER + timedelta(days=3), []),
    ],
)
async def test_what_ended_while_nobody_looked_is_told_after_the_start(
    hass: HomeAssistant, make_site: MakeSite, *, what: str, session_id: str, started: datetime, expected: list[str]
) -> None:
    kept = {"session": session_id, "started": started.isoformat(timespec="seconds")}
    extra = {"last_event_type": what, "last_event_attributes": kept}
    state = State("event.garage_session", started.isoformat(timespec="milliseconds"))
    mock_restore_cache_with_extra_data(hass, [(state, extra)])
    site = await make_site(Box(AC, says=(EMPTY,)))
    events = async_capture_events(hass, "state_changed")
    connector = site.connector
    await site.coordinator.sessions.books.async_write(lambda ledger: fill(ledger, connector))
    await site.settle()
    assert [attributes["session"] for _, attributes in told(events)] == expected


async def test_an_end_that_was_not_seen_is_told_when_it_is_known(site: Site) -> None:
    await site.read(CONNECTED)
    begun = site.state("event", "session").attributes["session"]
    connector = site.connector
    start = NOVEMBER + timedelta(days=25)
    flowed = (quarter(start, grid=1_000),)
    later = session("s-later", connector, start, flowed, driver=ADA.id)
    events = async_capture_events(site.hass, "state_changed")
    await site.coordinator.sessions.books.async_write(lambda ledger: SessionsBook(ledger).close_session(later, flowed))
    await site.settle()
    ((ended, attributes),) = told(events)
    assert (ended, attributes["session"]) == ("session_completed", "s-later")
    assert (attributes["energy"], attributes["cost"], attributes["saving"]) == (1.0, 0.3, 0.0)
    assert (attributes["driver"], attributes["currency"]) == (ADA.id, "EUR")
    assert begun != "s-later"


async def test_a_garage_counts_its_cars(make_site: MakeSite) -> None:
    boxes = Box(AC, says=(EMPTY,)), Box(AC, says=(CHARGING,))
    garage = await make_site(*boxes, chargers=(charger("Left"), charger("Right")))
    owner = garage.entry.entry_id
    assert garage.state("sensor", "chargers_occupied", owner).state == "1"
    await garage.read(CONNECTED)
    assert garage.state("sensor", "chargers_occupied", owner).state == "2"
    assert garage.state("sensor", "chargers_charging", owner).state == "1"


async def test_a_site_that_leaves_lets_go_of_its_ledger(site: Site) -> None:
    await site.read(CONNECTED)
    await site.read(replace(EMPTY, energy_in=1_234_010.0))
    site.freezer.tick(61)
    books = site.coordinator.sessions.books
    assert await site.hass.config_entries.async_unload(site.entry.entry_id)
    await site.settle()
    books.tell()
    await site.hass.async_block_till_done()
    # On a file that nobody has open anything may be done, also where open files are locked.
    assert not books.file.with_name("ledger.db-wal").exists()
