"""What the words of a status entity mean for a charger: the ones we know, and the ones its owner has to explain."""

from collections.abc import Mapping
from itertools import chain

from homeassistant.const import ATTR_DEVICE_CLASS
from homeassistant.core import HomeAssistant

from ..chargers.status_words import meaning
from ..engine.model import VehicleState

type Meanings = Mapping[str, VehicleState | None]
"""The words of a status entity with what they mean, `None` where that is for its owner to say."""


def meanings(hass: HomeAssistant, entity_id: str) -> Meanings:
    """Collect every word a status entity says it may use, and the one it uses now."""
    state = hass.states.get(entity_id)
    if state is None:
        return {}
    device_class = state.attributes.get(ATTR_DEVICE_CLASS)
    is_binary = entity_id.startswith("binary_sensor.")
    words = chain(("off", "on") if is_binary else state.attributes.get("options") or (), [state.state])
    return {word: meaning(word, {}, device_class) for word in words}


def words_of(known: Meanings, chosen: Mapping[str, str]) -> dict[str, list[str]]:
    """Sort words under the fields of our form; what its owner chose goes before what we know."""
    letters = {word: state.value for word, state in known.items() if state} | dict(chosen)
    fields: dict[str, list[str]] = {}
    for word, letter in letters.items():
        fields.setdefault(letter.lower(), []).append(word)
    return fields
