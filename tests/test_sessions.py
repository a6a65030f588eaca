"""Sessions on their way from readings to the ledger, whatever happens on the way."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
import sqlite3

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.model import SiteState, VehicleState
from custom_components.smart_evse.engine.sessions.model import Mark
from custom_components.smart_evse.journal import Page
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from custom_components.smart_evse.ledger.errors import Refused
from custom_components.smart_evse.ledger_pages import write_page
from tests.home import AC, CHARGING, CONNECTED, Box, MakeSite, Site, make_site
from tests.on_record import Told, ledger_file, on_record, pause, read, until

__all__ = ["make_site"]

START = 1_000_000.0
IDLE = replace(CONNECTED, state=VehicleState.NOT_CONNECTED, energy_in=START)
MARKET = {"price_kind": "entities", "price_entities": ["sensor.market"], "price_vat": 25.0}
FIXED = {"price_kind": "fixed", "price_add": 0.3, "export_kind": "fixed", "export_add": 0.08}


async def comes(site: Site, before: float = 0) -> None:
    """Let a car come to a charger that was seen without one, its register so many Wh beyond the start."""
    await site.read(replace(IDLE, energy_in=START + before))
    await site.read(replace(CONNECTED, energy_in=START + before))


async def charges(site: Site, energy: float, *, seconds: float = 40) -> None:
    """Let the register be so many Wh beyond the start, after a while."""
    says = replace(CHARGING, energy_in=START + energy)
    # It may be read as soon as the time has come.
    site.boxes[0].says = (says,)
    site.freezer.tick(seconds)
    await site.sample(7000.0)
    await site.read(says)


async def leaves(site: Site, energy: float) -> None:
    """Let the car go; a register that is behind has said its last word a minute later."""
    await site.read(replace(IDLE, energy_in=START + energy))
    site.freezer.tick(61)
    await site.read(replace(IDLE, energy_in=START + energy))


async def later(site: Site, seconds: float) -> None:
    """Let time pass for everything that waits for a time."""
    site.freezer.tick(seconds)
    async_fire_time_changed(site.hass, dt_util.utcnow())
    await site.settle()


async def visit(site: Site, energy: float, before: float = 0) -> None:
    await comes(site, before)
    await charges(site, before + energy)
    await leaves(site, before + energy)


async def saved(site: Site, energy: float) -> bool:
    """Wait until the ledger knows that a session has taken so much."""

    def stands(book: SessionsBook) -> bool:
        return bool(book.open_states().get(site.connector, {}).get("taken", {}).get("total") == energy)

    for _ in range(1000):
        if await read(site, stands):
            return True
        await pause(site)
    return False


async def test_what_a_car_took_is_on_record_when_it_has_left(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, says=(IDLE,)), options=FIXED)
    await comes(site)
    for energy in range(20, 200, 20):
        await charges(site, energy)
    await leaves(site, 180)
    ((record, intervals),) = await on_record(site)
    assert (record.connector, record.energy_in, record.currency) == (site.connector, 180, "EUR")
    assert (record.taken.start, record.taken.stop) == (START, START + 180)
    assert sum(interval.energy_in for interval in intervals) == 180
    assert {interval.import_price for interval in intervals} == {Decimal("0.3")}
    assert sum(interval.from_grid for interval in intervals) > 150
    assert record.marks == frozenset()


async def test_a_session_goes_on_over_a_reload(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, says=(IDLE,)))
    await comes(site)
    await charges(site, 20)
    before = site.coordinator.data.sessions[site.connector]
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    await site.sample(7000.0)
    await charges(site, 60)
    after = site.coordinator.data.sessions[site.connector]
    assert (after.id, after.started, after.energy) == (before.id, before.started, 60)
    await leaves(site, 60)
    ((record, intervals),) = await on_record(site)
    assert (record.id, record.energy_in, sum(one.energy_in for one in intervals)) == (before.id, 60, 60)


async def test_how_a_session_stands_is_saved_while_it_charges_and_at_the_end_of_home_assistant(
    make_site: MakeSite,
) -> None:
    site = await make_site(Box(AC, says=(IDLE,)))
    await comes(site)
    await charges(site, 20)
    await later(site, 30)
    assert await saved(site, 20)
    await charges(site, 45)
    site.hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await site.settle()
    assert await saved(site, 45)


async def test_a_ledger_that_cannot_be_opened_stops_nothing_and_gets_everything_later(
    hass: HomeAssistant, make_site: MakeSite
) -> None:
    file = hass.config.path("smart_evse/ledger.db")
    await hass.async_add_executor_job(_make_folder, file)
    site = await make_site(Box(AC, says=(IDLE,)))
    assert site.coordinator.data.decision.site.state is SiteState.NORMAL
    await visit(site, 50)
    await comes(site, 50)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"ledger_closed_{site.entry.entry_id}")
    assert issue is not None
    assert issue.translation_key == "ledger_closed"
    await hass.async_add_executor_job(_remove_folder, file)
    await later(site, 30)
    ((record, _),) = await on_record(site)
    assert record.energy_in == 50
    site.coordinator.beat()
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"ledger_closed_{site.entry.entry_id}") is None


async def test_what_waits_for_a_ledger_outlives_a_restart(hass: HomeAssistant, make_site: MakeSite) -> None:
    file = hass.config.path("smart_evse/ledger.db")
    await hass.async_add_executor_job(_make_folder, file)
    site = await make_site(Box(AC, says=(IDLE,)))
    await visit(site, 50)
    assert await hass.config_entries.async_unload(site.entry.entry_id)
    await hass.async_add_executor_job(_remove_folder, file)
    assert await hass.config_entries.async_setup(site.entry.entry_id)
    await later(site, 30)
    assert [record.energy_in for record, _ in await on_record(site)] == [50]


async def test_what_the_ledger_refused_is_put_on_record_at_the_next_start(
    hass: HomeAssistant, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = await make_site(Box(AC, says=(IDLE,)))
    refused: list[Page] = []

    def write(ledger: Ledger, page: Page) -> None:
        if page.closed is not None and not refused:
            refused.append(page)
            raise Refused("nobody foresaw it")
        write_page(ledger, page)

    monkeypatch.setattr("custom_components.smart_evse.bookkeeping.write_page", write)
    await visit(site, 50)
    await visit(site, 80, before=50)
    assert len(await on_record(site)) == len(refused) == 1
    await hass.config_entries.async_reload(site.entry.entry_id)
    await later(site, 30)
    found = await on_record(site, lambda told: len(told) == 2)
    assert sorted(record.energy_in for record, _ in found) == [50, 80]
    assert all(sum(each.energy_in for each in intervals) == record.energy_in for record, intervals in found)


def _make_folder(file: str) -> None:
    Path(file).mkdir(parents=True)


def _remove_folder(file: str) -> None:
    Path(file).rmdir()


async def test_a_price_that_comes_later_corrects_what_is_on_record(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site(
        Box(AC, says=(IDLE,)),
        options={"price_kind": "entities", "price_entities": ["sensor.market"], "price_vat": 25.0},
    )
    await visit(site, 100)
    ((record, intervals),) = await on_record(site)
    assert Mark.PROVISIONAL in record.marks
    assert all(interval.import_price is None for interval in intervals if interval.energy_in)
    begun = dt_util.utcnow().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    rows = [
        {
            "start": (begun + timedelta(hours=hour)).isoformat(),
            "end": (begun + timedelta(hours=hour + 1)).isoformat(),
            "value": 0.2,
        }
        for hour in range(5)
    ]
    hass.states.async_set("sensor.market", "0.2", {"unit_of_measurement": "EUR/kWh", "prices": rows})
    await later(site, 300)
    await later(site, 3600)
    ((record, intervals),) = await on_record(site, _final)
    assert record.marks == frozenset()
    assert {interval.import_price for interval in intervals if interval.energy_in} == {Decimal("0.25")}
    verified = await read(site, lambda book: book.ledger.verify())
    assert verified.good


def _final(told: Told) -> bool:
    return bool(told) and Mark.PROVISIONAL not in told[0][0].marks


async def test_the_grids_co2_is_noted(hass: HomeAssistant, make_site: MakeSite) -> None:
    hass.states.async_set("sensor.co2", "312.4", {"unit_of_measurement": "gCO2eq/kWh"})
    site = await make_site(Box(AC, says=(IDLE,)), options={"co2_entity": "sensor.co2"})
    await visit(site, 100)
    ((_, intervals),) = await on_record(site)
    assert {interval.co2 for interval in intervals} == {312.4}


async def test_a_site_that_is_removed_leaves_its_ledger(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site(Box(AC, says=(IDLE,)))
    await visit(site, 100)
    assert await hass.config_entries.async_remove(site.entry.entry_id)
    await site.settle()
    assert [record.energy_in for record, _ in await on_record(site)] == [100]


async def test_a_ledger_that_somebody_changed_is_told(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site(Box(AC, says=(IDLE,)))
    await visit(site, 100)
    await on_record(site)
    await hass.async_add_executor_job(_forge, str(ledger_file(site)))
    await later(site, 600)
    await until(site, lambda: site.coordinator.sessions.upkeep.broken is not None)
    site.coordinator.beat()
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"ledger_broken_{site.entry.entry_id}")
    assert issue is not None


def _forge(file: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TRIGGER record_keeps")
        connection.execute("UPDATE record SET body = replace(body, '100', '101') WHERE kind = 'session'")
    connection.close()


async def test_a_charger_that_is_removed_ends_its_session(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site(Box(AC, says=(IDLE,)))
    await comes(site)
    await charges(site, 50)
    subentry = site.connector.partition(":")[0]
    assert hass.config_entries.async_remove_subentry(site.entry, subentry)
    await site.settle()
    ((record, _),) = await on_record(site)
    assert (record.energy_in, record.ended is None) == (50, False)


async def test_books_that_go_wrong_never_stop_the_beat(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site = await make_site(Box(AC, says=(IDLE,)))
    monkeypatch.setattr("custom_components.smart_evse.sessions.follow", lambda *_: 1 / 0)
    await comes(site)
    await charges(site, 50)
    assert site.coordinator.data.decision.site.state is SiteState.NORMAL
    assert caplog.text.count("cannot be followed") == 1
    monkeypatch.undo()
    await charges(site, 90)
    assert site.coordinator.data.sessions[site.connector].active
