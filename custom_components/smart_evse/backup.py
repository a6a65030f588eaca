"""What Home Assistant's backup asks of us: that nobody writes into the ledger while its file is copied.

The copy is marked as one: if it is ever restored, its ledger goes on in an epoch of its own.
"""

import asyncio
from collections.abc import Iterator

from homeassistant.core import HomeAssistant

from .bookkeeping import Bookkeeper
from .const import DOMAIN
from .coordinator import SmartEvseConfigEntry


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Hold all writing, and bring everything into the one file."""
    books = list(_books(hass))
    await asyncio.gather(*(each.async_hold() for each in books))
    for each in books:
        # All sites share the file.
        if await each.async_checkpoint(copying=True):
            break


async def async_post_backup(hass: HomeAssistant) -> None:
    """Go on writing."""
    books = list(_books(hass))
    for each in books:
        if await each.async_checkpoint(copying=False):
            break
    for each in books:
        each.release()


def _books(hass: HomeAssistant) -> Iterator[Bookkeeper]:
    entries: list[SmartEvseConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    yield from (entry.runtime_data.sessions.books for entry in entries)
