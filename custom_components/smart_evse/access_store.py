"""Who was at each connector and who typed wrong codes, kept over restarts; and the secret of the codes."""

from dataclasses import dataclass, field
import secrets
from typing import Any

from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .engine.access.lockout import Attempts
from .engine.access.model import Verdict
from .engine.access.presence import Gone, Presence
from .engine.model import ConnectorId
from .punctual import PunctualStore
from .records import Json, made_or, plain

_VERSION = 1
_CHANGED = 1.0
"""Somebody who came or left is on disk this soon, in s."""

_TAKEN = 30.0
"""A power cut loses no more of what somebody took of a quota than this, in s."""


@dataclass(slots=True)
class AccessKept:
    """By connector: who is there and was before, and what was said of them last; by place: the wrong codes."""

    present: dict[ConnectorId, Presence] = field(default_factory=dict)
    gone: dict[ConnectorId, Gone] = field(default_factory=dict)
    verdicts: dict[ConnectorId, Verdict] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)
    cards: dict[ConnectorId, str] = field(default_factory=dict)
    """A mark of the card that each reader told last: enough to know that it is the same, and no more."""
    secret: bytes = b""
    """What codes are hashed with. It is in no ledger: without it their hashes are worth nothing."""


class AccessStore:
    """One site's file. No name, no card's number and no code is in it, only ids."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = PunctualStore(hass, _VERSION, f"{DOMAIN}.{entry_id}.access", private=True)
        self.kept = AccessKept()

    async def async_load(self) -> None:
        """Read the file; a site that has no secret yet is given one."""
        data = await self._store.async_load() or {}
        told = bytes.fromhex(data.get("secret", ""))
        self.kept = AccessKept(
            present=_records(Presence, data.get("present", {})),
            gone=_records(Gone, data.get("gone", {})),
            verdicts={key: Verdict(value) for key, value in data.get("verdicts", {}).items() if value in set(Verdict)},
            attempts=_records(Attempts, data.get("attempts", {})),
            cards=data.get("cards", {}),
            secret=told or secrets.token_bytes(32),
        )
        if not told:
            await self.async_save()

    def keep(self, *, soon: bool) -> None:
        """Write what has changed: soon, when somebody came or left."""
        self._store.save_within(self._as_json, _CHANGED if soon else _TAKEN)

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self._as_json())

    async def async_remove(self) -> None:
        """Delete the file: no code of this site opens anything any more."""
        await self._store.async_remove()

    def _as_json(self) -> Json:
        return {
            "present": {key: plain(value) for key, value in self.kept.present.items()},
            "gone": {key: plain(value) for key, value in self.kept.gone.items()},
            "verdicts": {key: value.value for key, value in self.kept.verdicts.items()},
            "attempts": {key: plain(value) for key, value in self.kept.attempts.items()},
            "cards": self.kept.cards,
            "secret": self.kept.secret.hex(),
        }


def _records[T](kind: type[T], data: Any) -> dict[str, T]:  # noqa: ANN401 - what JSON made of it
    """Read records by connector; one that cannot be read is left out."""
    read = {key: made_or(kind, value, None) for key, value in data.items()}
    return {key: record for key, record in read.items() if record is not None}
