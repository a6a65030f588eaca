"""Who was turned away, kept two years: a garage's owner sees from it whether another charger is needed."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .access import Access, News, Turn
from .const import DOMAIN
from .engine.model import ConnectorId
from .engine.sessions.analysis import Refusal
from .records import Json, made, plain

_VERSION = 1
_KEPT = timedelta(days=731)
_MOST = 5000
"""Somebody who holds a wrong card in front of a reader all day fills no disk."""

_SOON = 60.0


class RefusalLog:
    """One site's log. It tells where and why, never whom."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store: Store[Json] = Store(hass, _VERSION, f"{DOMAIN}.{entry_id}.refusals")
        self._refusals: list[Refusal] = []

    @property
    def refusals(self) -> Sequence[Refusal]:
        """Everybody who was refused, the earliest first."""
        return tuple(self._refusals)

    async def async_load(self) -> None:
        """Read the file."""
        data = await self._store.async_load() or {}
        self._refusals = [made(Refusal, item) for item in data.get("refusals", ())]

    @callback
    def watch(self, entry: ConfigEntry, door: Access, connectors: Iterable[ConnectorId]) -> None:
        """Note who is refused from now on."""
        for connector in connectors:
            entry.async_on_unload(door.listen(connector, partial(self._note, connector)))

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self._as_json())

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    @callback
    def _note(self, connector: ConnectorId, news: News) -> None:
        if news.turn is not Turn.REFUSED:
            return
        now = dt_util.utcnow()
        kept = [refusal for refusal in self._refusals if refusal.at > now - _KEPT]
        self._refusals = [*kept, Refusal(at=now, connector=connector, why=news.verdict.value)][-_MOST:]
        self._store.async_delay_save(self._as_json, _SOON)

    def _as_json(self) -> Json:
        return {"refusals": [plain(refusal) for refusal in self._refusals]}
