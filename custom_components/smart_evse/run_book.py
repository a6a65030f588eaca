"""What is kept of statements that are made by themselves: since when they are, and which of them are settled."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .punctual import PunctualStore
from .repairs import Issue

_VERSION: Final = 1
_MOST: Final = 5000
"""Those of many years; an older one is never due again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What could not be made of a period: so many that wait, so many that fail, and why the first of those does."""

    period: str
    waiting: int = 0
    failed: int = 0
    why: str = ""


class RunBook:
    """One site's file in Home Assistant's storage: ids of statements and nothing else.

    Whoever makes statements has the `turn`.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = PunctualStore(hass, _VERSION, f"{DOMAIN}.{entry_id}.statements")
        self.turn = asyncio.Lock()
        self.begun: datetime | None = None
        self.settled: dict[str, None] = {}
        self.left: dict[str, Left] = {}

    async def async_load(self) -> None:
        """Read the file."""
        data = await self._store.async_load() or {}
        self.begun = None if data.get("begun") is None else datetime.fromisoformat(data["begun"])
        self.settled = dict.fromkeys(data.get("settled", ()))

    async def async_begin(self, at: datetime | None) -> None:
        """Note since when there is a run, `None` where there is none any more."""
        if (self.begun is None) != (at is None):
            self.begun = at
            await self.async_save()

    async def async_settle(self, ids: Iterable[str]) -> None:
        """Note what needs nothing more: it is on disk when this returns."""
        self.settled |= dict.fromkeys(ids)
        self.settled = dict.fromkeys(list(self.settled)[-_MOST:])
        await self.async_save()

    def issues(self, entry: ConfigEntry[Any]) -> Iterator[Issue]:
        """Yield what the owner of a site should know, without names: everybody may read it."""
        for left in self.left.values():
            told = {"site": entry.title, "period": left.period}
            place = f"{left.period}_{entry.entry_id}"
            if left.waiting:
                count = {"count": str(left.waiting)}
                yield Issue(id=f"statements_wait_{place}", key="statements_wait", placeholders=told | count)
            if left.failed:
                more = {"count": str(left.failed), "error": left.why}
                yield Issue(id=f"statements_failed_{place}", key="statements_failed", placeholders=told | more)

    async def async_save(self) -> None:
        """Write now."""
        begun = None if self.begun is None else self.begun.isoformat()
        await self._store.async_save({"begun": begun, "settled": list(self.settled)})

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()
