"""Who is at each connector and with which car: what Home Assistant knows of that, from the card to the only car."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .configuration import Connector
from .const import CONF_PERSON, CONF_PLUG_ENTITY, CONF_VEHICLE, CONF_VEHICLE_IDS, SUBENTRY_VEHICLE
from .engine.access.model import Driver, Role
from .engine.access.people import People
from .engine.model import ConnectorId, ConnectorReading
from .engine.sessions.identify import Clues, Identified, KnownVehicle, identify
from .engine.sessions.moment import Identity
from .engine.sessions.opened import OpenSession
from .site_tariffs import SiteTariffs

_PLUGGED: Mapping[str, bool] = {STATE_ON: True, STATE_OFF: False}

_SEPARATORS = str.maketrans("", "", " :-._")

_KEPT = 20
"""So many answers are remembered: those of sessions that run, and a few more."""

type Sessions = Callable[[], Mapping[ConnectorId, OpenSession]]


class Identification:
    """Climbs down the ladder for one site.

    `admitted` says who was let in by a card or a code, `people` who is known, `sessions` what runs. `tariffs` are what
    they pay.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        admitted: Callable[[ConnectorId], Identity],
        people: Callable[[], People],
        sessions: Sessions,
    ) -> None:
        self._hass = hass
        self._vehicles = {
            key: sub.data for key, sub in entry.subentries.items() if sub.subentry_type == SUBENTRY_VEHICLE
        }
        self._admitted = admitted
        self._people = people
        self._sessions = sessions
        self._answers: dict[str, Identity] = {}
        self._read: dict[ConnectorId, str] = {}
        self.tariffs = SiteTariffs(entry.subentries, people)

    def identity(self, connector: Connector, reading: ConnectorReading) -> Identity:
        """Return who is at a connector and by which tariff they pay, nobody where no car is."""
        if reading.state is None or not reading.state.plugged:
            self._read.pop(connector.id, None)
            return Identity()
        if reading.vehicle_id is not None:
            self._read[connector.id] = reading.vehicle_id
        running = self._sessions().get(connector.id)
        return self.tariffs.booked(connector.id, self.look(connector).identity, running, dt_util.utcnow())

    def look(self, connector: Connector) -> Identified:
        """Return who is at a connector, and whether somebody has to be asked."""
        session = self._sessions().get(connector.id)
        runs = session is not None and session.active
        return identify(
            Clues(
                connector=connector.id,
                started=session.started if session is not None and runs else dt_util.utcnow(),
                admitted=self._admitted(connector.id),
                vehicle_id=vehicle_id(self._read.get(connector.id)),
                vehicles=tuple(self._cars(connector.id)),
                default_vehicle=connector.data.get(CONF_VEHICLE),
                default_driver=self._only_driver(),
                answer=self._answers.get(session.id) if session is not None else None,
            )
        )

    @property
    def drivers(self) -> list[Driver]:
        """Everybody who may be meant, by name."""
        return sorted(
            (driver for driver in self._people().drivers.values() if driver.active), key=lambda driver: driver.name
        )

    def answer(self, session: str, identity: Identity) -> None:
        """Take down what somebody said who was asked about a session that runs."""
        self._answers = {session: identity, **dict(list(self._answers.items())[:_KEPT])}

    def _cars(self, connector: ConnectorId) -> Iterator[KnownVehicle]:
        taken = {state.identity.vehicle for key, state in self._sessions().items() if key != connector and state.active}
        for key, data in self._vehicles.items():
            plug = self._hass.states.get(data[CONF_PLUG_ENTITY]) if data.get(CONF_PLUG_ENTITY) else None
            plugged = None if plug is None else _PLUGGED.get(plug.state)
            yield KnownVehicle(
                id=key,
                charger_ids=vehicle_ids(data.get(CONF_VEHICLE_IDS)),
                driver=self._driver_of(data.get(CONF_PERSON)),
                plugged=plugged,
                plugged_since=plug.last_changed if plug is not None and plugged else None,
                elsewhere=key in taken,
            )

    def _driver_of(self, person: str | None) -> str | None:
        """Return the driver who is a person of Home Assistant."""
        if person is None:
            return None
        drivers = self._people().drivers.values()
        return next((driver.id for driver in drivers if driver.active and driver.person == person), None)

    def _only_driver(self) -> str | None:
        """Return the driver where there is no other."""
        drivers = [driver for driver in self.drivers if driver.role is not Role.GUEST]
        return drivers[0].id if len(drivers) == 1 else None


def vehicle_ids(told: str | None) -> frozenset[str]:
    """Return the ids of a car that somebody typed, parted by commas."""
    return frozenset(known for each in (told or "").split(",") if (known := vehicle_id(each)) is not None)


def vehicle_id(told: str | None) -> str | None:
    """Return an id as ids are compared: in upper case and without separators, `None` where there is none."""
    return (told or "").upper().translate(_SEPARATORS) or None
