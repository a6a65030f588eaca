"""A charger's log as people tell it: in an action's fields, or in a CSV file. Energies are kWh there."""

from collections.abc import Mapping
import csv
from datetime import datetime, timedelta
import math
from pathlib import Path
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .coordinator import SiteCoordinator
from .engine.access.model import Card
from .engine.access.people import card_number
from .engine.model import ConnectorId
from .engine.sessions.imported import LogEntry, Reading
from .engine.sessions.model import Rung
from .engine.sessions.moment import FASTEST, Identity
from .errors import mistake
from .session_desk import Asked

_AT: Final = "at"
_CARD: Final = "card"
_DRIVER: Final = "driver"
_END: Final = "end"
_ENERGY: Final = "energy"
_READINGS: Final = "readings"
_REGISTER: Final = "register"
_REGISTER_START: Final = "register_start"
_REGISTER_STOP: Final = "register_stop"
_START: Final = "start"
_VEHICLE: Final = "vehicle"

MOST: Final = 5000
"""No charger keeps more."""

_KILO: Final = 1000
_AHEAD: Final = timedelta(minutes=5)
"""By so much the clock of a charger may be fast."""


def _finite(told: object) -> float:
    """Return a number; decimal commas are those of spreadsheets."""
    number = float(str(told).replace(",", "."))
    if not math.isfinite(number):
        raise vol.Invalid("not a number")
    return number


_NUMBER: Final = vol.All(_finite, vol.Range(min=0))

_READING: Final = vol.Schema(
    {
        vol.Required(_AT): cv.datetime,
        vol.Exclusive(_REGISTER, "shown"): _NUMBER,
        vol.Exclusive(_ENERGY, "shown"): _NUMBER,
    }
)

ENTRY: Final = vol.Schema(
    {
        vol.Required(_START): cv.datetime,
        vol.Required(_END): cv.datetime,
        vol.Optional(_REGISTER_START): _NUMBER,
        vol.Optional(_REGISTER_STOP): _NUMBER,
        vol.Optional(_ENERGY): _NUMBER,
        vol.Optional(_CARD): cv.string,
        vol.Optional(_DRIVER): cv.string,
        vol.Optional(_VEHICLE): cv.string,
        vol.Optional(_READINGS, default=list): vol.All(cv.ensure_list, [_READING]),
    }
)
"""One session."""

_COLUMNS: Final = frozenset(str(key) for key in ENTRY.schema) - {_READINGS}
"""What a file may tell; other columns are the charger's own."""

type Row = Mapping[str, Any]


def rows_of(path: Path) -> list[Row]:
    """Return the rows of a CSV file, with comma, semicolon or tab between them; a mistake where one is not readable."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as err:
        raise mistake("log_unreadable", file=path.name, line="1", detail=str(err)) from err
    lines = text.splitlines()
    head = lines[0] if lines else ""
    reader = csv.DictReader(lines, delimiter=max(";\t,", key=head.count))
    rows: list[Row] = []
    try:
        for told in reader:
            cells = {(key or "").strip().lower(): cell for key, cell in told.items() if isinstance(cell, str)}
            filled = {key: cell.strip() for key, cell in cells.items() if key in _COLUMNS and cell.strip()}
            if filled:
                rows.append(ENTRY(filled))
    except (vol.Invalid, csv.Error) as err:
        raise mistake("log_unreadable", file=path.name, line=str(reader.line_num), detail=str(err)) from err
    return rows


@callback
def log_entry(asked: Asked, connector: ConnectorId, row: Row, number: int) -> LogEntry:
    """Return what a row tells; a mistake where that cannot be. `number` is the row's, counted from 1."""
    started, ended = dt_util.as_utc(row[_START]), dt_util.as_utc(row[_END])
    if ended <= started or ended > dt_util.utcnow() + _AHEAD:
        raise mistake("log_times", entry=str(number))
    register, energy = _energy(row, number)
    most = FASTEST * (ended - started).total_seconds() / 3600
    if not 0 <= energy <= most:
        raise mistake("log_energy", entry=str(number), energy=f"{energy / _KILO:.3f}")
    return LogEntry(
        connector=connector,
        started=started,
        ended=ended,
        energy=energy,
        register=register,
        readings=tuple(_readings(row, register)),
        identity=_identity(asked, connector, row),
    )


def _energy(row: Row, number: int) -> tuple[float | None, float]:
    """Return the register at the beginning, `None` where it is not told, and what was taken, in Wh.

    Where the registers tell it, they are right: what is shown beside them was rounded.
    """
    shown: list[float | None] = [row.get(key) for key in (_REGISTER_START, _REGISTER_STOP, _ENERGY)]
    match [None if value is None else value * _KILO for value in shown]:
        case [float(start), float(stop), _]:
            return start, stop - start
        case [float(start), None, float(energy)]:
            return start, energy
        case [None, float(stop), float(energy)]:
            return stop - energy, energy
        case [None, None, float(energy)]:
            return None, energy
    raise mistake("log_without_energy", entry=str(number))


def _readings(row: Row, register: float | None) -> list[Reading]:
    """Return what was noted in between; a register says nothing where that of the beginning is not known."""
    found: list[Reading] = []
    for told in row[_READINGS]:
        at: datetime = dt_util.as_utc(told[_AT])
        if _ENERGY in told:
            found.append(Reading(at=at, energy=told[_ENERGY] * _KILO))
        elif _REGISTER in told and register is not None:
            found.append(Reading(at=at, energy=told[_REGISTER] * _KILO - register))
    return found


def _identity(asked: Asked, connector: ConnectorId, row: Row) -> Identity:
    """Return who it was: whoever is named, else whose card it is."""
    driver, vehicle = asked.driver(row.get(_DRIVER)), asked.vehicle(row.get(_VEHICLE))
    card = _card(asked.site, connector, row.get(_CARD))
    named = Rung.UNKNOWN if driver is None else Rung.ASKED
    known = named if card is None or card.driver is None or driver is not None else Rung.CARD
    return Identity(
        driver=driver if driver is not None or card is None else card.driver,
        vehicle=vehicle if vehicle is not None or card is None else card.vehicle,
        card=None if card is None else card.id,
        known_by=known,
        vehicle_by=_vehicle_by(vehicle, None if card is None else card.vehicle),
    )


def _vehicle_by(named: str | None, of_card: str | None) -> Rung:
    if named is not None:
        return Rung.ASKED
    return Rung.UNKNOWN if of_card is None else Rung.CARD


def _card(site: SiteCoordinator, connector: ConnectorId, told: str | None) -> Card | None:
    """Return a card by what the charger calls it; logs have many that nobody knows any more."""
    if told is None:
        return None
    return site.access.desk.people.cards.get(card_number(told, connector.partition(":")[0]))
