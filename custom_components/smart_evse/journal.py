"""A site's sessions before they are on record: kept in Home Assistant's storage, whatever becomes of the ledger.

It holds how each session stands, what the home battery holds, and the pages that could not be written yet. `tip` is the
last record as the ledger told it: by that an older state of the file is known for what it is when it comes back;
`counted` is the last that is in the statistics, `used` how far those of the chargers' use go. Pages are numbered, so
that none is written twice whenever the power goes. One that the ledger refused for a reason nobody foresaw is tried
again at the next start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .engine.model import ConnectorId
from .engine.sessions.model import Interval, SessionRecord
from .engine.sessions.opened import OpenSession
from .engine.sessions.sources import Stored
from .punctual import PunctualStore
from .records import Json, made, made_or, plain

_VERSION = 1
SOON = 1.0
"""A car that came or left is on disk this soon, in s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one moment leaves to be written: how a session stands, what it finished, and at its end all of it.

    `intervals` are those of `session`, which is `None` where there are none. `number` is higher than that of any page
    before; one that was `refused` is older than what the ledger has by now, and still not on record. `forget` are
    sessions that others have told: what is kept of them is not theirs any more.
    """

    number: int
    state: OpenSession
    session: str | None = None
    intervals: tuple[Interval, ...] = ()
    closed: SessionRecord | None = None
    refused: bool = False
    forget: tuple[str, ...] = ()

    @property
    def is_only_state(self) -> bool:
        """Whether a later page says all that this one does."""
        return not self.intervals and self.closed is None and not self.forget


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The last record of the ledger."""

    epoch: int = 0
    sequence: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """How far the statistics of use have been written: up to an hour, and with all on record up to a place."""

    until: datetime | None = None
    tip: Position = Position()


class Journal:
    """One site's file."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = PunctualStore(hass, _VERSION, f"{DOMAIN}.{entry_id}.sessions")
        self.states: dict[ConnectorId, OpenSession] = {}
        self.waiting: list[Page] = []
        self.refused: list[Page] = []
        self.tip = Position()
        self.counted = Position()
        self.used = Used()
        self.number = 0
        self.stored = Stored()

    async def async_load(self) -> None:
        """Read the file; a session that cannot be read is begun anew by its register."""
        data = await self._store.async_load() or {}
        self.states = dict(_states(data.get("states", {})))
        self.waiting = [page for item in data.get("waiting", ()) if (page := _page(item)) is not None]
        self.tip = made_or(Position, data.get("tip"), Position())
        self.counted = made_or(Position, data.get("counted"), Position())
        self.used = made_or(Used, data.get("used"), Used())
        self.number = int(data.get("number", 0))
        self.stored = made_or(Stored, data.get("stored"), Stored())

    def next_number(self) -> int:
        """Return the number of the next page."""
        self.number += 1
        return self.number

    @callback
    def save_within(self, seconds: float) -> None:
        """Have it on disk at the latest so many s from now."""
        self._store.save_within(self._as_json, seconds)

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self._as_json())

    async def async_remove(self) -> None:
        """Delete the file, unless there is something in it that is not on record yet."""
        if not self.waiting:
            await self._store.async_remove()

    def _as_json(self) -> Json:
        return {
            "states": {key: plain(state) for key, state in self.states.items()},
            "waiting": [plain(page) for page in (*self.refused, *self.waiting)],
            "tip": plain(self.tip),
            "counted": plain(self.counted),
            "used": plain(self.used),
            "number": self.number,
            "stored": plain(self.stored),
        }


def newest(*known: Mapping[ConnectorId, OpenSession]) -> dict[ConnectorId, OpenSession]:
    """Return each connector's session as it was last known, of several copies."""
    found: dict[ConnectorId, OpenSession] = {}
    for states in known:
        for key, state in states.items():
            if key not in found or found[key].until < state.until:
                found[key] = state
    return found


def _states(data: Mapping[ConnectorId, Json]) -> list[tuple[ConnectorId, OpenSession]]:
    read = ((key, state_of(value)) for key, value in data.items())
    return [(key, state) for key, state in read if state is not None]


def state_of(data: Json) -> OpenSession | None:
    """Return a session as it was saved, `None` where it is of another version."""
    try:
        return made(OpenSession, data)
    except ValueError, TypeError, KeyError:
        return None


def _page(data: Json) -> Page | None:
    try:
        return made(Page, data)
    except ValueError, TypeError, KeyError:
        return None
