"""The log of limits that others ordered, kept two years: a grid operator may ask whether they were followed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .engine.memory import OrderEvent
from .records import Json, made, plain

_VERSION = 1
_KEPT = timedelta(days=731)
_SOON = 5.0
"""How long an entry may wait to be written, in s: it is a proof."""


class OrderLog:
    """One site's log. An order has one entry, which is completed when it ends."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store: Store[Json] = Store(hass, _VERSION, f"{DOMAIN}.{entry_id}.orders")
        self._events: list[OrderEvent] = []

    @property
    def events(self) -> Sequence[OrderEvent]:
        """Every order of two years, the oldest first."""
        return tuple(self._events)

    async def async_load(self) -> None:
        """Read the file."""
        data = await self._store.async_load() or {}
        self._events = [made(OrderEvent, item) for item in data.get("events", ())]

    def note(self, event: OrderEvent, utc: datetime) -> None:
        """Enter an order that began, or complete the entry of one that ended."""
        same = (event.id, event.started)
        kept = [item for item in self._events if item.started > utc - _KEPT and (item.id, item.started) != same]
        self._events = [*kept, event]
        self._store.async_delay_save(self._as_json, _SOON)

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self._as_json())

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    def _as_json(self) -> Json:
        return {"events": [plain(event) for event in self._events]}
