"""What a site keeps between two starts: live settings, sessions, and what chargers were set to before us."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .engine.model import ConnectorId, Mode, Override
from .engine.session import Register, Session

_VERSION = 1
_CHANGED = 1.0
"""A setting that somebody just changed is on disk this soon, in s."""

_SESSIONS = 30.0
"""A power cut loses no more of a session's attribution than this, in s."""

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What was set from the dashboard: currents in A, energy in Wh; `None` where nobody chose."""

    mode: Mode = Mode.SOLAR
    override: Override | None = None
    min_current: float | None = None
    max_current: float | None = None
    mode_after_unplug: Mode | None = None
    stop_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a connector has to remember beyond a restart, in UTC.

    `starts` and `writes` are what was drawn on the budgets of its relay and its flash memory,
    `running` and `changed` how following the sun stood, and since when.
    """

    starts: tuple[datetime, ...] = ()
    writes: tuple[datetime, ...] = ()
    running: bool = False
    changed: datetime | None = None


@dataclass(slots=True)
class Kept:
    """Everything on record. `touched` holds each changed charger's configuration and originals."""

    live: dict[ConnectorId, Chosen] = field(default_factory=dict)
    sessions: dict[ConnectorId, Session] = field(default_factory=dict)
    touched: dict[str, Json] = field(default_factory=dict)
    remembered: dict[ConnectorId, Remembered] = field(default_factory=dict)


class SiteStore:
    """One site's file in Home Assistant's storage."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store: Store[Json] = Store(hass, _VERSION, f"{DOMAIN}.{entry_id}")
        self.kept = Kept()

    async def async_load(self) -> None:
        """Read the file; what is missing in it has its default."""
        data = await self._store.async_load() or {}
        self.kept = Kept(
            live={key: _live(value) for key, value in data.get("live", {}).items()},
            sessions={key: _session(value) for key, value in data.get("sessions", {}).items()},
            touched=data.get("touched", {}),
            remembered={key: _remembered(value) for key, value in data.get("remembered", {}).items()},
        )

    def chosen(self, connector: ConnectorId) -> Chosen:
        """Return what was chosen for a connector."""
        return self.kept.live.get(connector, Chosen())

    def choose(self, connector: ConnectorId, chosen: Chosen) -> None:
        """Change what was chosen for a connector."""
        self.kept.live[connector] = chosen
        self._store.async_delay_save(self._as_json, _CHANGED)

    def set_session(self, connector: ConnectorId, session: Session) -> None:
        """Note how a session stands; its beginning and its end are written at once."""
        before = self.kept.sessions.get(connector)
        self.kept.sessions[connector] = session
        turned = before is None or before.active != session.active
        if session.active or turned:
            self._store.async_delay_save(self._as_json, _CHANGED if turned else _SESSIONS)

    def remember(self, connector: ConnectorId, remembered: Remembered) -> None:
        """Note what a connector has to remember."""
        if remembered != self.kept.remembered.get(connector):
            self.kept.remembered[connector] = remembered
            self._store.async_delay_save(self._as_json, _SESSIONS)

    async def async_keep_originals(self, subentry_id: str, config: Mapping[str, Any], originals: Json) -> None:
        """Put on disk what a charger was set to before us; what is on record already stands."""
        known = self.kept.touched.setdefault(subentry_id, {"originals": {}})
        known["config"] = dict(config)
        known["originals"] = {**originals, **known["originals"]}
        await self.async_save()

    async def async_forget(self, subentry_id: str) -> None:
        """Drop a charger that is gone."""
        self.kept.touched.pop(subentry_id, None)
        for kept in (self.kept.live, self.kept.sessions, self.kept.remembered):
            for connector in [key for key in kept if key.partition(":")[0] == subentry_id]:
                kept.pop(connector)
        await self.async_save()

    async def async_save(self) -> None:
        """Write now."""
        await self._store.async_save(self._as_json())

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    def _as_json(self) -> Json:
        return {
            "live": {key: _plain(value) for key, value in self.kept.live.items()},
            "sessions": {key: _plain(value) for key, value in self.kept.sessions.items()},
            "touched": self.kept.touched,
            "remembered": {key: _plain(value) for key, value in self.kept.remembered.items()},
        }


def _plain(value: Chosen | Session | Remembered) -> Json:
    return asdict(value, dict_factory=lambda items: {key: _json(item) for key, item in items})


def _json(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return [_json(item) for item in value]
    return value


def _live(data: Json) -> Chosen:
    live = Chosen(**_known(Chosen, data))
    override = data.get("override")
    return replace(
        live,
        mode=Mode(live.mode),
        mode_after_unplug=None if live.mode_after_unplug is None else Mode(live.mode_after_unplug),
        override=None if override is None else Override(**{**override, "until": _time(override["until"])}),
    )


def _session(data: Json) -> Session:
    times = {key: _time(data[key]) for key in ("started", "updated")}
    registers = {key: _register(data.get(key)) for key in ("taken", "given")}
    return Session(**{**_known(Session, data), **times, **registers})


def _remembered(data: Json) -> Remembered:
    starts, writes = (
        tuple(time for value in data.get(key, ()) if (time := _time(value)) is not None) for key in ("starts", "writes")
    )
    return Remembered(
        starts=starts, writes=writes, running=bool(data.get("running")), changed=_time(data.get("changed"))
    )


def _register(data: Json | None) -> Register | None:
    return None if data is None else Register(**{**data, "at": _time(data["at"])})


def _time(value: str | None) -> datetime | None:
    return None if value is None else dt_util.parse_datetime(value)


def _known(kind: type[Chosen | Session], data: Json) -> Json:
    names = {item.name for item in fields(kind)}
    return {key: value for key, value in data.items() if key in names}
