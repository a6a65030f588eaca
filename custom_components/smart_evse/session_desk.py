"""Who asks about sessions, which ones, and in which words: what every action about them begins with."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.translation import async_get_translations
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .car_actions import time_of
from .const import CONF_PLATE, DOMAIN, SUBENTRY_VEHICLE
from .coordinator import SiteCoordinator
from .documents.session_tables import Edition
from .engine.access.model import Driver
from .engine.sessions.ending import record as as_it_stands
from .engine.sessions.model import SessionRecord
from .errors import mistake
from .ledger import PeopleBook, SessionFilter, SessionsBook
from .session_accounts import Names
from .viewers import Viewer, async_viewer

ATTR_CHARGER: Final = "charger"
ATTR_DRIVER: Final = "driver"
ATTR_SINCE: Final = "since"
ATTR_UNTIL: Final = "until"
ATTR_VEHICLE: Final = "vehicle"

WHICH: Final[VolDictType] = {
    vol.Optional(ATTR_SINCE): cv.datetime,
    vol.Optional(ATTR_UNTIL): cv.datetime,
    vol.Optional(ATTR_DRIVER): cv.string,
    vol.Optional(ATTR_VEHICLE): cv.string,
    vol.Optional(ATTR_CHARGER): cv.string,
}
"""The fields that choose sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An action's call: at which site, by whom, and what is called how."""

    site: SiteCoordinator
    viewer: Viewer
    names: Names

    @property
    def running(self) -> tuple[SessionRecord, ...]:
        """The sessions that run, as they stand."""
        return running_at(self.site)

    def which(self, call: ServiceCall, limit: int | None = None) -> SessionFilter:
        """Return what the fields choose; a name that nobody has is a mistake, and so is a span without length."""
        since, until = time_of(call, ATTR_SINCE), time_of(call, ATTR_UNTIL)
        if since is not None and until is not None and until <= since:
            raise mistake("span_is_empty")
        return SessionFilter(
            since=since,
            until=until,
            driver=self.driver(call.data.get(ATTR_DRIVER)),
            vehicle=self.vehicle(call.data.get(ATTR_VEHICLE)),
            connector=self.charger(call.data.get(ATTR_CHARGER)),
            limit=limit,
        )

    def driver(self, told: str | None) -> str | None:
        """Return the id of a driver who was named. Others than their own nobody gets to know of."""
        return _meant(told, self.names.drivers, "unknown_driver")

    def vehicle(self, told: str | None) -> str | None:
        """Return the id of a vehicle that was named, by its device too."""
        return _meant(self._device(told), self.names.vehicles, "unknown_vehicle")

    def charger(self, told: str | None) -> str | None:
        """Return the id of a connector that was named, by its device too."""
        return _meant(self._device(told), self.names.chargers, "unknown_charger")

    def _device(self, told: str | None) -> str | None:
        device = None if told is None else dr.async_get(self.site.hass).async_get(told)
        return told if device is None else next((key for domain, key in device.identifiers if domain == DOMAIN), told)


def _meant(told: str | None, names: Mapping[str, str], unknown: str) -> str | None:
    if told is None or told in names:
        return told
    meant = [key for key, name in names.items() if name.casefold() == told.strip().casefold()]
    if len(meant) != 1:
        raise mistake(unknown, name=told)
    return meant[0]


def running_at(site: SiteCoordinator) -> tuple[SessionRecord, ...]:
    """Return the sessions that run at a site, as they stand."""
    states = site.sessions.states.values()
    return tuple(as_it_stands(state) for state in states if state.active and state.connector in site.connectors)


async def async_asked(site: SiteCoordinator, context: Context) -> Asked:
    """Return who asks, and the names that they may know."""
    drivers = await async_drivers(site)
    viewer = await async_viewer(site.hass, context, drivers)
    return Asked(site=site, viewer=viewer, names=names_of(site, [each for each in drivers if viewer.sees(each.id)]))


async def async_drivers(site: SiteCoordinator) -> tuple[Driver, ...]:
    """Return everybody on record."""
    return await async_look_up(site, lambda book: PeopleBook(book.ledger).drivers())


async def async_drivers_of(hass: HomeAssistant, entry_id: str) -> tuple[Driver, ...]:
    """Return everybody on record at a site; nobody where it is not loaded."""
    entry = next((each for each in hass.config_entries.async_loaded_entries(DOMAIN) if each.entry_id == entry_id), None)
    return () if entry is None else await async_drivers(entry.runtime_data)


async def async_look_up[T](site: SiteCoordinator, look: Callable[[SessionsBook], T]) -> T:
    """Look something up in the ledger, in a thread; `LedgerClosed` where it cannot be read."""
    return await site.sessions.books.async_read(lambda ledger: look(SessionsBook(ledger)))


def names_of(site: SiteCoordinator, drivers: Iterable[Driver]) -> Names:
    """Return the names of a site."""
    vehicles = {
        key: subentry
        for key, subentry in site.config_entry.subentries.items()
        if subentry.subentry_type == SUBENTRY_VEHICLE
    }
    return Names(
        chargers={key: connector.name for key, connector in site.connectors.items()},
        vehicles={key: subentry.title for key, subentry in vehicles.items()},
        plates={key: plate for key, subentry in vehicles.items() if (plate := subentry.data.get(CONF_PLATE))},
        drivers={driver.id: driver.name for driver in drivers},
    )


async def async_edition(hass: HomeAssistant, language: str | None = None) -> Edition:
    """Return the words of a language, Home Assistant's own where none is asked for, and the clock of the site."""
    texts = await async_get_translations(hass, language or hass.config.language, "common", [DOMAIN])
    return Edition(
        zone=dt_util.get_default_time_zone(),
        words=lambda key: texts.get(f"component.{DOMAIN}.common.{key}", key),
        now=dt_util.utcnow(),
    )
