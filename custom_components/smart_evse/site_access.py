"""Who may charge at one site: the door of each connector, the people it knows, and what the beats tell it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .access import Access, Doors
from .access_store import AccessStore
from .card_readers import CardReaders
from .const import CONF_ADMISSION, DOMAIN
from .engine.access.model import Admission, Card, Verdict
from .engine.access.presence import Sight
from .engine.access.quota import since
from .engine.model import ConnectorId, ConnectorReading, Snapshot
from .engine.sessions.opened import OpenSession
from .guests import Codes
from .people import PEOPLE_CHANGED, Books, Desk
from .running_charges import Charge

_READ_AGAIN = timedelta(minutes=5)
"""What was taken of quotas is read from the ledger this often; in between it is added up."""


class SiteAccess:
    """Access to one site.

    `desk` has its people, `readers` read their cards, `codes` are those of guests, and `door` says who is where.
    `charge` tells what is paid at a connector: quotas of money count by it, and by the site's price where it is `None`.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, store: AccessStore, *, changed: Callable[[], None]
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._zone = dt_util.get_default_time_zone()
        self._news: Callable[[], None] = lambda: None
        self.charge: Callable[[ConnectorId], Charge | None] = lambda _: None
        doors = Doors(admissions=admissions(entry.options), zone=self._zone)
        self.store = store
        self.readers = CardReaders(store)
        self.desk = Desk(hass, self._people_changed)
        self.door = Access(store, self.desk, doors, record=self._record, changed=changed)
        self.codes = Codes(hass, store, self.desk, self.door)

    def start(self, connectors: Collection[ConnectorId], *, news: Callable[[], None]) -> None:
        """Begin to take notice of cards. `news` is called when people have changed."""
        self.door.forget_all_but(connectors)
        self._news = news
        unload = self._entry.async_on_unload
        for connector in connectors:
            unload(self.readers.listen(connector, partial(self._presented, connector)))
        unload(async_track_time_interval(self._hass, self._read_again, _READ_AGAIN))
        unload(async_dispatcher_connect(self._hass, PEOPLE_CHANGED, self._elsewhere))

    async def async_open(self, books: Books) -> None:
        """Read who is known, and what they have taken; a ledger that is closed is tried again."""
        with suppress(HomeAssistantError):
            await self.desk.async_open(books)
        await self._read_again()

    @callback
    def look(
        self, snapshot: Snapshot, connectors: Iterable[ConnectorId], sessions: Mapping[ConnectorId, OpenSession]
    ) -> None:
        """Follow every connector for one beat."""
        readings = dict(snapshot.connectors)
        price = None if snapshot.import_price is None else Decimal(str(snapshot.import_price))
        for connector in connectors:
            reading, session, charge = readings.get(connector), sessions.get(connector), self.charge(connector)
            if reading is not None:
                self.readers.read(connector, reading.card)
            sight = Sight(
                utc=snapshot.utc,
                plugged=_is_plugged(reading),
                energy=None if session is None else session.energy,
                price=price if charge is None else charge.price,
            )
            self.door.look(connector, sight)

    def verdicts(self, connectors: Iterable[ConnectorId]) -> dict[ConnectorId, Verdict]:
        """Return what holds at each connector."""
        return {connector: self.door.verdict(connector) for connector in connectors}

    @callback
    def _presented(self, connector: ConnectorId, told: str) -> None:
        self.door.present(connector, told, dt_util.utcnow())

    @callback
    def _record(self, card: Card) -> None:
        """Put a card of nobody on record behind the beat."""
        self.desk.note(card)
        self._entry.async_create_background_task(self._hass, self._put(card), f"{DOMAIN} {self._entry.title} card")

    async def _put(self, card: Card) -> None:
        # Where the ledger is closed, the card is known until the next start.
        with suppress(HomeAssistantError):
            await self.desk.async_put(card)

    @callback
    def _people_changed(self) -> None:
        self.door.catch_up()
        self._news()

    async def _elsewhere(self, who: Desk | None) -> None:
        """Read what another site has put on record, or what came out of a file."""
        if who is not self.desk:
            with suppress(HomeAssistantError):
                await self.desk.async_read()

    async def _read_again(self, _now: datetime | None = None) -> None:
        utc = dt_util.utcnow()
        with suppress(HomeAssistantError):
            if not self.desk.is_open:
                await self.desk.async_read()
            await self.desk.async_count(lambda quota: since(quota.period, utc, self._zone))


def admissions(options: Mapping[str, object]) -> dict[ConnectorId, Admission]:
    """Return what each connector does with strangers."""
    told = options.get(CONF_ADMISSION)
    known = told.items() if isinstance(told, Mapping) else ()
    return {connector: Admission(value) for connector, value in known if value in set(Admission)}


def _is_plugged(reading: ConnectorReading | None) -> bool | None:
    if reading is None or reading.state is None or reading.state.faulty:
        return None
    return reading.state.plugged
