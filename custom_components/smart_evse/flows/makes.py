"""The makes of charger as they are offered, and what is kept of how one is reached."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant

from ..chargers import MAKES, Make
from ..const import (
    CONF_BAUDRATE,
    CONF_ENTITIES,
    CONF_MAKE,
    CONF_OUTLETS,
    CONF_SERIAL,
    CONF_SERIAL_PORT,
    CONF_STATUS_MAP,
    CONF_UNIT,
    SUBENTRY_CHARGER,
)
from .fields import Answers, flat, whole
from .probe import ProbedCharger
from .questions import equipment
from .wiring import WIRING

_FOUND = (CONF_OUTLETS, CONF_SERIAL)


def forms() -> dict[str, tuple[Make, str]]:
    """Every way to connect a charger, in the order it is offered: the step that chooses it, its make and its form."""
    offered: dict[str, tuple[Make, str]] = {}
    for key, make in MAKES.items():
        offered[f"charger_{key}"] = (make, form_of(make))
        if make.serial:
            offered[f"charger_{key}_serial"] = (make, "charger_serial")
    return offered


def form_of(make: Make, *, serial: bool = False) -> str:
    if make.transport == "modbus":
        return "charger_serial" if serial else "charger_tcp"
    if make.transport == "http":
        return "charger_login" if make.wants_password else "charger_http"
    return f"charger_{make.transport}"


def connection_of(make: Make, answers: Answers) -> dict[str, object]:
    """Make of a form's answers what a charger's subentry keeps of how it is reached."""
    given = {key: value for key, value in flat(answers).items() if value not in (None, "")}
    given = whole(given, CONF_PORT, CONF_UNIT, CONF_BAUDRATE)
    return {CONF_MAKE: make.key, **({CONF_ENTITIES: given} if make.transport == "entities" else given)}


def connection_in(present: ConfigSubentry) -> dict[str, object]:
    """Take out of a charger's subentry how it is reached."""
    return {key: value for key, value in present.data.items() if key not in WIRING + _FOUND}


def entities_of(config: Mapping[str, object]) -> dict[str, str]:
    """The entities of a charger that Home Assistant knows already, without what their states mean."""
    entities = config.get(CONF_ENTITIES)
    return (
        {key: value for key, value in entities.items() if isinstance(value, str)}
        if isinstance(entities, Mapping)
        else {}
    )


def words_chosen(config: Mapping[str, object]) -> Mapping[str, str]:
    """What the owner said that the words of a status entity mean."""
    entities = config.get(CONF_ENTITIES)
    chosen = entities.get(CONF_STATUS_MAP) if isinstance(entities, Mapping) else None
    return chosen if isinstance(chosen, Mapping) else {}


def unique_id_of(config: Mapping[str, object], charger: ProbedCharger) -> str | None:
    """Tell two boxes apart by their serial, or else by where they are; two simulated ones never clash."""
    make = config[CONF_MAKE]
    if charger.identity.serial:
        return f"{make}_{charger.identity.serial}"
    where = entities_of(config).get("current_number") or config.get(CONF_HOST) or config.get(CONF_SERIAL_PORT)
    return f"{make}_{where}_{config.get(CONF_UNIT, 0)}" if where else None


def known_charger(hass: HomeAssistant, unique_id: str | None) -> tuple[ConfigEntry, ConfigSubentry] | None:
    """Find a charger at any site."""
    known = equipment(hass, SUBENTRY_CHARGER)
    return next((found for found in known if unique_id and found[1].unique_id == unique_id), None)
