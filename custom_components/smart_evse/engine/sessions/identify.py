"""Who charges what: a ladder of clues, the surest first.

The card, the vehicle's id that the charger reads, the plug of a car that has an integration of its own, the only car
that can be there, the connector's own car; then somebody has to be asked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..model import ConnectorId
from .model import Rung
from .moment import Identity

_ORDER = tuple(Rung)

_SAME_PLUG = timedelta(minutes=5)
"""Cars tell late that they were plugged in, clouds later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVehicle:
    """What is known of a car of the site.

    `charger_ids` are what chargers read from it (a MAC address, an EVCCID, a contract). `driver` is who usually
    drives it. `plugged` is what it says of its plug, since `plugged_since`; `home` whether it is here; `None` where it
    does not tell. `elsewhere` says that it stands at another connector. `connectors` are those it may use, none
    listed means all.
    """

    id: str
    charger_ids: frozenset[str] = frozenset()
    driver: str | None = None
    plugged: bool | None = None
    plugged_since: datetime | None = None
    home: bool | None = None
    elsewhere: bool = False
    connectors: frozenset[ConnectorId] = frozenset()

    @property
    def possible(self) -> bool:
        """Whether nothing speaks against it standing here."""
        return self.plugged is not False and self.home is not False and not self.elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What is known of a stay that began at `started`.

    `admitted` is who was let in by a card or a code. `vehicle_id` is what the charger read from the car.
    `default_vehicle` and `default_driver` are the connector's own. `answer` is what somebody said who was asked.
    """

    connector: ConnectorId
    started: datetime
    admitted: Identity = field(default_factory=Identity)
    vehicle_id: str | None = None
    vehicles: tuple[KnownVehicle, ...] = ()
    default_vehicle: str | None = None
    default_driver: str | None = None
    answer: Identity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Who it is, and whether somebody has to be asked; `candidates` are the cars it may be."""

    identity: Identity
    ask: bool = False
    candidates: tuple[str, ...] = ()


def identify(clues: Clues) -> Identified:
    """Climb down the ladder: the first rung that tells of the vehicle, and the first that tells of the driver, hold."""
    identity = Identity(card=clues.admitted.card, tariff=clues.admitted.tariff)
    for found in _rungs(clues):
        if identity.vehicle is None and found.vehicle is not None:
            identity = replace(identity, vehicle=found.vehicle, vehicle_by=found.vehicle_by)
        if identity.driver is None and found.driver is not None:
            identity = replace(identity, driver=found.driver, known_by=found.known_by)
    here = [car for car in clues.vehicles if _may_use(car, clues.connector)]
    unknown = identity.driver is None or (identity.vehicle is None and bool(here))
    candidates = tuple(car.id for car in here if car.possible) if identity.vehicle is None else ()
    return Identified(identity=identity, ask=unknown, candidates=candidates)


def _rungs(clues: Clues) -> Iterator[Identity]:
    """Yield what each rung tells, the surest first."""
    yield _told(clues.admitted.vehicle, clues.admitted.driver, Rung.CARD)
    here = [car for car in clues.vehicles if _may_use(car, clues.connector)]
    if clues.vehicle_id is not None:
        yield from _only(Rung.VEHICLE_ID, (car for car in here if clues.vehicle_id in car.charger_ids))
    yield from _only(Rung.PLUG, (car for car in here if _just_plugged(car, clues.started)))
    yield from _only(Rung.ONLY_ONE, (car for car in here if car.possible))
    own = next((car for car in here if car.id == clues.default_vehicle), None)
    if own is None or own.possible:
        yield _told(clues.default_vehicle, None if own is None else own.driver, Rung.DEFAULT)
    yield _told(None, clues.default_driver, Rung.DEFAULT)
    if clues.answer is not None:
        yield _told(clues.answer.vehicle, clues.answer.driver, Rung.ASKED)


def _only(rung: Rung, cars: Iterable[KnownVehicle]) -> Iterator[Identity]:
    """Yield the car that is meant if it is one alone, and who drives it."""
    found = list(cars)
    if len(found) == 1:
        yield _told(found[0].id, found[0].driver, rung)


def _told(vehicle: str | None, driver: str | None, rung: Rung) -> Identity:
    return Identity(vehicle=vehicle, driver=driver, known_by=rung, vehicle_by=rung)


def _may_use(car: KnownVehicle, connector: ConnectorId) -> bool:
    return not car.connectors or connector in car.connectors


def _just_plugged(car: KnownVehicle, started: datetime) -> bool:
    """Whether a car says that it was plugged in when this one was."""
    if not car.plugged or car.elsewhere or car.home is False or car.plugged_since is None:
        return False
    return abs(car.plugged_since - started) <= _SAME_PLUG


def settled(before: Identity, now: Identity) -> Identity:
    """Return what is known once something was said again: a surer clue stands, one as sure is the later word.

    A charger that forgets the card after the start takes nothing back.
    """
    kept = replace(before, card=before.card or now.card)
    if now.driver is not None and (before.driver is None or not _surer(before.known_by, now.known_by)):
        kept = replace(kept, driver=now.driver, known_by=now.known_by, card=now.card or kept.card)
    if now.vehicle is not None and (before.vehicle is None or not _surer(before.vehicle_by, now.vehicle_by)):
        kept = replace(kept, vehicle=now.vehicle, vehicle_by=now.vehicle_by)
    return replace(kept, tariff=now.tariff or kept.tariff) if now.driver in (None, kept.driver) else kept


def _surer(one: Rung, other: Rung) -> bool:
    return _ORDER.index(one) < _ORDER.index(other)
