"""A time in which nobody writes into the ledger, since its file is being copied."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

_LOGGER = logging.getLogger(__name__)

_LONGEST: Final = timedelta(hours=2)
"""No backup copies a file for longer than this."""


class Standstill:
    """Takes the `turn` of whoever writes, and gives it back; `over` is called where nobody ended it in time."""

    def __init__(self, hass: HomeAssistant, turn: asyncio.Lock, over: Callable[[], None]) -> None:
        self._hass = hass
        self._turn = turn
        self._over = over
        self._wanted = self._held = False
        self._let_go: Callable[[], None] = _nothing

    async def async_begin(self) -> None:
        """Wait until nobody writes, and let nobody begin."""
        if self._wanted:
            return
        self._wanted = True
        try:
            await self._turn.acquire()
        except asyncio.CancelledError:
            self._wanted = False
            raise
        if not self._wanted:
            # Ended while it waited for its turn.
            self._turn.release()
            return
        self._held = True
        # Whoever copies may vanish without a word.
        self._let_go = async_call_later(self._hass, _LONGEST, self._copied)

    @callback
    def end(self) -> bool:
        """Let others write again; says whether somebody was held."""
        self._wanted = False
        held, self._held = self._held, False
        if held:
            self._let_go()
            self._turn.release()
        return held

    @callback
    def _copied(self, _now: datetime) -> None:
        _LOGGER.warning("A backup takes longer than it may: the ledger is written again")
        self._over()


def _nothing() -> None:
    return
