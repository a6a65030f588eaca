"""Guests: a code that is shown once, and codes that are tried."""

import asyncio
from dataclasses import replace
from datetime import datetime
import secrets

from homeassistant.core import HomeAssistant

from .access import Access
from .access_store import AccessStore
from .engine.access.codes import DIGITS, holder, keyed_hash, spoken
from .engine.access.lockout import Attempts, failed, wait
from .engine.access.model import AccessRule, Guest, Verdict
from .engine.model import ConnectorId
from .errors import mistake
from .people import Desk, new_id


class Codes:
    """The codes of one site: made here, and tried here one after the other."""

    def __init__(self, hass: HomeAssistant, store: AccessStore, desk: Desk, door: Access) -> None:
        self._hass = hass
        self._store = store
        self._desk = desk
        self._door = door
        self._trying = asyncio.Lock()
        self._told: dict[str, Attempts] = {}

    async def async_invite(self, name: str, rule: AccessRule) -> tuple[Guest, str]:
        """Put a guest on record, and return them with their code: nobody will ever tell it again."""
        guests = self._desk.people.guests.values()
        while True:
            code = spoken(secrets.randbelow(10**DIGITS))
            code_hash = await self._hash(code)
            if holder(guests, code_hash) is None:
                break
        guest = Guest(id=new_id(), name=name, code_hash=code_hash, rule=rule)
        await self._desk.async_put(guest)
        return guest, code

    async def async_holder(
        self, connector: ConnectorId, code: str, utc: datetime, *, place: str | None = None
    ) -> Guest:
        """Return whose code it is, and let nobody in by that.

        `ServiceValidationError` for a wrong one, and while none is looked at.

        `place` is where wrong ones are counted: whoever guesses at one keeps nobody from another.
        """
        place = place or connector
        async with self._trying:
            attempts = self._door.attempts(place)
            if left := wait(attempts, utc):
                if self._told.get(place) != attempts:
                    # Once for each wait: whoever goes on guessing fills no database.
                    self._told[place] = attempts
                    self._door.refuse(connector, Verdict.TOO_MANY_CODES)
                raise mistake("too_many_codes", seconds=str(max(1, round(left.total_seconds()))))
            guest = holder(self._desk.people.guests.values(), await self._hash(code))
            if guest is None:
                self._door.note(place, failed(attempts, utc))
                self._door.refuse(connector, Verdict.WRONG_CODE)
                raise mistake("wrong_code")
        return guest

    async def async_revoke(self, guest: Guest) -> None:
        """Let a guest's code open nothing any more."""
        await self._desk.async_put(replace(guest, revoked=True))

    async def _hash(self, code: str) -> str:
        return await self._hass.async_add_executor_job(keyed_hash, code, self._store.kept.secret)
