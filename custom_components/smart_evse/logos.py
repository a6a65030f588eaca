"""The pictures on statements: kept beside the ledger, named by what is in them, so that a backup has both."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant

from .bookkeeping import FILE

LARGEST: Final = 500_000
"""No logo has more bytes: it is in every document."""

_BEGINNINGS: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


def kind_of(content: bytes) -> str | None:
    """Return how the name of such a picture ends, `None` for what is neither PNG nor JPEG."""
    return next((ending for beginning, ending in _BEGINNINGS.items() if content.startswith(beginning)), None)


def keep_logo(hass: HomeAssistant, content: bytes) -> str:
    """Write a picture, and return the name by which it is found. It waits for a disk."""
    name = f"logo_{sha256(content).hexdigest()[:16]}.{kind_of(content)}"
    path = _path(hass, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return name


async def async_logo(hass: HomeAssistant, name: str | None) -> bytes | None:
    """Return a picture by its name, `None` where there is none any more."""
    if name is None:
        return None
    path = _path(hass, name)
    return await hass.async_add_executor_job(lambda: path.read_bytes() if path.is_file() else None)


def _path(hass: HomeAssistant, name: str) -> Path:
    return Path(hass.config.path(str(FILE))).with_name(Path(name).name)
