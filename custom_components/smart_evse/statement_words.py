"""What a statement lacks, and what its figures are called, in the words of the forms that ask for them."""

from collections.abc import Iterable, Mapping
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .engine.statements import figures

_FIGURES: Final = "config_subentries.recipient.step.figures.data."

_FORMS: Final[Mapping[str, tuple[str, str]]] = {
    "issuer": ("issuer", "config_subentries.issuer.step.user.data."),
    "recipient": ("recipient", "config_subentries.recipient.step.user.data."),
    "meter": ("charger", "config_subentries.charger.step.wiring.sections.meter_papers.data.meter_"),
    "session": ("vehicle", "config_subentries.vehicle.step.user.sections.more.data."),
    "wanted": ("recipient", _FIGURES),
}
"""Whose field it is -> the kind of subentry, and where the label stands in the form about it."""

_ELSEWHERE: Final[Mapping[str, tuple[str | None, str]]] = {
    "issuer.vat_number": ("issuer", "config_subentries.issuer.step.user.sections.taxes.data.vat_number"),
    "wanted.business_miles": (None, "services.create_statement.fields.business_miles.name"),
}

_BUILT_IN: Final = frozenset({figures.DE_FLAT, *figures.BE_CAP.values()})
"""Figures that no form names: it asks for one's own rate instead."""


@callback
def field_words(hass: HomeAssistant, fields: Iterable[str]) -> str:
    """Say which fields are meant, by their labels, and what they belong to."""
    return ", ".join(_field(hass, field) for field in fields)


@callback
def figure_words(hass: HomeAssistant, key: str) -> str:
    """Say what a figure is called."""
    return _text(hass, f"common.figure_{key}" if key in _BUILT_IN else _FIGURES + key, key)


@callback
def rate_words(hass: HomeAssistant, key: str) -> Mapping[str, str]:
    """Return the labels of the fields in which an owner tells a figure of an office, and since when it holds."""
    rate = "own_rate" if key in _BUILT_IN else key
    names = {"field": rate, "since": "figures_since"}
    return {name: _text(hass, _FIGURES + label, label) for name, label in names.items()}


def _field(hass: HomeAssistant, field: str) -> str:
    kind, path = field_path(field)
    label = _text(hass, path, field)
    return label if kind is None else f"{label} ({_text(hass, f'config_subentries.{kind}.entry_type', kind)})"


def field_path(field: str) -> tuple[str | None, str]:
    """Return the kind of subentry that a field belongs to, if any, and where its words stand in the translations."""
    if field in _ELSEWHERE:
        return _ELSEWHERE[field]
    whose, _, name = field.partition(".")
    if whose not in _FORMS or not name:
        return None, f"common.lacks_{field}"
    kind, labels = _FORMS[whose]
    return kind, labels + name


def _text(hass: HomeAssistant, path: str, otherwise: str) -> str:
    category = path.partition(".")[0]
    texts = async_get_cached_translations(hass, hass.config.language, category, DOMAIN)
    return texts.get(f"component.{DOMAIN}.{path}", otherwise)
