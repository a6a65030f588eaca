"""Drivers and access: a menu of the options, and a form for each of its subjects."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from homeassistant.config_entries import ConfigEntryState, ConfigFlowContext, ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.util import dt as dt_util

from ..bookkeeping import LedgerClosed
from ..const import CONF_ADMISSION, CONF_GUEST_PAGE, DOMAIN, SUBENTRY_VEHICLE
from ..coordinator import SiteCoordinator
from ..engine.access.codes import grouped
from ..engine.access.learning import CardTaken, Lesson
from ..engine.access.model import AccessRule, Admission, Card, Driver
from ..guest_page import link
from ..people import new_id
from ..people_telling import shown_number
from ..rules import ATTR_CHARGERS
from ..site_access import admissions
from .fields import Answers, flat, given
from .people_forms import (
    BLOCKED,
    CARD,
    DRIVER,
    FORGET,
    GUEST,
    LABEL,
    NOTHING,
    REVOKED,
    VEHICLE,
    Around,
    Names,
    admission_form,
    card_form,
    driver_form,
    driver_said,
    guest_form,
    pick_form,
    rule_said,
    shown,
)
from .questions import Questions, named_equipment

_PATIENCE = timedelta(minutes=2)
"""How long a new card is waited for."""


_WRONG = {TimeoutError: "no_card_came", CardTaken: "card_of_another", LedgerClosed: "ledger_closed"}


class PeopleFlow(OptionsFlow, Questions[ConfigFlowContext, ConfigFlowResult, str]):
    """Who may charge. People are in the ledger and not in the options, which stay as they are."""

    _picked: str = ""
    _learning: asyncio.Task[Card] | None = None
    _card: Mapping[str, object] = MappingProxyType({})
    _wrong: Mapping[str, str] = MappingProxyType({})
    _told: Mapping[str, str] = MappingProxyType({"name": ""})

    @property
    def running(self) -> SiteCoordinator | None:
        """The site, if it runs and its people are known."""
        entry = self.config_entry
        site: SiteCoordinator | None = entry.runtime_data if entry.state is ConfigEntryState.LOADED else None
        return site if site is not None and site.access.desk.is_open else None

    async def async_step_access(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Offer what there is to do; nobody can be changed before there is somebody."""
        if (site := self.running) is None:
            return self.async_abort(reason="ledger_closed")
        people = site.access.desk.people
        steps = {
            "admission": True,
            "add_driver": True,
            "change_driver": bool(_drivers(site)),
            "add_card": bool(_drivers(site)),
            "change_card": bool(people.cards),
            "add_guest": True,
            "change_guest": bool(_guests(site)),
        }
        return self.async_show_menu(step_id="access", menu_options=[step for step, there in steps.items() if there])

    async def async_step_admission(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask what the chargers do with strangers."""
        site = self._site()
        known, names = admissions(self.config_entry.options), _connectors(site)
        if answers is not None:
            chosen = dict.fromkeys(answers.get(ATTR_CHARGERS, names), Admission(answers[CONF_ADMISSION]))
            said = {key: value.value for key, value in (known | chosen).items() if value is not Admission.FREE}
            page = {CONF_GUEST_PAGE: answers[CONF_GUEST_PAGE]}
            return self.async_create_entry(data={**self.config_entry.options, CONF_ADMISSION: said, **page})
        now = next((known[key] for key in names if key in known), Admission.FREE)
        page = {CONF_GUEST_PAGE: self.config_entry.options.get(CONF_GUEST_PAGE, False)}
        return self.ask("admission", admission_form(names), {CONF_ADMISSION: now.value, **page})

    async def async_step_add_driver(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask who a new driver is."""
        return await self._ask_driver("add_driver", Driver(id=new_id(), name=""), answers)

    async def async_step_change_driver(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask which driver is meant."""
        if answers is not None:
            self._picked = answers[DRIVER]
            return await self.async_step_edit_driver()
        return self.ask("change_driver", pick_form(DRIVER, _drivers(self._site())))

    async def async_step_edit_driver(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask what is different about a driver, or forget them."""
        site = self._site()
        if answers is not None and flat(answers)[FORGET]:
            return await self._done(site.access.desk.async_forget(self._picked))
        return await self._ask_driver("edit_driver", site.access.desk.people.drivers[self._picked], answers)

    async def _ask_driver(self, step: str, before: Driver, answers: Answers | None) -> ConfigFlowResult:
        site = self._site()
        around = self._permits()
        form = driver_form(around, known=bool(before.name))
        if answers is None:
            return self.ask(step, form, shown(before, around) if before.name else {})
        driver = driver_said(flat(answers), before, around)
        if _is_empty(driver.rule):
            return self.ask(step, form, flat(answers), {"base": "no_span"})
        return await self._done(site.access.desk.async_put(driver))

    async def async_step_add_card(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask whose a new card will be; again, where none was learned."""
        if answers is not None:
            self._card, self._wrong = given(answers), {}
            return await self.async_step_learn_card()
        form = card_form(_drivers(self._site()), self._vehicles(), known=False)
        return self.ask("add_card", form, self._card, dict(self._wrong), **self._told)

    async def async_step_learn_card(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Wait until the new card is presented."""
        if self._learning is None:
            said: Answers = dict(self._card)
            until = dt_util.utcnow() + _PATIENCE
            lesson = Lesson(driver=said[DRIVER], until=until, label=said.get(LABEL), vehicle=said.get(VEHICLE))
            desk = self._site().access.desk
            self._learning = self.hass.async_create_background_task(desk.async_learn(lesson), f"{DOMAIN} learn card")
        if not self._learning.done():
            return self.async_show_progress(
                step_id="learn_card", progress_action="learn_card", progress_task=self._learning
            )
        return self.async_show_progress_done(next_step_id="card_learned")

    async def async_step_card_learned(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Tell which card was learned; where none was, ask again."""
        if answers is not None or (learning := self._learning) is None:
            return self._unchanged()
        names = {key: each.name for key, each in self._site().access.desk.people.drivers.items()}
        try:
            card = await learning
        except (TimeoutError, CardTaken, LedgerClosed) as err:
            self._learning, self._wrong = None, {"base": _WRONG[type(err)]}
            self._told = {"name": names.get(err.driver, "")} if isinstance(err, CardTaken) else {"name": ""}
            return await self.async_step_add_card()
        told = {"card": shown_number(card), "name": names.get(card.driver or "", "")}
        return self.ask("card_learned", NOTHING, {}, {}, **told)

    async def async_step_change_card(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask which card is meant."""
        if answers is not None:
            self._picked = answers[CARD]
            return await self.async_step_edit_card()
        return self.ask("change_card", pick_form(CARD, _cards(self._site())))

    async def async_step_edit_card(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask whose a card is, and whether it is lost."""
        site = self._site()
        card = site.access.desk.people.card(self._picked)
        if card is None:
            return self._unchanged()
        if answers is None:
            return self.ask("edit_card", card_form(_drivers(site), self._vehicles(), known=True), shown(card))
        said = given(answers)
        changes = {"driver": said[DRIVER], "label": said.get(LABEL), "vehicle": said.get(VEHICLE)}
        return await self._done(site.access.desk.async_put(replace(card, blocked=said[BLOCKED], **changes)))

    async def async_step_add_guest(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask who comes, until when, and how much they may have."""
        site = self._site()
        around = self._permits()
        form = guest_form(around, known=False)
        if answers is None:
            return self.ask("add_guest", form)
        rule = rule_said(given(answers), AccessRule(), around)
        if _is_empty(rule) or (rule.valid_until is not None and rule.valid_until <= dt_util.utcnow()):
            return self.ask("add_guest", form, flat(answers), {"base": "no_span"})
        try:
            guest, code = await site.access.codes.async_invite(answers[CONF_NAME], rule)
        except LedgerClosed:
            return self.async_abort(reason="ledger_closed")
        self._told = {"code": grouped(code), "name": guest.name, "link": link(self.hass, code) or ""}
        return await self.async_step_guest_code()

    async def async_step_guest_code(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Show the code, this once."""
        if answers is not None:
            return self._unchanged()
        return self.ask("guest_code", NOTHING, {}, {}, **self._told)

    async def async_step_change_guest(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask which guest is meant."""
        if answers is not None:
            self._picked = answers[GUEST]
            return await self.async_step_edit_guest()
        return self.ask("change_guest", pick_form(GUEST, _guests(self._site())))

    async def async_step_edit_guest(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask what is different about a guest, or let their code end."""
        site = self._site()
        guest = site.access.desk.people.guests[self._picked]
        around = self._permits()
        form = guest_form(around, known=True)
        if answers is None:
            return self.ask("edit_guest", form, shown(guest, around))
        rule = rule_said(given(answers), guest.rule, around)
        if _is_empty(rule):
            return self.ask("edit_guest", form, flat(answers), {"base": "no_span"})
        changed = replace(guest, name=answers[CONF_NAME], rule=rule, revoked=answers[REVOKED])
        return await self._done(site.access.desk.async_put(changed))

    async def _done(self, change: Awaitable[None]) -> ConfigFlowResult:
        """Put a change on record, and act on it."""
        try:
            await change
        except LedgerClosed:
            return self.async_abort(reason="ledger_closed")
        self._site().async_apply()
        return self._unchanged()

    @callback
    def _unchanged(self) -> ConfigFlowResult:
        """End the flow; the options are what they were."""
        return self.async_create_entry(data=dict(self.config_entry.options))

    def _site(self) -> SiteCoordinator:
        if (site := self.running) is None:
            raise AbortFlow("ledger_closed")
        return site

    def _permits(self) -> Around:
        site = self._site()
        return Around(connectors=_connectors(site), tariffs=site.tariffs.names, currency=self.hass.config.currency)

    def _vehicles(self) -> Names:
        return named_equipment(self.config_entry, SUBENTRY_VEHICLE)


def _connectors(site: SiteCoordinator) -> Names:
    return {key: connector.name for key, connector in site.connectors.items()}


def _drivers(site: SiteCoordinator) -> Names:
    people = site.access.desk.people
    return {key: each.name for key, each in people.drivers.items() if key not in people.guests}


def _guests(site: SiteCoordinator) -> Names:
    return {key: each.name for key, each in site.access.desk.people.guests.items()}


def _cards(site: SiteCoordinator) -> Names:
    """Name the cards: what somebody called them, whose they are, the end of their number."""
    people = site.access.desk.people
    owners = {key: each.name for key, each in people.drivers.items()}
    return {
        card.id: ", ".join(filter(None, (card.label, owners.get(card.driver or ""), shown_number(card))))
        for card in people.cards.values()
    }


def _is_empty(rule: AccessRule) -> bool:
    """Say whether a rule ends before it begins."""
    return rule.valid_from is not None and rule.valid_until is not None and rule.valid_until <= rule.valid_from
