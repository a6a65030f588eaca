"""A copy of the ledger in a database: brought when it can be reached, and nothing overwritten."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
import shutil
import sqlite3
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.sessions.model import SessionRecord
from custom_components.smart_evse.ledger import Ledger, SessionsBook, Tip
from custom_components.smart_evse.ledger.outbox import Replica
from custom_components.smart_evse.replication import Replication
from tests.home import AC, CHARGING, Box, MakeSite, Site, make_site
from tests.ledger.server import database_of, running_server
from tests.on_record import Told, ledger_file, on_record, pause, read, until
from tests.test_sessions import IDLE, START, charges, comes, leaves, visit

__all__ = ["make_site"]


@pytest.fixture
def replica(tmp_path: Path) -> Path:
    """Return where a database is that knows the same tables: what a server does is tested beside the ledger."""
    folder = tmp_path / "far_away"
    folder.mkdir()
    return folder / "replica.db"


@pytest.fixture
async def site(make_site: MakeSite, replica: Path) -> Site:
    made = await make_site(Box(AC, says=(IDLE,)), options={"replica_url": f"sqlite:///{replica}"})
    await until(made, lambda: replication(made).waiting is not None)
    return made


def replication(site: Site) -> Replication:
    return site.coordinator.sessions.upkeep.replication


def tip_of(file: Path, site: str) -> Tip:
    replica = Replica(f"sqlite:///{file}")
    try:
        return replica.tip(site)
    finally:
        replica.close()


async def is_there(site: Site, replica: Path) -> None:
    """Wait until the copy has all that is on record."""
    await until(site, lambda: replication(site).waiting == 0 and not site.coordinator.store.journal.waiting)
    for _ in range(1000):
        tip = await read(site, lambda book: book.ledger.tip)
        if await site.hass.async_add_executor_job(tip_of, replica, site.entry.entry_id) == tip:
            return
        await pause(site)
    pytest.fail("it does not get there")


async def goes_on(site: Site, away: timedelta) -> None:
    site.freezer.tick(away)
    async_fire_time_changed(site.hass, dt_util.utcnow())
    for _ in range(20):
        await pause(site)
    site.coordinator.beat()


async def test_all_that_is_on_record_is_there(site: Site, replica: Path) -> None:
    await visit(site, 100)
    await on_record(site)
    await is_there(site, replica)
    await visit(site, 150, before=100)
    await on_record(site, lambda told: len(told) == 2)
    await is_there(site, replica)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the address of a real PostgreSQL."""
    with running_server() as url, database_of(url, "copy") as address:
        yield address


@pytest.mark.skipif(find_spec("psycopg") is None, reason="PostgreSQL's library is installed on first use")
async def test_a_real_server_has_what_is_on_record(hass: HomeAssistant, make_site: MakeSite, server: str) -> None:
    site = await make_site(Box(AC, says=(IDLE,)), options={"replica_url": server})
    # The time that a test lets pass is time that a server has not answered.
    await until(site, lambda: replication(site).waiting is not None)
    await visit(site, 100)
    ((record, _),) = await on_record(site)
    await until(site, lambda: replication(site).waiting == 0 and not site.coordinator.store.journal.waiting)
    entry_id = site.entry.entry_id

    def there() -> SessionRecord | None:
        ledger = Ledger.open(server, entry_id)
        try:
            return SessionsBook(ledger).session(record.id)
        finally:
            ledger.close()

    for _ in range(200):
        if await hass.async_add_executor_job(there) == record:
            return
        await pause(site)
    pytest.fail("it does not get there")


async def test_one_that_is_away_for_days_is_told(hass: HomeAssistant, make_site: MakeSite, tmp_path: Path) -> None:
    site = await make_site(Box(AC, says=(IDLE,)), options={"replica_url": f"sqlite:///{tmp_path}/nowhere/replica.db"})
    await until(site, lambda: replication(site).is_lost)
    issue = f"replica_unreachable_{site.entry.entry_id}"
    site.coordinator.beat()
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue) is None
    await visit(site, 100)
    assert [record.energy_in for record, _ in await on_record(site)] == [100]
    await goes_on(site, timedelta(days=4))
    told = ir.async_get(hass).async_get_issue(DOMAIN, issue)
    assert told is not None
    assert told.translation_placeholders is not None
    assert told.translation_placeholders["days"] == "4"
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"ledger_closed_{site.entry.entry_id}") is None


async def test_what_a_restored_backup_has_lost_is_taken_back(
    hass: HomeAssistant, hass_storage: dict[str, Any], site: Site, replica: Path, tmp_path: Path
) -> None:
    await visit(site, 100)
    await on_record(site)
    assert await hass.config_entries.async_unload(site.entry.entry_id)
    older = tmp_path / "older"
    await hass.async_add_executor_job(shutil.copytree, ledger_file(site).parent, older)
    journal = f"smart_evse.{site.entry.entry_id}.sessions"
    kept = deepcopy(hass_storage[journal])
    assert await hass.config_entries.async_setup(site.entry.entry_id)
    await until(site, lambda: replication(site).waiting is not None)
    await visit(site, 150, before=100)
    lost = (await on_record(site, lambda told: len(told) == 2))[1][0]
    await is_there(site, replica)
    assert await hass.config_entries.async_unload(site.entry.entry_id)
    await hass.async_add_executor_job(_put_back, older, ledger_file(site).parent)
    hass_storage[journal] = kept
    assert await hass.config_entries.async_setup(site.entry.entry_id)
    told = await on_record(site, lambda told: any(record.id == lost.id for record, _ in told))
    # What its register shows more than the backup knows is told by the session that came back, and by it alone.
    assert [record.energy_in for record, _ in told] == [100, 150]
    await visit(site, 30, before=250)
    told = await on_record(site, lambda told: len(told) == 3)
    assert [record.energy_in for record, _ in told] == [100, 150, 30]
    assert replication(site).conflict is None


async def test_two_ledgers_of_one_site_are_told_apart(hass: HomeAssistant, site: Site, replica: Path) -> None:
    await visit(site, 100)
    await visit(site, 150, before=100)
    await on_record(site, lambda told: len(told) == 2)
    await is_there(site, replica)
    assert await hass.config_entries.async_unload(site.entry.entry_id)
    await hass.async_add_executor_job(_forge, replica, ledger_file(site))
    assert await hass.config_entries.async_setup(site.entry.entry_id)
    await site.settle()
    await until(site, lambda: replication(site).conflict is not None)
    site.coordinator.beat()
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"ledger_conflict_{site.entry.entry_id}") is not None


def _take_away(replica: Path) -> None:
    """Let nobody reach a database any more."""
    replica.rename(replica.with_name("away.db"))
    replica.mkdir()


def _bring_back(replica: Path) -> None:
    replica.rmdir()
    replica.with_name("away.db").rename(replica)


def _put_back(older: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(older, folder)


def _forge(replica: Path, ledger: Path) -> None:
    """Let the copy have another record under a number, as if somebody else had been faster."""
    with sqlite3.connect(replica) as connection:
        connection.execute("DROP TRIGGER record_keeps")
        first = "SELECT MIN(sequence) FROM record WHERE kind = 'session'"
        connection.execute(f"UPDATE record SET hash = 'of another' WHERE sequence = ({first})")
    connection.close()
    with sqlite3.connect(ledger) as connection:
        connection.execute("DELETE FROM outbox")
    connection.close()


@dataclass(frozen=True)
class Backup:
    """What a backup has of a site: the folder of its ledger, and its journal."""

    folder: Path
    journal: dict[str, Any]


async def _restored(site: Site, backup: Backup, storage: dict[str, Any]) -> None:
    """Put a backup back, and start."""
    assert await site.hass.config_entries.async_unload(site.entry.entry_id)
    await site.hass.async_add_executor_job(_put_back, backup.folder, ledger_file(site).parent)
    storage[f"smart_evse.{site.entry.entry_id}.sessions"] = backup.journal
    assert await site.hass.config_entries.async_setup(site.entry.entry_id)
    await site.settle()
    await site.sample(1000.0)


async def _backed_up(site: Site, folder: Path, storage: dict[str, Any]) -> Backup:
    """Make a backup, and go on."""
    assert await site.hass.config_entries.async_unload(site.entry.entry_id)
    await site.hass.async_add_executor_job(shutil.copytree, ledger_file(site).parent, folder)
    backup = Backup(folder=folder, journal=deepcopy(storage[f"smart_evse.{site.entry.entry_id}.sessions"]))
    assert await site.hass.config_entries.async_setup(site.entry.entry_id)
    await site.settle()
    await site.sample(1000.0)
    return backup


async def _energies(site: Site, count: int) -> list[int]:
    def settled(told: Told) -> bool:
        flowed = all(sum(each.energy_in for each in intervals) == record.energy_in for record, intervals in told)
        return flowed and sum(1 for record, _ in told if record.energy_in) == count

    told = await on_record(site, settled)
    verified = await read(site, lambda book: book.ledger.verify())
    assert verified.good
    return [record.energy_in for record, _ in told if record.energy_in]


@pytest.mark.parametrize("plugged", [True, False], ids=["with a car", "without one"])
@pytest.mark.parametrize("back", ["nobody there", "another car", "later"])
async def test_what_a_copy_has_told_is_told_by_nobody_else(
    site: Site, hass_storage: dict[str, Any], replica: Path, tmp_path: Path, back: str, *, plugged: bool
) -> None:
    """A backup was made while a car charged or none was there; it comes back when two have gone on since."""
    await comes(site)
    await charges(site, 50)
    if not plugged:
        await leaves(site, 50)
    backup = await _backed_up(site, tmp_path / "older", hass_storage)
    if plugged:
        await charges(site, 100)
        await leaves(site, 100)
    else:
        await visit(site, 50, before=50)
    await visit(site, 150, before=100)
    count = 2 if plugged else 3
    before = await _energies(site, count)
    await is_there(site, replica)
    if back == "later":
        await site.hass.async_add_executor_job(_take_away, replica)
    site.boxes[0].says = (replace(IDLE if back == "nobody there" else CHARGING, energy_in=START + 280),)
    await _restored(site, backup, hass_storage)
    if back == "nobody there":
        await until(site, lambda: replication(site).waiting is not None)
        await leaves(site, 280)
    else:
        await charges(site, 290)
        await charges(site, 310, seconds=1200)
    if back == "later":
        await site.hass.async_add_executor_job(_bring_back, replica)
        await goes_on(site, timedelta(hours=1))
    if back != "nobody there":
        await until(site, lambda: replication(site).waiting is not None)
        await charges(site, 320)
        await leaves(site, 330)
    end = 280 if back == "nobody there" else 330
    told = await _energies(site, count + 1)
    assert told[:count] == before
    assert sum(told) == end
    await is_there(site, replica)
