"""Actions on the ledger as a whole: into a file that can be kept anywhere, and back out of one."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .const import DOMAIN
from .coordinator import SiteCoordinator
from .engine.sessions.model import SessionRecord
from .errors import mistake
from .exports import EXPORTS, Export, async_file
from .imports import go_on
from .journal import Position, Used
from .ledger import Ledger, PeopleBook, SessionFilter, SessionsBook
from .ledger.errors import Apart, Broken, NotALedger
from .ledger.exchange import exported, imported
from .ledger.receiving import Received
from .people import PEOPLE_CHANGED
from .restoring import Kept
from .viewers import async_only_admins

ATTR_FILE: Final = "file"
ATTR_PEOPLE: Final = "people"

_AROUND: Final = 2
"""Lines of a file that are no records: the first and the last."""

_LONGEST: Final = timedelta(days=90)
"""No car stays longer at a charger."""


async def _export_ledger(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    exports, people = call.hass.data[EXPORTS], call.data[ATTR_PEOPLE]
    made = dt_util.utcnow()
    name = exports.name(f"ledger {dt_util.as_local(made):%Y-%m-%d}", "jsonl")
    path = exports.path(name)
    # It waits for what was followed and is not written yet.
    await site.sessions.books.async_drain()
    records, drivers = await site.sessions.books.async_read(lambda ledger: _write(ledger, path, people=people))
    await exports.async_know(
        name,
        Export(site=site.config_entry.entry_id, made=made, drivers=drivers, anybody=True, user=call.context.user_id),
    )
    return {
        "site": site.site_name,
        "records": records,
        "files": [{"name": name, "path": str(path), "url": exports.link(name)}],
    }


def _write(ledger: Ledger, path: Path, *, people: bool) -> tuple[int, frozenset[str]]:
    """Write all there is into a file; return how many records, and whose names are in it."""
    book, half = PeopleBook(ledger), path.with_suffix(".part")
    drivers = frozenset[str]()
    if people:
        drivers = frozenset({one.id for one in book.drivers()} | {one.id for one in book.guests()})
    count = -_AROUND
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with half.open("w", encoding="utf-8", newline="\n") as file:
            for line in exported(ledger.database, people=people):
                file.write(line)
                count += 1
        half.replace(path)
    except OSError as err:
        raise mistake("file_not_written", file=path.name, detail=str(err)) from err
    finally:
        half.unlink(missing_ok=True)
    return count, drivers


async def _import_ledger(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    path = await async_file(call.hass, call.data[ATTR_FILE])
    await site.sessions.books.async_drain()
    received = await site.sessions.books.async_write(lambda ledger: _read(ledger, path))
    if received.new:
        await _async_take_notice(call.hass)
    return {
        "site": site.site_name,
        "records": received.seen,
        "new": received.new,
        "known": received.seen - received.new,
    }


def _read(ledger: Ledger, path: Path) -> Received:
    """Take in a file, all of it or nothing."""
    try:
        with path.open(encoding="utf-8") as file:
            return imported(ledger.database, file)
    except NotALedger as err:
        raise mistake("not_a_ledger", file=path.name) from err
    except Broken as err:
        raise mistake("ledger_file_broken", file=path.name, record=_place(err.key)) from err
    except Apart as err:
        raise mistake("ledger_file_apart", file=path.name, record=_place(err.key)) from err
    except (OSError, UnicodeDecodeError) as err:
        raise mistake("file_not_read", file=path.name, detail=str(err)) from err


def _place(key: tuple[str, int, int]) -> str:
    return "/".join(map(str, key))


async def _async_take_notice(hass: HomeAssistant) -> None:
    """Let every site go on from what is on record now, with statistics counted from the beginning."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        site: SiteCoordinator = entry.runtime_data
        journal = site.store.journal
        books, heard = site.sessions.books, [state.until for state in journal.states.values()]
        if heard:
            since = SessionFilter(since=min(heard) - _LONGEST)
            told, kept = await books.async_read(partial(_sessions, which=since))
            go_on(books, journal, told, kept)
        journal.counted, journal.used = Position(), Used()
        site.sessions.changed()
    async_dispatcher_send(hass, PEOPLE_CHANGED, None)


def _sessions(ledger: Ledger, *, which: SessionFilter) -> tuple[tuple[SessionRecord, ...], Kept]:
    book = SessionsBook(ledger)
    return book.sessions(which), book.open_intervals()


LEDGER_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="export_ledger",
        fields={vol.Optional(ATTR_PEOPLE, default=True): cv.boolean},
        do=_export_ledger,
        answers=True,
    ),
    SiteAction(
        name="import_ledger",
        fields={vol.Required(ATTR_FILE): cv.string},
        do=_import_ledger,
        may_answer=True,
    ),
)
