"""The questions about who gets statements instead of the driver: which sort, by which figures, whose."""

from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_COUNTRY, CONF_NAME
from homeassistant.helpers.selector import DateSelector
import voluptuous as vol

from ..const import (
    CONF_DRIVERS,
    CONF_FACTS,
    CONF_METHOD,
    CONF_PRESET,
    CONF_REFERENCE,
    CONF_REGION,
    CONF_VAT_NUMBER,
    SUBENTRY_RECIPIENT,
)
from ..engine.statements import figures
from ..engine.statements.model import Fact
from ..engine.statements.presets import PRESETS, Preset, Way
from ..records import Json, made, plain
from .equipment import EquipmentFlow
from .fields import TEXT, Answers, choice, flat, given, named, number
from .party_fields import PARTY_FIELDS, checked
from .people_forms import Names
from .probe import told
from .questions import subentry_of
from .tariff_kinds import exact

SINCE: Final = "figures_since"
SOURCE: Final = "figures_source"
OWN_RATE: Final = "own_rate"

_OFFERED: Final = tuple(key for key in PRESETS if key != "guest")

_PER_KWH: Final = "{currency}/kWh"
_FIGURES: Final[MappingProxyType[str, str]] = MappingProxyType(
    {
        figures.CONTRACT: _PER_KWH,
        figures.MONTH_AVERAGE: _PER_KWH,
        figures.BASE_FEE: "{currency}/month",
        figures.HOUSEHOLD: "kWh/year",
        figures.PER_KWH: _PER_KWH,
        figures.PER_CENT: "%",
        figures.PER_DRIVER: "{currency}",
        figures.UK_HOME: "{currency}/mile",
        figures.UK_PUBLIC: "{currency}/mile",
    }
)
"""The figures that only the owner knows, or knows before this table does, and their units."""


def figures_asked(preset: Preset) -> list[str]:
    """Return the figures of the owner's that a sort of statement may need."""
    methods = preset.methods
    asked = [key for method in methods for key in method.facts]
    if any(method.base_fee for method in methods):
        asked += [figures.BASE_FEE, figures.HOUSEHOLD]
    if preset.administration:
        asked += [figures.PER_KWH, figures.PER_CENT, figures.PER_DRIVER]
    if any(method.way is Way.MILES for method in methods):
        asked += [figures.UK_HOME, figures.UK_PUBLIC]
    return list(dict.fromkeys(asked))


def built_in(preset: Preset, region: str | None) -> list[str]:
    """Return the figures of laws and offices for a kWh that a sort of statement takes."""
    rated = (method for method in preset.methods if method.way is not Way.MILES)
    keys = (method.figure for method in rated if method.figure and method.figure not in method.facts)
    return list(dict.fromkeys(key.format(region=region) for key in keys))


class RecipientFlow(EquipmentFlow):
    """Who gets statements instead of the driver: an employer, a housing association, whoever keeps the books."""

    _said: Answers

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        return await self._ask_party("user", answers)

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        return await self._ask_party("reconfigure", answers)

    async def _ask_party(self, step: str, answers: Answers | None) -> SubentryFlowResult:
        drivers = drivers_of(self)
        errors: dict[str, str] = {}
        if answers is not None:
            with told(errors):
                self._said = checked(given(answers))
            if not errors:
                return await self.async_step_figures()
            suggested = flat(answers)
        elif self.present is not None:
            suggested = {**self.present.data, CONF_NAME: self.present.title}
            suggested[CONF_DRIVERS] = [key for key in suggested.get(CONF_DRIVERS, ()) if key in drivers]
        else:
            suggested = {CONF_COUNTRY: self.hass.config.country, CONF_PRESET: _likely(self.hass.config.country)}
        fields = {vol.Required(CONF_PRESET): choice("statement_preset", _OFFERED), **PARTY_FIELDS}
        fields |= {vol.Optional(CONF_REFERENCE): TEXT, vol.Optional(CONF_VAT_NUMBER): TEXT}
        if drivers:
            fields[vol.Optional(CONF_DRIVERS)] = named(drivers, several=True)
        known = {key: value for key, value in suggested.items() if value is not None}
        return self.ask(step, vol.Schema(fields), known, errors)

    async def async_step_figures(self, answers: Answers | None = None) -> SubentryFlowResult:
        """Ask how energy becomes money, and for the figures that this takes."""
        preset = PRESETS[self._said[CONF_PRESET]]
        form = self._figures_form(preset)
        if answers is None and form.schema:
            return self.ask("figures", form, self._known_figures(preset))
        said = given(answers or {})
        data = {key: value for key, value in self._said.items() if key != CONF_NAME}
        for key in (CONF_METHOD, CONF_REGION):
            if key in said:
                data[key] = said[key]
        if facts := self._facts(preset, said):
            data[CONF_FACTS] = facts
        return self.keep(subentry_of(SUBENTRY_RECIPIENT, self._said[CONF_NAME], data, None))

    def _figures_form(self, preset: Preset) -> vol.Schema:
        currency = preset.currency or self.site.currency
        fields: dict[vol.Marker, object] = {}
        if len(preset.methods) > 1:
            methods = [method.key for method in preset.methods]
            fields[vol.Required(CONF_METHOD, default=methods[0])] = choice("statement_method", methods)
        if _has_regions(preset):
            fields[vol.Required(CONF_REGION)] = choice("region", list(figures.BE_CAP))
        for key in figures_asked(preset):
            fields[vol.Optional(key)] = number(0, 1_000_000, "any", _FIGURES[key].format(currency=currency))
        if built_in(preset, ""):
            fields[vol.Optional(OWN_RATE)] = number(0, 100, "any", _PER_KWH.format(currency=currency))
        if len(fields) > bool(len(preset.methods) > 1) + _has_regions(preset):
            fields |= {vol.Optional(SINCE): DateSelector(), vol.Optional(SOURCE): TEXT}
        return vol.Schema(fields)

    def _known_figures(self, preset: Preset) -> Answers:
        """Return what was said before, as far as it belongs to this sort of statement."""
        if self.present is None or self.present.data.get(CONF_PRESET) != preset.key:
            return {}
        told_before = {key: self.present.data[key] for key in (CONF_METHOD, CONF_REGION) if key in self.present.data}
        rates = built_in(preset, told_before.get(CONF_REGION))
        for fact in self._facts_before(preset):
            told_before[OWN_RATE if fact.key in rates else fact.key] = float(fact.value)
            told_before[SOURCE] = fact.source
        return told_before

    def _facts_before(self, preset: Preset) -> list[Fact]:
        if self.present is None or self.present.data.get(CONF_PRESET) != preset.key:
            return []
        return [made(Fact, fact) for fact in self.present.data.get(CONF_FACTS, ())]

    def _facts(self, preset: Preset, said: Answers) -> list[Json]:
        """Return all figures: those of before until the day on which the new ones begin to hold."""
        since = date.fromisoformat(said[SINCE]) if SINCE in said else None
        currency = preset.currency or self.site.currency
        units = {key: _FIGURES[key].format(currency=currency) for key in figures_asked(preset) if key in said}
        values = {key: said[key] for key in units}
        if OWN_RATE in said:
            for key in built_in(preset, said.get(CONF_REGION)):
                units[key], values[key] = _PER_KWH.format(currency=currency), said[OWN_RATE]
        new = [
            Fact(key=key, value=exact(values[key]), unit=unit, source=said.get(SOURCE, ""), valid_from=since)
            for key, unit in units.items()
        ]
        return [plain(fact) for fact in (*_until(self._facts_before(preset), since), *new)]


def drivers_of(flow: EquipmentFlow) -> Names:
    """Name the drivers of the site that is asked about, nobody while it does not run."""
    site = flow.running
    if site is None:
        return {}
    people = site.access.desk.people
    return {key: each.name for key, each in people.drivers.items() if key not in people.guests}


def _until(before: list[Fact], since: date | None) -> list[Fact]:
    if since is None:
        return []
    return [
        Fact(
            key=fact.key,
            value=fact.value,
            unit=fact.unit,
            source=fact.source,
            valid_from=fact.valid_from,
            valid_until=since - timedelta(days=1)
            if fact.valid_until is None
            else min(fact.valid_until, since - timedelta(days=1)),
        )
        for fact in before
        if fact.valid_from is None or fact.valid_from < since
    ]


def _has_regions(preset: Preset) -> bool:
    return any("{region}" in (method.figure or "") for method in preset.methods)


def _likely(country: str | None) -> str:
    """Return the sort of statement that people of a country want most."""
    return next((key for key, preset in PRESETS.items() if country and preset.country == country), "neutral")
