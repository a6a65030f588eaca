"""Asks who is charging where nobody knows, on the phones that the owner chose; a tap is the answer."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later

from .configuration import Connector
from .const import CONF_ASK_WITH
from .engine.access.model import Driver
from .engine.model import ConnectorId
from .engine.sessions.model import Rung
from .engine.sessions.moment import Identity
from .identification import Identification
from .ledger import Ledger, SessionsBook
from .sentences import question
from .sessions import Sessions, Turn

_LOGGER = logging.getLogger(__name__)

PATIENCE: Final = 120.0
"""How long a card may be shown and a car may tell of its plug before somebody is asked, in s."""

ANSWERED: Final = "mobile_app_notification_action"
"""The event of Home Assistant's apps when somebody taps an answer."""

_PREFIX = "smart_evse_driver"
_MOST = 10
"""So many answers a phone shows at most; some show three."""


class Asking:
    """Asks for one site."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], sessions: Sessions, identification: Identification
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._sessions = sessions
        self._identification = identification
        self._connectors: Mapping[ConnectorId, Connector] = {}

    @callback
    def start(self, connectors: Mapping[ConnectorId, Connector]) -> None:
        """Begin to ask, where somebody may be asked."""
        self._connectors = connectors
        if self._messengers:
            unload = self._entry.async_on_unload
            unload(self._sessions.async_listen(self._turned))
            unload(self._hass.bus.async_listen(ANSWERED, self._answered))

    @property
    def _messengers(self) -> tuple[str, ...]:
        return tuple(self._entry.options.get(CONF_ASK_WITH) or ())

    @callback
    def _turned(self, turn: Turn) -> None:
        if turn.began:
            self._entry.async_on_unload(async_call_later(self._hass, PATIENCE, partial(self._ask, turn)))

    async def _ask(self, turn: Turn, _now: datetime) -> None:
        session, connector = self._sessions.states.get(turn.connector), self._connectors.get(turn.connector)
        if session is None or connector is None or session.id != turn.session or not session.active:
            return
        drivers = self._identification.drivers
        if session.identity.driver is not None or not drivers:
            return
        await self._send(
            question(self._hass, connector.name),
            {"tag": _tag(turn.session), "actions": [_action(turn.session, driver) for driver in drivers[:_MOST]]},
        )

    async def _answered(self, event: Event[Mapping[str, Any]]) -> None:
        prefix, _, rest = str(event.data.get("action", "")).partition(":")
        session, _, driver = rest.partition(":")
        if prefix != _PREFIX or driver not in {known.id for known in self._identification.drivers}:
            return
        running = next((state for state in self._sessions.states.values() if state.id == session), None)
        if running is not None and running.active:
            self._identification.answer(session, Identity(driver=driver, known_by=Rung.ASKED))
        else:
            await self._correct(session, driver)
        await self._send("clear_notification", {"tag": _tag(session)})

    async def _correct(self, session: str, driver: str) -> None:
        """Correct a session that has ended meanwhile; one of another site is none of ours."""

        def correct(ledger: Ledger) -> None:
            book = SessionsBook(ledger)
            known = book.session(session)
            # Any app of any user may tell such an answer: it says who it was where nobody knew, and nothing else.
            if known is not None and known.driver is None:
                book.correct(session, {"driver": driver, "known_by": Rung.ASKED}, None, "asked")

        try:
            await self._sessions.books.async_write(correct)
        except HomeAssistantError as err:
            _LOGGER.warning("The answer to who was charging is not on record: %s", err)

    async def _send(self, message: str, data: Mapping[str, object]) -> None:
        for messenger in self._messengers:
            try:
                await self._hass.services.async_call("notify", messenger, {"message": message, "data": dict(data)})
            except HomeAssistantError as err:
                _LOGGER.warning("Nobody could be asked by notify.%s: %s", messenger, err)


def _tag(session: str) -> str:
    return f"smart_evse_{session}"


def _action(session: str, driver: Driver) -> dict[str, str]:
    return {"action": f"{_PREFIX}:{session}:{driver.id}", "title": driver.name}
