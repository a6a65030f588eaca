"""A store that is written when it was promised, however often it changes meanwhile.

Home Assistant's own puts a delayed write off with every change: what changes each second would never be written.
"""

from collections.abc import Callable
from typing import override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .records import Json


class PunctualStore(Store[Json]):
    """A file in Home Assistant's storage."""

    def __init__(self, hass: HomeAssistant, version: int, key: str, *, private: bool = False) -> None:
        super().__init__(hass, version, key, private)
        self._due: float | None = None

    @override
    async def async_save(self, data: Json) -> None:
        # What was promised is kept by that.
        self._due = None
        await super().async_save(data)

    @callback
    def save_within(self, data: Callable[[], Json], seconds: float) -> None:
        """Write what `data` returns then, at the latest so many s from now."""
        due = self.hass.loop.time() + seconds
        if self._due is not None and self._due <= due:
            return
        self._due = due

        def written() -> Json:
            self._due = None
            return data()

        self.async_delay_save(written, seconds)
