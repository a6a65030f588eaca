"""Takes in what the meters of a site's chargers have signed, and knows by which keys."""

from collections.abc import Iterable, Iterator
from functools import partial
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.issue_registry import IssueSeverity

from .bookkeeping import Bookkeeper, LedgerClosed
from .const import DOMAIN
from .engine.model import ConnectorId
from .engine.sessions.opened import OpenSession
from .ledger import EvidenceBook, Ledger
from .repairs import Issue
from .signed.keys import written
from .signed.model import KeyState, MeterKey, Signed
from .signed.ocmf import NotOcmf, parse
from .signed.verifying import key_of

_LOGGER = logging.getLogger(__name__)

_MOST: Final = 1000
"""So many records wait for a ledger that cannot be written; of more the oldest go."""

_ASKED: Final = 20
"""The owner is asked about so many keys at once: whoever makes up more is not worth asking about."""

_LONGEST: Final = 64 * 1024

type Waiting = tuple[str, str | None, Signed]
"""A session, its driver, and what was signed over it."""


class Evidence:
    """Keeps what was signed over the sessions of one site. Nothing of it waits for a disk."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], books: Bookkeeper) -> None:
        self.keys: tuple[MeterKey, ...] = ()
        self._hass = hass
        self._entry = entry
        self._books = books
        self._told: dict[ConnectorId, frozenset[str]] = {}
        self._waiting: list[Waiting] = []
        self._at_work = False

    async def async_open(self) -> None:
        """Find out which keys are known, and hear of it when that changes."""
        self._entry.async_on_unload(self._books.async_listen(self._again))
        await self._async_read()

    @callback
    def saw(self, connector: ConnectorId, session: OpenSession, signed: tuple[Signed, ...]) -> None:
        """Take notice of what a charger tells of the session at an outlet, as often as it tells it."""
        if not session.id:
            return
        known = self._told.get(connector, frozenset())
        for one in signed:
            if one.text not in known and _can_be_kept(one.text):
                self._waiting.append((session.id, session.identity.driver, one))
        self._told[connector] = frozenset(one.text for one in signed)
        del self._waiting[:-_MOST]
        if self._waiting and not self._at_work and self._books.trouble is None:
            self._at_work = True
            name = f"{DOMAIN} {self._entry.title} signed values"
            self._entry.async_create_background_task(self._hass, self._async_keep_waiting(), name)

    async def _async_keep_waiting(self) -> None:
        try:
            while self._waiting:
                session, driver, signed = self._waiting[0]
                await self.async_keep_signed(session, (signed,), driver)
                self._waiting.pop(0)
        except LedgerClosed as err:
            _LOGGER.debug("What was signed waits: %s", err)
        except Exception:
            _LOGGER.exception("Something that was signed could not be put on record")
            self._waiting.pop(0)
        finally:
            self._at_work = False

    async def async_keep_signed(self, session: str, signed: Iterable[Signed], driver: str | None = None) -> None:
        """Put on record what was signed over a session: told twice it changes nothing.

        The first key that comes with a meter's records is remembered, any other is too, and the owner asked.
        `LedgerClosed` if that cannot be done now.
        """
        await self._books.async_write(partial(_keep, session=session, signed=tuple(signed), driver=driver))

    async def async_trust(self, meter: str, key: str, state: KeyState, by: str | None) -> None:
        """Put on record that a key (hex of its DER) is a meter's or is not, as `by` says."""
        await self._books.async_write(lambda ledger: EvidenceBook(ledger).pin(meter, key, state, by=by))
        await self._async_read()

    def issues(self) -> Iterator[Issue]:
        """Yield the keys that nobody has spoken of: the first one of a meter, and others than the one it had."""
        known = {one.meter: one for one in reversed(self.keys) if one.state is not KeyState.REFUSED}
        for one in self.keys:
            if one.state is not KeyState.SEEN:
                continue
            is_first = known[one.meter] is one
            confirmed = any(each.meter == one.meter and each.state is KeyState.CONFIRMED for each in self.keys)
            key = "meter_key_unconfirmed" if is_first and not confirmed else "meter_key_differs"
            yield Issue(
                id=f"{key}_{self._entry.entry_id}_{one.meter}_{one.key}",
                key=key,
                placeholders={"site": self._entry.title, "meter": one.meter, "key": one.key},
                severity=IssueSeverity.WARNING if key == "meter_key_unconfirmed" else IssueSeverity.ERROR,
            )

    @callback
    def _again(self) -> None:
        name = f"{DOMAIN} {self._entry.title} meter keys"
        self._entry.async_create_background_task(self._hass, self._async_read(), name)

    async def _async_read(self) -> None:
        try:
            self.keys = await self._books.async_read(lambda ledger: EvidenceBook(ledger).keys())
        except LedgerClosed as err:
            _LOGGER.debug("The keys of meters are not known: %s", err)


def _can_be_kept(text: str) -> bool:
    """Say whether a text is of a sensible length, and can be written down at all."""
    try:
        return len(text.encode()) <= _LONGEST
    except UnicodeEncodeError:
        return False


def _keep(ledger: Ledger, *, session: str, signed: tuple[Signed, ...], driver: str | None) -> None:
    book = EvidenceBook(ledger)
    for one in signed:
        try:
            record = parse(one)
        except NotOcmf:
            book.keep(session, one, meter=None, driver=driver)
            continue
        book.keep(session, one, meter=record.meter, driver=driver)
        key = key_of(one, record)
        known = book.keys()
        is_asked = sum(each.state is KeyState.SEEN for each in known) < _ASKED
        if key is not None and record.meter is not None and is_asked:
            book.pin(record.meter, written(key), KeyState.SEEN)
