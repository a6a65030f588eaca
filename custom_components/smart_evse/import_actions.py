"""The action that puts on record what a charger kept itself, out of its log."""

from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .coordinator import SiteCoordinator
from .engine.model import ConnectorId
from .errors import mistake
from .exports import async_file
from .log_entries import ENTRY, MOST, Row, log_entry, rows_of
from .session_desk import ATTR_CHARGER, Asked, async_asked
from .viewers import async_only_admins

ATTR_ENTRIES: Final = "entries"
ATTR_FILE: Final = "file"

_KILO: Final = 1000


async def _import_sessions(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    await async_only_admins(call.hass, call.context)
    asked = await async_asked(site, call.context)
    connector, rows = _connector(asked, call), await _async_rows(call)
    if not rows:
        raise mistake("no_log_entries")
    if len(rows) > MOST:
        raise mistake("too_many_rows", most=str(MOST))
    # Every one of them is looked at before the first goes on record.
    entries = [log_entry(asked, connector, row, number) for number, row in enumerate(rows, 1)]
    taken = await site.sessions.imports.async_take(entries)
    return {
        "site": site.site_name,
        "charger": asked.names.chargers[connector],
        "entries": len(entries),
        "new": taken.new,
        "timed": taken.timed,
        "known": taken.known,
        "empty": taken.empty,
        "running": taken.running,
        "energy": sum(record.energy_in for record in taken.sessions) / _KILO,
        "sessions": [record.id for record in taken.sessions],
    }


def _connector(asked: Asked, call: ServiceCall) -> ConnectorId:
    """Return which connector's log it is: the one that is named, or the only one."""
    named = asked.charger(call.data.get(ATTR_CHARGER))
    if named is None and len(asked.names.chargers) != 1:
        raise mistake("which_charger", chargers=", ".join(sorted(asked.names.chargers.values())))
    return named or next(iter(asked.names.chargers))


async def _async_rows(call: ServiceCall) -> list[Row]:
    rows: list[Row] = list(call.data[ATTR_ENTRIES])
    if (name := call.data.get(ATTR_FILE)) is not None:
        path = await async_file(call.hass, name)
        rows += await call.hass.async_add_executor_job(rows_of, path)
    return rows


IMPORT_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="import_sessions",
        fields={
            vol.Optional(ATTR_CHARGER): cv.string,
            vol.Optional(ATTR_ENTRIES, default=list): vol.All(cv.ensure_list, [ENTRY]),
            vol.Optional(ATTR_FILE): cv.string,
        },
        do=_import_sessions,
        may_answer=True,
    ),
)
