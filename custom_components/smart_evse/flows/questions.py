"""What all our question-and-answer flows share: the first one of a site, and those of its equipment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult
import voluptuous as vol

from ..const import (
    CONF_FUSE,
    CONF_HOUSE_MAXIMUM,
    CONF_MARGIN,
    CONF_PHASES,
    CONF_PRICE_KIND,
    CONF_SUN_ENTITIES,
    CONF_SUN_FORECASTS,
    DOMAIN,
    SUBENTRY_INVERTER,
)
from .fields import folded

_FOR_A_PLAN = (CONF_PRICE_KIND, CONF_SUN_FORECASTS, CONF_SUN_ENTITIES)

MARGIN = 1.0
"""How far below the main fuse we stay unless somebody says otherwise, in A."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What the questions have to know of the grid connection. Currents in A on each phase.

    `left` is what the house at its declared maximum leaves of the fuse: all that a charger which
    nothing guards can have without its owner's consent. `can_plan` says that sun or prices are known.
    """

    phases: int
    fuse: float
    margin: float = MARGIN
    left: float = 0.0
    currency: str = "EUR"
    can_plan: bool = False

    @property
    def usable(self) -> float:
        return self.fuse - self.margin


class Questions[C: FlowContext, R: FlowResult[Any, Any], H](FlowHandler[C, R, H]):
    """A flow that asks about the equipment of one site, which may still be in the making."""

    renews: ConfigSubentry | None = None
    """The equipment that is being asked about again."""

    @property
    def site(self) -> SiteFacts:
        raise NotImplementedError

    def ask(
        self,
        step: str,
        form: vol.Schema,
        suggested: Mapping[str, object] = MappingProxyType({}),
        errors: dict[str, str] | None = None,
        **placeholders: str,
    ) -> R:
        # A form shows what is wrong with a field beside it, but not inside a folded section.
        shown = {key if key in form.schema else "base": error for key, error in (errors or {}).items()}
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(form, folded(suggested)),
            errors=shown,
            description_placeholders=placeholders,
        )


def sites(hass: HomeAssistant) -> list[ConfigEntry]:
    """Every site, without the discoveries that somebody chose to ignore."""
    return hass.config_entries.async_entries(DOMAIN, include_ignore=False)


def facts_of(entry: ConfigEntry, currency: str) -> SiteFacts:
    fuse = float(entry.data[CONF_FUSE])
    margin = float(entry.options.get(CONF_MARGIN, MARGIN))
    house = float(entry.options.get(CONF_HOUSE_MAXIMUM) or fuse)
    has_sun = any(sub.subentry_type == SUBENTRY_INVERTER for sub in entry.subentries.values())
    return SiteFacts(
        phases=int(entry.data[CONF_PHASES]),
        fuse=fuse,
        margin=margin,
        left=max(0.0, fuse - margin - house),
        currency=currency,
        can_plan=has_sun or any(entry.options.get(key) for key in _FOR_A_PLAN),
    )


def equipment(hass: HomeAssistant, kind: str) -> Iterator[tuple[ConfigEntry, ConfigSubentry]]:
    """Every subentry of a kind, of all sites."""
    for entry in sites(hass):
        for subentry in entry.subentries.values():
            if subentry.subentry_type == kind:
                yield entry, subentry


def named_equipment(entry: ConfigEntry, kind: str) -> dict[str, str]:
    """Name a site's subentries of a kind, by their id."""
    return {key: sub.title for key, sub in entry.subentries.items() if sub.subentry_type == kind}


def subentry_of(kind: str, title: str, data: Mapping[str, object], unique_id: str | None) -> ConfigSubentryData:
    return ConfigSubentryData(subentry_type=kind, title=title, data=data, unique_id=unique_id)
