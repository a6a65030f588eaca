"""Looking at an entity before it becomes a source: whether it measures the right thing, and lives."""

from collections.abc import Mapping
from datetime import timedelta

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import ElectricCurrentConverter, EnergyConverter, PowerConverter

from .probe import Unfit

ASLEEP = timedelta(minutes=10)
"""A grid meter that has said nothing for this long will not guard a fuse. Even the slowest cloud reports oftener."""

# What a field measures: the end of its name -> the units that will do, and what to say of others.
_MEASURES: Mapping[str, tuple[frozenset[str | None], str]] = {
    "power": (frozenset(PowerConverter.VALID_UNITS), "not_a_power"),
    "current": (frozenset(ElectricCurrentConverter.VALID_UNITS), "not_a_current"),
    "energy": (frozenset(EnergyConverter.VALID_UNITS), "not_an_energy"),
    "soc": (frozenset({"%"}), "not_a_percentage"),
}

# What the fields of our forms measure. A field that is not here may have any unit, or none.
_FIELDS: Mapping[str, str] = {
    "power": "power",
    "import": "power",
    "export": "power",
    "l1": "power",
    "l2": "power",
    "l3": "power",
    "solar": "power",
    "battery_power": "power",
    "current_l1": "current",
    "current_l2": "current",
    "current_l3": "current",
    "current_number": "current",
    "energy": "energy",
    "soc": "soc",
    "soc_entity": "soc",
    "battery_soc": "soc",
}


def look_at(hass: HomeAssistant, field: str, entity_id: str, *, awake: bool = False) -> State:
    """Return the state of an entity that a field may have; raises `Unfit` on that field.

    With `awake` it must have reported lately, be it the same value again.
    """
    state = hass.states.get(entity_id)
    if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        raise Unfit("entity_unavailable", field)
    if measure := _FIELDS.get(field):
        units, complaint = _MEASURES[measure]
        if state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) not in units:
            raise Unfit(complaint, field)
    if awake and dt_util.utcnow() - state.last_reported > ASLEEP:
        raise Unfit("never_updates", field)
    return state


def look_at_charger(hass: HomeAssistant, entities: Mapping[str, str]) -> None:
    """Look at the entities of a charger; raises `Unfit` where it could not be controlled by them."""
    seen = {field: look_at(hass, field, entity_id) for field, entity_id in entities.items()}
    number = seen.get("current_number")
    if number and "enable" not in seen and number.attributes.get("min", 0) > 0:
        raise Unfit("needs_switch", "enable")
