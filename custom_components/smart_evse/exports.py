"""Files that people take away: kept in a folder of our own, and handed only to those who may see what is in them."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
import secrets
from typing import Final

from aiohttp import web
from homeassistant.auth.models import User
from homeassistant.components.http.auth import STORAGE_KEY as CONTENT_TOKEN, async_sign_path
from homeassistant.components.http.const import KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.storage import Store
from homeassistant.util import slugify
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .engine.access.model import Driver
from .errors import mistake
from .records import Json, made_or, plain
from .viewers import viewer_for

EXPORTS: HassKey[Exports] = HassKey(f"{DOMAIN}_exports")

URL: Final = f"/api/{DOMAIN}/exports"

_VERSION: Final = 1
_MOST: Final = 100
"""Files that are kept, the newest of all: any can be made again from the ledger."""

_LINK: Final = timedelta(hours=24)
"""How long a link opens a file without logging in."""

type DriversOf = Callable[[str], Awaitable[Iterable[Driver]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is known of a file: its site, whose sessions are in it, who asked for it, and when (UTC).

    Where a session of nobody known is in it, `anybody` says so: only who sees all may have that.
    """

    site: str
    made: datetime
    drivers: frozenset[str] = frozenset()
    anybody: bool = False
    user: str | None = None


@dataclass(slots=True)
class _Index:
    files: dict[str, Export] = field(default_factory=dict)


class Exports:
    """The folder of all sites' files, and what is known of each."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._folder = Path(hass.config.path(DOMAIN, "exports"))
        self._store: Store[dict[str, Json]] = Store(hass, _VERSION, f"{DOMAIN}.exports")
        self._index: _Index | None = None

    async def async_keep(self, title: str, suffix: str, content: bytes, export: Export) -> str:
        """Write a file and return its name, which nobody guesses."""
        name = self.name(title, suffix)
        await self._hass.async_add_executor_job(_write, self._folder / name, content)
        await self.async_know(name, export)
        return name

    def name(self, title: str, suffix: str) -> str:
        """Return a name for a file that nobody guesses. Who has it writes the file, then says so with `async_know`."""
        return f"{slugify(title)}_{secrets.token_hex(8)}.{suffix}"

    async def async_know(self, name: str, export: Export) -> None:
        """Take note of a file that was written, in the place of the oldest."""
        index = await self._loaded()
        index.files[name] = export
        oldest = sorted(index.files, key=lambda each: index.files[each].made)[:-_MOST]
        await self._drop(index, oldest)

    async def async_known(self, name: str) -> Export | None:
        """Return what is known of a file, `None` where there is none of this name."""
        return (await self._loaded()).files.get(name)

    def path(self, name: str) -> Path:
        """Return where a file lies."""
        return self._folder / name

    def link(self, name: str) -> str:
        """Return a link that opens a file for a day, for whoever asked for it."""
        return async_sign_path(self._hass, f"{URL}/{name}", _LINK)

    async def async_remove(self, site: str) -> None:
        """Delete the files of a site."""
        index = await self._loaded()
        await self._drop(index, [name for name, export in index.files.items() if export.site == site])

    async def async_remove_driver(self, driver: str) -> None:
        """Delete every file in which a driver appears: whoever is forgotten is so here, too."""
        index = await self._loaded()
        await self._drop(index, [name for name, export in index.files.items() if driver in export.drivers])

    async def _loaded(self) -> _Index:
        if self._index is None:
            data = await self._store.async_load() or {}
            unknown = Export(site="", made=datetime.min.replace(tzinfo=UTC), anybody=True)
            self._index = self._index or _Index({name: made_or(Export, each, unknown) for name, each in data.items()})
        return self._index

    async def _drop(self, index: _Index, names: Iterable[str]) -> None:
        for name in names:
            index.files.pop(name, None)  # Two may clear up at once.
            await self._hass.async_add_executor_job(_delete, self._folder / name)
        await self._store.async_save({name: plain(export) for name, export in index.files.items()})


async def async_file(hass: HomeAssistant, name: str) -> Path:
    """Return where a file of the folder lies that somebody names; a mistake if there is none."""
    exports = hass.data[EXPORTS]
    path = exports.path(name)
    # Nothing outside of the folder is anybody's to read.
    if path.name != name or not await hass.async_add_executor_job(path.is_file):
        raise mistake("no_such_file", file=name, folder=str(exports.path("").relative_to(hass.config.config_dir)))
    return path


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)


class ExportView(HomeAssistantView):
    """Hands out a file to who may see all that is in it."""

    url = f"{URL}/{{name}}"
    name = f"api:{DOMAIN}:exports"

    def __init__(self, drivers_of: DriversOf) -> None:
        self._drivers_of = drivers_of

    async def get(self, request: web.Request, name: str) -> web.StreamResponse:
        """Return the file. Where nobody may know of one, there is none."""
        hass = request.app[KEY_HASS]
        exports = hass.data[EXPORTS]
        export = await exports.async_known(name)
        if export is None or not await self._may(hass, request, export):
            return web.Response(status=HTTPStatus.NOT_FOUND)
        path = exports.path(name)
        if not await hass.async_add_executor_job(path.is_file):
            return web.Response(status=HTTPStatus.NOT_FOUND)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return web.FileResponse(path, headers=headers)

    async def _may(self, hass: HomeAssistant, request: web.Request, export: Export) -> bool:
        user: User = request[KEY_HASS_USER]
        # Who has the link that an automation was given has it from that automation.
        if request.get(KEY_HASS_REFRESH_TOKEN_ID) == hass.data[CONTENT_TOKEN] or user.id == export.user:
            return True
        viewer = viewer_for(hass, user, () if user.is_admin else await self._drivers_of(export.site))
        return viewer.sees_all or (not export.anybody and all(viewer.sees(driver) for driver in export.drivers))
