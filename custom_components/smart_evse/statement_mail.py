"""Tells what statements were made: by what the owner chose of notify, with files or links, else in Home Assistant."""

from collections.abc import Mapping, Sequence
import logging
from typing import Final

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.json import JsonObjectType

from .const import DOMAIN
from .coordinator import SiteCoordinator
from .documents.notation import notation
from .documents.statement_files import Format
from .engine.statements.model import StatementKind
from .ledger.statements import StatementOnRecord
from .statement_documents import async_files, async_kept_files, pay_link
from .statement_jobs import Run

_LOGGER = logging.getLogger(__name__)

NOTIFY: Final = "notify"


async def async_send(site: SiteCoordinator, run: Run, period: str, made: Sequence[StatementOnRecord]) -> None:
    """Tell what was made. Where nobody can be told so, a notification in Home Assistant says it, without any name."""
    texts = await _texts(site.hass)
    title = texts["statements_title"].format(period=period)
    sent = False
    if run.notify:
        lines, paths = await _content(site, texts, made)
        for where in run.notify:
            sent = await _sent(site.hass, where, title, "\n".join(lines), paths if run.attach else []) or sent
    if not sent:
        names = ", ".join(each.statement.number or period for each in made)
        text = texts["statements_made"].format(names=names)
        place = f"{DOMAIN}_{site.config_entry.entry_id}_statements_{period}"
        persistent_notification.async_create(site.hass, text, title, place)


async def _content(
    site: SiteCoordinator, texts: Mapping[str, str], made: Sequence[StatementOnRecord]
) -> tuple[list[str], list[str]]:
    """Return a line for each statement with links to its files, and where those are."""
    hass = site.hass
    signs = notation(hass.config.language, hass.config.country, hass.config.time_zone)
    lines, paths = list[str](), list[str]()
    for each in made:
        statement = each.statement
        files = await _files(site, each)
        money = signs.money(statement.total, statement.currency)
        name = statement.number or site.site_name
        lines.append(texts["statements_line"].format(name=name, recipient=statement.recipient.name, total=money))
        lines += [f"{_address(hass)}{file['url']}" for file in files]
        paths += [str(file["path"]) for file in files]
    return lines, paths


async def _files(site: SiteCoordinator, made: StatementOnRecord) -> list[JsonObjectType]:
    """Return the files of a statement; without what draws them there are tables all the same."""
    own = made.statement.kind is StatementKind.LIST
    for formats in ((Format.PDF,), (Format.CSV,)):
        try:
            files = await async_files(site, made.statement, formats, link=pay_link(site, made), own=own)
        except HomeAssistantError as err:
            _LOGGER.warning("A statement could not be written as %s: %s", formats[0], err)
            continue
        return await async_kept_files(site, made.statement, files, None)
    return []


async def _sent(hass: HomeAssistant, where: str, title: str, text: str, paths: list[str]) -> bool:
    """Send it; files go with it where whoever sends it may read them. Says whether that worked."""
    data: dict[str, object] = {"title": title, "message": text}
    if where.startswith(f"{NOTIFY}."):
        action, data = "send_message", {**data, "entity_id": where}
    else:
        action = where
        readable = bool(paths) and await hass.async_add_executor_job(_may_read, hass, paths)
        if readable:
            data["data"] = {"images": paths}
    try:
        await hass.services.async_call(NOTIFY, action, data, blocking=True)
    except Exception as err:
        # Whatever somebody's own notifier does wrong: the statements are made, and the others are told.
        if not isinstance(err, HomeAssistantError):
            _LOGGER.exception("Statements could not be sent by %s", where)
        else:
            _LOGGER.warning("Statements could not be sent by %s: %s", where, err)
        return False
    return True


def _may_read(hass: HomeAssistant, paths: list[str]) -> bool:
    return all(hass.config.is_allowed_path(path) for path in paths)


def _address(hass: HomeAssistant) -> str:
    try:
        return get_url(hass, prefer_external=True)
    except NoURLAvailableError:
        return ""


async def _texts(hass: HomeAssistant) -> dict[str, str]:
    texts = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    return {key.rpartition(".")[2]: text for key, text in texts.items()}
