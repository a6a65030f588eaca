"""What may be set of a site and seldom has to be: a menu, and one form for each subject."""

from functools import partialmethod

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult

from ..const import (
    CONF_CAPACITY_TARIFF,
    CONF_EXPORT_ENTITIES,
    CONF_EXPORT_KIND,
    CONF_FUSE,
    CONF_HOUSE_MAXIMUM,
    CONF_PHASES,
    CONF_PRICE_ENTITIES,
    CONF_PRICE_KIND,
)
from ..site_options import PriceKind, buying, selling
from .capacity import (
    ACCEPTED_PEAK,
    CAPACITY_KEYS,
    NEW_PEAK,
    NONE,
    OWN,
    OWN_FORM,
    capacity_form,
    chosen_tariff,
    own_fields,
    own_tariff,
)
from .fields import ANSWER, Answers, flat, given
from .forecast import FORECAST_FORM, forecasters
from .guess import look_around
from .people import PeopleFlow
from .price_check import CHECK_FORM, RIGHT, in_words, read_prices
from .prices import FEED_IN_FORMS, PRICE_FORMS, weekdays
from .probe import Unfit, told
from .records import RECORDS_FORM, messengers, try_database
from .settings import FORMS, Around, Form, Options
from .statements import STATEMENTS_FORM, mailers

_MENU = (
    "connection",
    "prices",
    "feed_in",
    "forecast",
    "capacity",
    "operator",
    "backup",
    "sharing",
    "access",
    "records",
    "statements",
)
_MARKETS = {
    "price_entities": (CONF_PRICE_ENTITIES, buying),
    "feed_in_entities": (CONF_EXPORT_ENTITIES, selling),
}
"""Forms whose prices are shown before they are kept: the entities, and what a contract makes of them."""

_KINDS = {**dict.fromkeys(PRICE_FORMS, CONF_PRICE_KIND), **dict.fromkeys(FEED_IN_FORMS, CONF_EXPORT_KIND)}
_ALL: dict[str, Form] = {
    **FORMS,
    **PRICE_FORMS,
    **FEED_IN_FORMS,
    "forecast": FORECAST_FORM,
    "records": RECORDS_FORM,
    "statements": STATEMENTS_FORM,
}

_MESSENGERS = {"records": messengers, "statements": mailers}
"""Who can ask or tell somebody, by the form that wants to know."""


class SettingsFlow(PeopleFlow):
    """A menu of subjects. Each form has its defaults, and ends the flow."""

    _capacity: Answers
    _step: str
    _answers: Answers
    _said: Answers

    async def async_step_init(self, answers: Answers | None = None) -> ConfigFlowResult:
        return self.async_show_menu(step_id="init", menu_options=list(_MENU))

    async def async_step_prices(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Offer the kinds of price for what comes from the grid."""
        return self.async_show_menu(step_id="prices", menu_options=list(PRICE_FORMS))

    async def async_step_feed_in(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Offer the kinds of price for what is fed in; the one of the market needs a market."""
        has_market = self.config_entry.options.get(CONF_PRICE_KIND) == PriceKind.ENTITIES
        offered = [step for step in FEED_IN_FORMS if has_market or step != "feed_in_same"]
        return self.async_show_menu(step_id="feed_in", menu_options=offered)

    async def ask_form(self, step: str, answers: Answers | None = None) -> ConfigFlowResult:
        """Show one form, and keep what it says."""
        form, around = _ALL[step], await self._around(step)
        errors: dict[str, str] = {}
        if answers is not None:
            said = form.said(flat(answers))
            with told(errors):
                self._below_fuse(said)
                await form.check(self.hass, said)
                await try_database(self.hass, said, self.config_entry.options)
            if not errors and step in _MARKETS:
                self._step, self._answers, self._said = step, flat(answers), said
                return await self.async_step_price_check()
            if not errors:
                return self._keep(form.keys, said)
        suggested = form.shown(await self._known(step)) if answers is None else flat(answers)
        return self.ask(step, form.fields(around), suggested, errors, fuse=f"{around.fuse:g}")

    async def async_step_price_check(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Show what the prices come to, and go back to the form where they are not what is paid."""
        if answers is not None and answers[ANSWER] == RIGHT:
            return self._keep(_ALL[self._step].keys, self._said)
        if answers is not None:
            around = await self._around(self._step)
            return self.ask(self._step, _ALL[self._step].fields(around), self._answers)
        field, contract = _MARKETS[self._step]
        market = await read_prices(self.hass, field, self._said[field])
        told = in_words(market, contract(self._said), self.hass.config.currency)
        return self.ask("price_check", CHECK_FORM, {}, {}, **told)

    async def async_step_capacity(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask for a capacity tariff, and how far the running site may go."""
        entry = self.config_entry
        is_running = entry.state is ConfigEntryState.LOADED
        if answers is not None:
            said = given(answers)
            if is_running:
                peak = float(said.pop(ACCEPTED_PEAK, 0.0))
                await entry.runtime_data.async_set_peak(may_set_new=said.pop(NEW_PEAK), accepted=peak)
            self._capacity = said
            chosen = said.pop(CONF_CAPACITY_TARIFF)
            if chosen == OWN:
                return await self.async_step_capacity_own()
            return self._keep(CAPACITY_KEYS, {} if chosen == NONE else {**said, CONF_CAPACITY_TARIFF: chosen})
        shown = {**entry.options, CONF_CAPACITY_TARIFF: chosen_tariff(entry.options)}
        if is_running:
            site = entry.runtime_data.store.kept.site
            shown |= {NEW_PEAK: site.may_set_new_peak, ACCEPTED_PEAK: site.accepted_peak or None}
        return self.ask("capacity", capacity_form(self.hass.config.currency, is_running=is_running), shown)

    async def async_step_capacity_own(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask how the grid operator measures the peak."""
        if answers is not None:
            return self._keep(CAPACITY_KEYS, {**self._capacity, CONF_CAPACITY_TARIFF: own_tariff(flat(answers))})
        return self.ask("capacity_own", OWN_FORM, own_fields(self.config_entry.options))

    async def _known(self, step: str) -> Options:
        """Return the options, and of money that nobody told us of what the energy dashboard was told."""
        options, kind = self.config_entry.options, _KINDS.get(step)
        if kind is None or kind in options:
            return options
        return {**(await look_around(self.hass)).prices, **options}

    async def _around(self, step: str) -> Around:
        data = self.config_entry.data
        return Around(
            fuse=float(data[CONF_FUSE]),
            phases=int(data[CONF_PHASES]),
            currency=self.hass.config.currency,
            forecasts=await forecasters(self.hass) if step == "forecast" else {},
            weekdays=await weekdays(self.hass) if step == "price_entities" else {},
            messengers=_MESSENGERS[step](self.hass) if step in _MESSENGERS else {},
            drivers=self._drivers() if step == "statements" else {},
        )

    def _drivers(self) -> dict[str, str]:
        """Name who charges here, nobody while the site does not run."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return {}
        people = self.config_entry.runtime_data.access.desk.people
        return {key: each.name for key, each in people.drivers.items() if key not in people.guests}

    def _below_fuse(self, said: Answers) -> None:
        if said.get(CONF_HOUSE_MAXIMUM, 0) > self.config_entry.data[CONF_FUSE]:
            raise Unfit("above_fuse", CONF_HOUSE_MAXIMUM)

    def _keep(self, keys: frozenset[str], said: Answers) -> ConfigFlowResult:
        """Put what was said in the place of what was there; what other forms stand for stays."""
        others = {key: value for key, value in self.config_entry.options.items() if key not in keys}
        return self.async_create_entry(data={**others, **said})


for _step in _ALL:
    setattr(SettingsFlow, f"async_step_{_step}", partialmethod(SettingsFlow.ask_form, _step))
