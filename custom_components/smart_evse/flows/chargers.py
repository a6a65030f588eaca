"""The questions about a charger: its make, how to reach it, how it is wired."""

from collections.abc import Mapping
from functools import partialmethod
import math
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry, ConfigSubentryData
from homeassistant.const import CONF_NAME, CONF_PORT
from homeassistant.data_entry_flow import FlowContext, FlowResult

from ..chargers import MAKES, Make
from ..chargers.port import Feeding
from ..const import (
    CONF_BAUDRATE,
    CONF_ENTITIES,
    CONF_MAKE,
    CONF_MAX_CURRENT,
    CONF_OUTLETS,
    CONF_PHASE_MAP,
    CONF_SERIAL,
    CONF_SERIAL_PORT,
    CONF_STATUS_MAP,
    CONF_UNGUARDED,
    CONF_UNIT,
    SUBENTRY_CHARGER,
)
from ..engine.model import Mode
from .device_forms import CHARGER_FORMS
from .fields import (
    Answers,
    flat,
    given,
    states_form,
)
from .guess import guess_charger
from .makes import (
    connection_in,
    connection_of,
    entities_of,
    form_of,
    forms,
    known_charger,
    unique_id_of,
    words_chosen,
)
from .probe import ProbedCharger, Unfit, probe_charger, told
from .questions import Questions, SiteFacts, subentry_of
from .sensors import look_at_charger
from .states import Meanings, meanings, words_of
from .wiring import wiring_form

ROTATIONS = ("123", "231", "312", "132", "213", "321")
SINGLE = ("1", "2", "3")


class ChargerQuestions[C: FlowContext, R: FlowResult[Any, Any], H](Questions[C, R, H]):
    """The steps that connect a charger and say how it is wired. Where they lead to, the flow says in `wired`."""

    make: Make
    connection: Mapping[str, object] = MappingProxyType({})
    charger: ProbedCharger

    async def wired(self, charger: ConfigSubentryData) -> R:
        """Go on with the charger that was connected."""
        raise NotImplementedError

    def options_of(self, kind: str) -> dict[str, str]:
        """Names of the site's other equipment of a kind, by their id."""
        return {}

    async def async_step_charger(self, answers: Answers | None = None) -> R:
        return self.async_show_menu(step_id="charger", menu_options=list(forms()))

    async def choose_make(self, step: str, answers: Answers | None = None) -> R:
        self.make, form = forms()[step]
        return await self.connect_charger(form, answers)

    async def ask_again(self, present: ConfigSubentry) -> R:
        """Begin with what is known of a charger."""
        self.renews = present
        self.make = MAKES[present.data[CONF_MAKE]]
        self.connection = connection_in(present)
        return await self.connect_charger(form_of(self.make, serial=CONF_SERIAL_PORT in present.data))

    async def connect_charger(self, step: str, answers: Answers | None = None) -> R:
        form = CHARGER_FORMS[step]
        errors: dict[str, str] = {}
        if answers is not None or not form.schema:
            self.connection = self._with_words(connection_of(self.make, answers or {}))
            with told(errors):
                self.charger = await self.try_charger()
            if not errors:
                return await self.connected()
        suggested = {**self._likely(step), **self.connection, **entities_of(self.connection)}
        return self.ask(step, form, suggested, errors, make=self.make.name, fuse=f"{self.site.fuse:g}")

    def _with_words(self, connection: dict[str, object]) -> dict[str, object]:
        """Keep what was said of the words of the same status entity."""
        entities, chosen = connection.get(CONF_ENTITIES), words_chosen(self.connection)
        same = entities_of(connection).get("status") == entities_of(self.connection).get("status")
        return (
            {**connection, CONF_ENTITIES: {**entities, CONF_STATUS_MAP: chosen}}
            if same and isinstance(entities, dict) and chosen
            else connection
        )

    def _likely(self, step: str) -> Mapping[str, object]:
        if step == "charger_entities":
            return guess_charger(self.hass)
        return self._usual()

    def _usual(self) -> dict[str, object]:
        usual = {CONF_PORT: self.make.port, CONF_UNIT: self.make.unit, CONF_BAUDRATE: self.make.baudrate}
        return {key: value for key, value in usual.items() if value is not None}

    def is_where_it_was(self, present: ConfigSubentry) -> bool:
        """Tell whether a charger is reached as it was before, what nobody gave being as the make has it."""
        usual = self._usual()
        return {**usual, **self.connection} == {**usual, **connection_in(present)}

    async def try_charger(self) -> ProbedCharger:
        """Ask the charger who it is and read it; raises `Unfit` or a `DeviceError`."""
        look_at_charger(self.hass, entities_of(self.connection))
        charger = await probe_charger(self.hass, self.connection)
        unique_id = unique_id_of(self.connection, charger)
        if self.renews is None and known_charger(self.hass, unique_id):
            raise Unfit("already_configured")
        if self.renews and charger.identity.serial and unique_id != self.renews.unique_id:
            raise Unfit("different_device")
        if self.site.usable < charger.traits.min_current:
            raise Unfit("fuse_below_minimum")
        return charger

    async def connected(self) -> R:
        """Ask about the words of a status entity only where some of them mean nothing to us."""
        if (status := entities_of(self.connection).get("status")) and self._unclear(meanings(self.hass, status)):
            return await self.async_step_charger_states()
        return await self.async_step_wiring()

    async def async_step_charger_states(self, answers: Answers | None = None) -> R:
        entities = entities_of(self.connection)
        known = meanings(self.hass, entities["status"])
        if answers is not None:
            said = {word: letter.upper() for letter, words in answers.items() for word in words}
            own = {word: letter for word, letter in said.items() if known.get(word) != letter}
            self.connection = {**self.connection, CONF_ENTITIES: {**entities, CONF_STATUS_MAP: own}}
            return await self.async_step_wiring()
        chosen = words_chosen(self.connection)
        form = states_form(list(dict.fromkeys((*known, *chosen))))
        return self.ask("charger_states", form, words_of(known, chosen), unclear=", ".join(self._unclear(known)))

    def _unclear(self, known: Meanings) -> list[str]:
        chosen = words_chosen(self.connection)
        return [word for word, state in known.items() if state is None and word not in chosen]

    async def async_step_wiring(self, answers: Answers | None = None) -> R:
        """Name, phases and the most the charger may take: the last questions about it."""
        errors: dict[str, str] = {}
        if answers is not None:
            said = given(answers)
            if not self._needs_consent() or said.get(CONF_UNGUARDED):
                return await self.wired(self._subentry(said))
            errors[CONF_UNGUARDED] = "consent_needed"
        suggested = self._suggested_wiring() if answers is None else flat(answers)
        serial = f" ({self.charger.identity.serial})" if self.charger.identity.serial else ""
        form = wiring_form(
            self.charger,
            self.site,
            self._phase_maps(),
            self.options_of,
            begins_with=None if self.renews else recommended(self.site),
            is_demo=self.make.transport == "demo",
        )
        return self.ask("wiring", form, suggested, errors, charger=_name(self.charger) + serial)

    def _needs_consent(self) -> bool:
        """Tell whether the charger would never charge while nothing but us holds it below the fuse."""
        traits = self.charger.traits
        return traits.feeding is Feeding.NONE and self.site.left < traits.min_current

    def _phase_maps(self) -> tuple[str, ...]:
        phases = self.charger.identity.phases or self.charger.traits.phases
        return SINGLE if phases == 1 else ROTATIONS + SINGLE

    def _suggested_wiring(self) -> dict[str, object]:
        if self.renews:
            return {**self.renews.data, CONF_NAME: self.renews.title}
        identity, traits = self.charger.identity, self.charger.traits
        most = min(identity.max_current or traits.max_current, self.site.fuse)
        return {
            CONF_NAME: _name(self.charger),
            CONF_PHASE_MAP: self._phase_maps()[0],
            CONF_MAX_CURRENT: math.floor(most),
        }

    def _subentry(self, answers: Answers) -> ConfigSubentryData:
        """Make of everything answered what is kept of a charger."""
        name = answers.pop(CONF_NAME)
        identity = self.charger.identity
        found = {CONF_OUTLETS: identity.outlets, CONF_SERIAL: identity.serial}
        data = {**self.connection, CONF_PHASE_MAP: "1", **answers, **found}
        kept = {key: value for key, value in data.items() if value is not None}
        return subentry_of(SUBENTRY_CHARGER, name, kept, unique_id_of(self.connection, self.charger))


def recommended(site: SiteFacts) -> Mode:
    """Return the mode to begin with: there is something to plan with, or there is not."""
    return Mode.SMART if site.can_plan else Mode.FAST


def _name(charger: ProbedCharger) -> str:
    return f"{charger.identity.maker} {charger.identity.model}".strip()


for _step in forms():
    setattr(ChargerQuestions, f"async_step_{_step}", partialmethod(ChargerQuestions.choose_make, _step))
for _step in CHARGER_FORMS.keys() - forms().keys():
    setattr(ChargerQuestions, f"async_step_{_step}", partialmethod(ChargerQuestions.connect_charger, _step))
