"""The action that writes sessions into a file for an employer, a landlord or the tax office."""

from dataclasses import replace
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.requirements import async_process_requirements
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .all_sites import ALL_SITES, Place, Search, async_search
from .const import DOMAIN, SPREADSHEET
from .coordinator import SiteCoordinator
from .documents.account import Account
from .documents.csv_file import csv_bytes
from .documents.json_file import json_bytes, plain_totals
from .documents.separators import DecimalMark, Separators, separators
from .documents.session_tables import interval_table, session_table
from .documents.spreadsheet import spreadsheet_bytes
from .documents.table import Table
from .errors import mistake
from .exports import EXPORTS, Export
from .ledger import SessionFilter, SessionsBook
from .session_accounts import find, with_quarters
from .session_desk import WHICH, Asked, async_edition

ATTR_DECIMAL_MARK: Final = "decimal_mark"
ATTR_FORMAT: Final = "format"
ATTR_INTERVALS: Final = "intervals"
ATTR_LANGUAGE: Final = "language"


_MOST: Final = 50_000
"""More rows than these do not fit into the memory of a small machine, as cells of a workbook."""


class Format(StrEnum):
    """What kind of file."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


async def _export_sessions(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    hass, language = call.hass, call.data.get(ATTR_LANGUAGE) or call.hass.config.language
    edition, form = await async_edition(hass, language), Format(call.data[ATTR_FORMAT])
    if form is Format.XLSX:
        await _async_workbooks(hass)
    async with async_search(site, call) as search:
        which = search.asked.which(call, _MOST + 1)
        accounts = await _found(search, which, intervals=call.data[ATTR_INTERVALS])
    if not accounts:
        raise mistake("no_sessions_found")
    tables = [session_table(accounts, edition)]
    if call.data[ATTR_INTERVALS]:
        tables.append(interval_table(accounts, edition))
    signs = separators(language, hass.config.country, call.data.get(ATTR_DECIMAL_MARK))
    about = {"site": site.site_name, "made": dt_util.now().isoformat(timespec="seconds")}
    made = await hass.async_add_executor_job(_files, form, tables, signs, about)
    export = _export(site, accounts, call.context.user_id)
    title = f"{site.site_name} {_span(which, accounts, edition.zone)}"
    return {
        "site": site.site_name,
        "sessions": len(accounts),
        "totals": dict(plain_totals(tables[0])),
        "files": [await _kept(hass, f"{title} {name}", form, content, export) for name, content in made],
    }


async def _found(search: Search, which: SessionFilter, *, intervals: bool) -> list[Account]:
    """Return the sessions for a file, the latest first; a mistake where they are too many for one."""
    found: list[Account] = []
    look = partial(_look, which=which, asked=search.asked, intervals=intervals)
    async for accounts in search.each(look):
        found += accounts or ()
        rows = sum(len(account.quarters) for account in found) if intervals else len(found)
        if accounts is None or rows > _MOST:
            raise mistake("too_many_rows", most=str(_MOST))
    return sorted(found, key=lambda account: (account.record.started, account.record.id), reverse=True)


def _look(
    book: SessionsBook, place: Place, *, which: SessionFilter, asked: Asked, intervals: bool
) -> list[Account] | None:
    """Return the sessions of a place; `None` where they are too many for one file."""
    accounts = [replace(account, site=place.title) for account in find(book, which, asked.viewer, asked.names)]
    if len(accounts) > _MOST:
        return None
    return with_quarters(book, accounts, asked.names, _MOST) if intervals else accounts


def _files(form: Format, tables: list[Table], signs: Separators, about: dict[str, str]) -> list[tuple[str, bytes]]:
    """Return the content of each file by what it tells: of CSV one for each table, else one for all."""
    match form:
        case Format.CSV:
            return [(table.title, csv_bytes(table, signs)) for table in tables]
        case Format.XLSX:
            return [(tables[0].title, spreadsheet_bytes(*tables))]
    return [(tables[0].title, json_bytes(about, *tables))]


async def _kept(hass: HomeAssistant, title: str, form: Format, content: bytes, export: Export) -> JsonObjectType:
    exports = hass.data[EXPORTS]
    name = await exports.async_keep(title, form.value, content, export)
    return {"name": name, "path": str(exports.path(name)), "url": exports.link(name)}


def _export(site: SiteCoordinator, accounts: list[Account], user: str | None) -> Export:
    """Say whose energy is in it: where several drivers charged in one session, all of theirs."""
    drivers = {account.record.driver for account in accounts}.union(*(account.others for account in accounts))
    return Export(
        site=site.config_entry.entry_id,
        made=dt_util.utcnow(),
        drivers=frozenset(driver for driver in drivers if driver is not None),
        anybody=None in drivers,
        user=user,
    )


def _span(which: SessionFilter, accounts: list[Account], zone: tzinfo) -> str:
    """Name the days that a file is about."""
    begun: list[datetime] = [account.record.started for account in accounts]
    first, last = which.since or min(begun), max(begun)
    return f"{first.astimezone(zone):%Y-%m-%d} {last.astimezone(zone):%Y-%m-%d}"


async def _async_workbooks(hass: HomeAssistant) -> None:
    """Install what writes workbooks, on first use."""
    try:
        await async_process_requirements(hass, DOMAIN, [SPREADSHEET], False)
    except HomeAssistantError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="no_workbooks",
            translation_placeholders={"requirement": SPREADSHEET},
        ) from err


EXPORT_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="export_sessions",
        fields={
            **WHICH,
            **ALL_SITES,
            vol.Optional(ATTR_FORMAT, default=Format.CSV): vol.Coerce(Format),
            vol.Optional(ATTR_INTERVALS, default=False): cv.boolean,
            vol.Optional(ATTR_LANGUAGE): cv.string,
            vol.Optional(ATTR_DECIMAL_MARK): vol.Coerce(DecimalMark),
        },
        do=_export_sessions,
        answers=True,
    ),
)
