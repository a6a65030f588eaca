"""What happens to sessions, as an event: a car came and its session began, it left and all of it is on record."""

from datetime import datetime
from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .configuration import Connector
from .documents.account import Account, kilowatt_hours
from .engine.sessions.opened import OpenSession
from .entity import ConnectorEntity, ConnectorRow
from .views import Views

STARTED: Final = "session_started"
COMPLETED: Final = "session_completed"

SESSION = ConnectorRow(key="session", needs_device=False)

_ID: Final = "session"
_STARTED: Final = "started"


class SessionEvent(ConnectorEntity, EventEntity):
    """The sessions of a connector.

    That one has ended is told when it is on record, with what it cost. Home Assistant remembers the last event over a
    restart: what happened meanwhile is told then, and nothing twice. A driver is told by their id, never by a card.
    """

    entity_description: EventEntityDescription

    def __init__(self, views: Views, connector: Connector, row: ConnectorRow) -> None:
        super().__init__(views, connector, row)
        self._attr_event_types = [STARTED, COMPLETED]
        self._begun: str | None = None
        self._ended: str | None = None
        self._since = dt_util.utcnow()

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        last = await self.async_get_last_event_data()
        told = {} if last is None else last.last_event_attributes or {}
        if last is not None and _ID in told:
            self._begun, self._since = told[_ID], datetime.fromisoformat(told[_STARTED])
            self._ended = told[_ID] if last.last_event_type == COMPLETED else None
        elif (session := self.view.session) is not None and session.active:
            # Whoever was here before us is told of when they leave.
            self._begun, self._since = session.id, session.started
        self._tell()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._tell()
        super()._handle_coordinator_update()

    @callback
    def _tell(self) -> None:
        account, session = self.view.last, self.view.session
        if account is not None and account.record.id != self._ended and self._since <= account.record.started:
            self._ended, self._since = account.record.id, account.record.started
            self._happened(COMPLETED, told_end(account))
        if session is not None and session.active and session.id not in (self._begun, self._ended):
            self._begun = session.id
            self._happened(STARTED, told_begin(session))

    @callback
    def _happened(self, what: str, attributes: dict[str, object]) -> None:
        self._trigger_event(what, attributes)
        self.async_write_ha_state()

    @override
    def _shown(self) -> object:
        return None


def told_begin(session: OpenSession) -> dict[str, object]:
    """Return what is known of a session when it begins."""
    return {
        _ID: session.id,
        _STARTED: session.started.isoformat(timespec="seconds"),
        "vehicle": session.identity.vehicle,
        "driver": session.identity.driver,
    }


def told_end(account: Account) -> dict[str, object]:
    """Return what a session came to: kWh, s, % and the site's currency."""
    record, cost, saving = account.record, account.booked_cost, account.saving
    return {
        _ID: record.id,
        _STARTED: record.started.isoformat(timespec="seconds"),
        "ended": None if record.ended is None else record.ended.isoformat(timespec="seconds"),
        "duration": account.duration(record.started),
        "energy": float(kilowatt_hours(record.energy_in)),
        "energy_discharged": float(kilowatt_hours(record.energy_out)),
        "solar_share": None if account.solar_share is None else float(account.solar_share),
        "cost": None if cost is None else float(cost),
        "saving": None if saving is None else float(saving),
        "currency": record.currency,
        "vehicle": record.vehicle,
        "driver": record.driver,
        "marks": sorted(mark.value for mark in record.marks),
    }
