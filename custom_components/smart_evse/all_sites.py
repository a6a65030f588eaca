"""Where an action looks for sessions: at one site, or at all sites that its ledger and the copy of it know.

Sites of this Home Assistant are read from its own file, which is never behind. Others are in the database that records
are copied to, where twenty boxes may bring theirs, or came into the file by an import.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
from homeassistant.requirements import async_process_requirements
import voluptuous as vol

from .const import CONF_REPLICA_URL, DOMAIN
from .coordinator import SiteCoordinator
from .engine.access.model import Driver
from .engine.sessions.model import SessionRecord
from .engine.statements.model import Statement
from .ledger import Ledger, LedgerError, PeopleBook, SessionsBook
from .ledger.claims import claimed_before
from .ledger.database import POSTGRESQL, Database
from .ledger.errors import Claimed
from .ledger.outbox import Replica
from .ledger.places import SiteOnRecord, sites_on_record
from .session_accounts import Names
from .session_desk import Asked, async_asked, names_of, running_at
from .viewers import async_only_admins

ATTR_ALL_SITES: Final = "all_sites"

ALL_SITES: Final[VolDictType] = {vol.Optional(ATTR_ALL_SITES, default=False): cv.boolean}
"""The field that asks for more than the site that is named."""

_ANYWHERE: Final = ZoneInfo("UTC")
"""Sessions have their own clock on record: only sums would ask for the site's."""

_HELLO = 60.0
"""How long a database may take to answer at all, its library to be installed included, in s."""

_PATIENCE = 120.0
"""How long it may take to tell of one site, in s: fifty thousand sessions may be wanted of a large one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One site that is looked at.

    `title` is told beside its sessions, `None` where only one site is asked for. `far` is what is read from the
    database; `site` is there where this Home Assistant runs it.
    """

    id: str
    title: str | None = None
    site: SiteCoordinator | None = None
    far: bool = False

    @property
    def running(self) -> tuple[SessionRecord, ...]:
        """The sessions that run, as they stand, as far as this Home Assistant knows."""
        return () if self.site is None else running_at(self.site)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Who asks, by the names of all places, and the places. `people` are the drivers of all, where all are asked."""

    asked: Asked
    places: tuple[Place, ...]
    people: tuple[Driver, ...] = ()
    replica: Replica | None = field(default=None, repr=False)

    @property
    def others(self) -> Search:
        """The same without the site that is asked."""
        mine = self.asked.site.config_entry.entry_id
        return replace(self, places=tuple(place for place in self.places if place.id != mine))

    @property
    def sites(self) -> tuple[SiteCoordinator, ...]:
        """Those of the places that this Home Assistant runs."""
        return tuple(place.site for place in self.places if place.site is not None)

    async def claimed(self, statement: Statement) -> None:
        """Raise `Claimed`, if some energy is on a statement that another Home Assistant has made."""
        if (replica := self.replica) is not None:
            near = [place.id for place in self.places if not place.far]
            await _async_there(self.asked.site.hass, partial(_claimed, replica.database, statement, near), _PATIENCE)

    async def each[T](self, look: Callable[[SessionsBook, Place], T]) -> AsyncIterator[T]:
        """Yield what is found at each place, one after the other: all of them at once may be much."""
        for place in self.places:
            if place.far and self.replica is not None:
                far = self.replica.database
                yield await _async_there(self.asked.site.hass, partial(_at, far, place, look), _PATIENCE)
            else:
                yield await self.asked.site.sessions.books.async_read(partial(_near, place=place, look=look))


@asynccontextmanager
async def async_search(site: SiteCoordinator, call: ServiceCall) -> AsyncIterator[Search]:
    """Yield where an action is to look; at all sites only administrators may, and automations."""
    if not call.data[ATTR_ALL_SITES]:
        yield Search(
            asked=await async_asked(site, call.context), places=(Place(id=site.config_entry.entry_id, site=site),)
        )
        return
    await async_only_admins(call.hass, call.context)
    asked, replica = await async_asked(site, call.context), await _async_replica(site)
    try:
        yield await _async_everywhere(asked, replica)
    finally:
        if replica is not None:
            await call.hass.async_add_executor_job(replica.close)


async def _async_replica(site: SiteCoordinator) -> Replica | None:
    """Connect to the database that records are copied to, where there is one."""
    hass, url = site.hass, site.config_entry.options.get(CONF_REPLICA_URL)
    if not url:
        return None
    with _reached():
        async with asyncio.timeout(_HELLO):
            await async_process_requirements(hass, DOMAIN, list(POSTGRESQL), False)
            return await hass.async_add_executor_job(Replica, url)


async def _async_everywhere(asked: Asked, replica: Replica | None) -> Search:
    hass, entries = asked.site.hass, _entries(asked.site.hass)
    near = await asked.site.sessions.books.async_read(lambda ledger: _known(ledger.database))
    far = _Known() if replica is None else await _async_there(hass, partial(_known, replica.database), _HELLO)
    away = {key: one for key, one in far.sites.items() if key not in entries}
    told = {**near.sites, **away}
    loaded: dict[str, SiteCoordinator] = {
        entry.entry_id: entry.runtime_data for entry in hass.config_entries.async_loaded_entries(DOMAIN)
    }
    places = tuple(
        Place(id=key, title=entries.get(key, key), site=loaded.get(key), far=key in away)
        for key in sorted({asked.site.config_entry.entry_id, *told})
    )
    # Who was renamed here is so wherever they charge.
    people = {**far.drivers, **near.drivers}.values()
    named = [names_of(site, people) for site in loaded.values()]
    names = Names(
        chargers=_merged([one.connectors for one in told.values()], [each.chargers for each in named]),
        vehicles=_merged([one.vehicles for one in told.values()], [each.vehicles for each in named]),
        plates=_merged([], [each.plates for each in named]),
        drivers={driver.id: driver.name for driver in people},
    )
    return Search(asked=replace(asked, names=names), places=places, people=tuple(people), replica=replica)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    sites: Mapping[str, SiteOnRecord] = field(default_factory=dict)
    drivers: Mapping[str, Driver] = field(default_factory=dict)


def _known(database: Database) -> _Known:
    drivers = PeopleBook(_ledger(database, "")).drivers()
    return _Known(
        sites={one.id: one for one in sites_on_record(database)}, drivers={driver.id: driver for driver in drivers}
    )


def _at[T](database: Database, place: Place, look: Callable[[SessionsBook, Place], T]) -> T:
    return look(SessionsBook(_ledger(database, place.id)), place)


def _near[T](ledger: Ledger, *, place: Place, look: Callable[[SessionsBook, Place], T]) -> T:
    return _at(ledger.database, place, look)


def _claimed(database: Database, statement: Statement, near: list[str]) -> None:
    with database.read() as connection:
        claimed_before(connection, statement, without=near)


def _ledger(database: Database, site: str) -> Ledger:
    """Return the ledger of a site to read in: whose it is opens it, and writes."""
    return Ledger(database, site, _ANYWHERE)


def _merged(ids: Iterable[Iterable[str]], names: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return names by id; what nobody has a name for is called by its id."""
    known = {key: key for each in ids for key in each}
    return known | {key: name for each in names for key, name in each.items()}


def _entries(hass: HomeAssistant) -> dict[str, str]:
    return {entry.entry_id: entry.title for entry in hass.config_entries.async_entries(DOMAIN)}


async def _async_there[T](hass: HomeAssistant, work: Callable[[], T], patience: float) -> T:
    """Return what is found in the database, in a thread, as long as it answers."""
    with _reached():
        async with asyncio.timeout(patience):
            return await hass.async_add_executor_job(work)


@contextmanager
def _reached() -> Iterator[None]:
    """Say that the database cannot be read. What it says of itself may name who logs in to it."""
    try:
        yield
    except Claimed:
        raise
    except (LedgerError, HomeAssistantError, TimeoutError) as err:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="all_sites_unreachable") from err
