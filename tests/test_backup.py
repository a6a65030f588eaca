"""Home Assistant's backup: nobody writes while the ledger is copied, and the copy knows that it is one."""

import asyncio
from pathlib import Path
import shutil
from threading import Event

from homeassistant.core import HomeAssistant
import pytest

from custom_components.smart_evse.backup import async_post_backup, async_pre_backup
from custom_components.smart_evse.bookkeeping import LedgerClosed
from custom_components.smart_evse.ledger import Ledger, SessionsBook, Tip
from tests.home import AC, Box, MakeSite, Site, make_site
from tests.on_record import ledger_file, on_record, pause, read, until
from tests.test_sessions import IDLE, visit

__all__ = ["make_site"]


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    """Return a site with one session on record."""
    made = await make_site(Box(AC, says=(IDLE,)))
    await visit(made, 50)
    await on_record(made)
    return made


def copied(file: Path, folder: Path) -> Path:
    """Copy the ledger as a backup does: one file after the other."""
    folder.mkdir()
    for part in file.parent.glob(f"{file.name}*"):
        if not part.name.endswith("-shm"):
            shutil.copy(part, folder / part.name)
    return folder / file.name


def tip_of(book: SessionsBook) -> Tip:
    return book.ledger.tip


async def backed_up(hass: HomeAssistant, site: Site, folder: Path) -> Path:
    await async_pre_backup(hass)
    try:
        return await hass.async_add_executor_job(copied, ledger_file(site), folder)
    finally:
        await async_post_backup(hass)


async def test_what_happens_during_a_backup_is_on_record_after_it(hass: HomeAssistant, site: Site) -> None:
    await async_pre_backup(hass)
    await visit(site, 80, before=50)
    for _ in range(5):
        await pause(site)
    assert len(await on_record(site)) == 1
    assert site.coordinator.store.journal.waiting
    await async_post_backup(hass)
    assert [record.energy_in for record, _ in await on_record(site, lambda told: len(told) == 2)] == [50, 80]


async def test_a_copy_is_whole_and_knows_that_it_is_one(hass: HomeAssistant, site: Site, tmp_path: Path) -> None:
    before = await read(site, lambda book: book.ledger.tip)
    copy = await backed_up(hass, site, tmp_path / "copy")
    assert not [part for part in copy.parent.iterdir() if part.name.endswith("-wal") and part.stat().st_size]
    restored = await hass.async_add_executor_job(Ledger.open, copy, site.entry.entry_id)
    assert restored.tip.epoch > before.epoch
    assert restored.verify().good
    restored.close()
    # The one that was copied goes on as if nothing had been.
    assert await read(site, lambda book: book.ledger.tip) == before


async def test_a_ledger_that_comes_back_from_a_backup_goes_on_in_another_epoch(
    hass: HomeAssistant, site: Site, tmp_path: Path
) -> None:
    copy = await backed_up(hass, site, tmp_path / "copy")
    await visit(site, 80, before=50)
    before = (await on_record(site, lambda told: len(told) == 2))[1][0]
    lost = await read(site, lambda book: book.ledger.tip)
    assert await hass.config_entries.async_unload(site.entry.entry_id)
    await hass.async_add_executor_job(shutil.copy, copy, ledger_file(site))
    assert await hass.config_entries.async_setup(site.entry.entry_id)
    await site.settle()
    tip = await read(site, lambda book: book.ledger.tip)
    assert tip.epoch > lost.epoch
    assert tip.sequence > lost.sequence
    assert before.id not in {record.id for record, _ in await on_record(site)}


async def test_a_backup_is_made_whatever_becomes_of_the_ledger(hass: HomeAssistant, site: Site) -> None:
    await hass.config_entries.async_unload(site.entry.entry_id)
    await async_pre_backup(hass)
    await async_post_backup(hass)


async def test_a_site_that_ends_while_a_backup_is_made_writes_what_it_has(hass: HomeAssistant, site: Site) -> None:
    await async_pre_backup(hass)
    await visit(site, 80, before=50)
    assert await hass.config_entries.async_unload(site.entry.entry_id)
    assert len(await on_record(site, lambda told: len(told) == 2)) == 2


async def test_a_backup_that_ends_before_its_turn_comes_holds_nobody(hass: HomeAssistant, site: Site) -> None:
    books = site.coordinator.sessions.books
    async with books.turn():
        holding = hass.async_create_task(books.async_hold())
        await asyncio.sleep(0)
        books.release()
        reading = hass.async_create_task(books.async_write(lambda ledger: ledger.tip))
        await asyncio.sleep(0)
        assert not reading.done()
    await holding
    assert (await reading).sequence


async def test_nobody_opens_the_ledger_of_a_site_that_has_ended(hass: HomeAssistant, site: Site) -> None:
    books = site.coordinator.sessions.books
    await hass.config_entries.async_unload(site.entry.entry_id)
    with pytest.raises(LedgerClosed):
        await books.async_read(lambda ledger: ledger.tip)


async def test_two_sites_share_a_ledger_and_its_backup(
    hass: HomeAssistant, make_site: MakeSite, tmp_path: Path
) -> None:
    first, second = await make_site(Box(AC, says=(IDLE,))), await make_site(Box(AC, says=(IDLE,)))
    for site, energy in ((first, 50), (second, 70)):
        await visit(site, energy)
        assert [record.energy_in for record, _ in await on_record(site)] == [energy]
    assert ledger_file(first) == ledger_file(second)
    before = [await read(site, lambda book: book.ledger.tip) for site in (first, second)]
    copy = await backed_up(hass, first, tmp_path / "copy")
    for site, tip in zip((first, second), before, strict=True):
        restored = await hass.async_add_executor_job(Ledger.open, copy, site.entry.entry_id)
        assert restored.tip.epoch > tip.epoch
        restored.close()
        assert await read(site, lambda book: book.ledger.tip) == tip


async def test_what_waits_no_more_is_known_to_be_the_last(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place of the last record, by which a backup is told from what it became, is never behind what was written."""
    journal, gate, tip = site.coordinator.store.journal, Event(), Ledger.tip.fget
    before = await read(site, tip_of)

    def held(ledger: Ledger) -> Tip:
        last: Tip = tip(ledger)
        if last.sequence > before.sequence:
            gate.wait()
        return last

    monkeypatch.setattr(Ledger, "tip", property(held))
    try:
        await visit(site, 80, before=50)
        await on_record(site, lambda told: len(told) == 2)
        for _ in range(5):
            await pause(site)
        assert journal.waiting, "its place is not known yet"
    finally:
        gate.set()
    await until(site, lambda: not journal.waiting)
    last = await read(site, tip_of)
    assert (journal.tip.epoch, journal.tip.sequence) == (last.epoch, last.sequence)
