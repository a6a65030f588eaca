"""The questions about what drivers pay: the kind of tariff, its prices and terms, and if that is what was meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partialmethod
from types import MappingProxyType
from typing import Final

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import CONF_CHARGERS, CONF_DRIVERS, CONF_VEHICLES, CONF_VERSIONS, SUBENTRY_TARIFF, SUBENTRY_VEHICLE
from ..engine.tariffs.model import Tariff
from ..engine.tariffs.ocpi import ReadTariff, read_tariff
from ..engine.tariffs.ocpi_words import BadTariff
from ..rules import ATTR_VALID_FROM
from ..site_tariffs import Version, versions_of, with_version
from .equipment import EquipmentFlow
from .fields import ANSWER, Answers, flat, given
from .probe import Unfit, told
from .questions import named_equipment, subentry_of
from .recipient import drivers_of
from .tariff_forms import (
    AGAIN,
    CHECK_FORM,
    Names,
    bounded,
    heading_of,
    kind_form,
    read_again,
    terms_form,
    typed,
    whom_fields,
    whom_said,
)
from .tariff_kinds import JSON_FILE, JSON_TEXT, KINDS, OCPI
from .tariff_preview import Shown, async_shown

_LONGEST: Final = 200_000
"""No tariff is longer than this, in bytes."""


_USUAL: Final = 0.3
"""What a form begins with where nobody knows what a kWh costs the site."""


@dataclass(slots=True)
class _Draft:
    """A tariff in the making: what was said, and what was read."""

    kind: str = ""
    said: Mapping[str, object] = MappingProxyType({})
    terms: Mapping[str, object] = MappingProxyType({})
    read: ReadTariff | None = None
    where: str = ""
    tariff: Tariff | None = None
    shown: Shown | None = None


class TariffFlow(EquipmentFlow):
    """What drivers pay. A change makes another version, so that what was priced before stays explained."""

    def __init__(self) -> None:
        self._draft = _Draft()

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        return self.async_show_menu(step_id="user", menu_options=list(KINDS))

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        """Offer what may be different: its prices, for whom it is, all of it."""
        self._draft = _draft_of(self._get_reconfigure_subentry())
        options = ["prices", "whom", "kind"] if self._draft.kind else ["whom", "kind"]
        return self.async_show_menu(step_id="reconfigure", menu_options=options)

    async def async_step_prices(self, answers: Answers | None = None) -> SubentryFlowResult:
        return await self._ask_kind(self._draft.kind)

    async def async_step_kind(self, answers: Answers | None = None) -> SubentryFlowResult:
        return self.async_show_menu(step_id="kind", menu_options=list(KINDS))

    async def async_step_whom(self, answers: Answers | None = None) -> SubentryFlowResult:
        """Ask for whom it is: the prices stay."""
        present = self._get_reconfigure_subentry()
        whom = self._whom()
        if answers is not None:
            data = {**present.data, **whom_said(given(answers))}
            return self.keep(subentry_of(SUBENTRY_TARIFF, present.title, data, None))
        known = {field: [key for key in present.data.get(field, ()) if key in names] for field, names in whom.items()}
        return self.ask("whom", vol.Schema(dict(whom_fields(whom))), known)

    async def _ask_kind(self, kind: str, answers: Answers | None = None) -> SubentryFlowResult:
        """Ask for the prices."""
        draft, errors = self._draft, dict[str, str]()
        if answers is not None:
            draft.kind, draft.said = kind, given(answers)
            with told(errors):
                await self._look_at_prices()
            if not errors:
                return await (self.async_step_ocpi_terms() if draft.read else self.async_step_terms())
        known = draft.said if draft.kind == kind or answers is not None else {}
        name = {CONF_NAME: self.present.title} if self.present else {}
        return self.ask(
            kind, kind_form(kind, self.site.currency, self._usual()), {**name, **known}, errors, where=draft.where
        )

    async def _look_at_prices(self) -> None:
        """Raise `Unfit` for prices that are none; `where` tells what of a tariff that was handed over is wrong."""
        draft = self._draft
        draft.read = None
        if draft.kind != OCPI:
            KINDS[draft.kind].make(heading_of("", self.site.currency, {}), dict(draft.said))
            return
        text = await self._json(dict(draft.said))
        try:
            draft.read = read_tariff(text)
        except BadTariff as err:
            draft.where = err.where
            raise Unfit("no_json" if err.where == "JSON" else "bad_tariff") from err
        if draft.read.tariff.currency != self.site.currency:
            # All that a site shows and counts is in one currency.
            draft.where = draft.read.tariff.currency
            raise Unfit("other_currency")

    async def _json(self, said: Answers) -> str:
        """Return the JSON that was typed or handed over; the file goes first, and is kept as if it were typed."""
        text: str = said.get(JSON_TEXT, "")
        if upload := said.get(JSON_FILE):
            text = await self.hass.async_add_executor_job(_uploaded, self.hass, upload)
            self._draft.said = {CONF_NAME: said[CONF_NAME], JSON_TEXT: text}
        if not text.strip():
            raise Unfit("no_json")
        return text

    async def async_step_terms(self, answers: Answers | None = None) -> SubentryFlowResult:
        """Ask for VAT, validity, bounds, and for whom it is."""
        return await self._ask_terms("terms", answers)

    async def async_step_ocpi_terms(self, answers: Answers | None = None) -> SubentryFlowResult:
        """Ask what does not come with a tariff of OCPI, and tell what of it has no meaning here."""
        read = self._draft.read
        left_out = ", ".join(read.left_out) if read is not None else ""
        return await self._ask_terms("ocpi_terms", answers, left_out=left_out or "\u2013")

    async def _ask_terms(self, step: str, answers: Answers | None, **placeholders: str) -> SubentryFlowResult:
        draft, errors = self._draft, dict[str, str]()
        if answers is not None:
            draft.terms = given(answers)
            with told(errors):
                draft.tariff = self._tariff()
                draft.shown = await async_shown(self.hass, self._get_entry(), draft.tariff)
            if not errors:
                return await (self.async_step_preview() if draft.shown.real else self.async_step_example())
        told_already, changes = KINDS[draft.kind].tells_terms, self.present is not None
        form = terms_form(self.site.currency, self._whom(), told=told_already, changes=changes)
        suggested = dict(draft.terms)
        if changes and answers is None:
            suggested |= {ATTR_VALID_FROM: typed(dt_util.utcnow().replace(second=0, microsecond=0))}
        return self.ask(step, form, flat(answers) if answers else suggested, errors, **placeholders)

    def _tariff(self) -> Tariff:
        """Make the tariff of all that was said; raises `Unfit`."""
        draft, terms = self._draft, dict(self._draft.terms)
        heading = heading_of(str(draft.said[CONF_NAME]), self.site.currency, terms)
        if draft.read is not None:
            return read_again(draft.read.tariff, heading)
        return bounded(KINDS[draft.kind].make(heading, dict(draft.said)), terms)

    async def async_step_preview(self, answers: Answers | None = None) -> SubentryFlowResult:
        """Show what it makes of a session that there was."""
        return await self._check("preview", answers)

    async def async_step_example(self, answers: Answers | None = None) -> SubentryFlowResult:
        """Show what it makes of an example, while there was no session."""
        return await self._check("example", answers)

    async def _check(self, step: str, answers: Answers | None) -> SubentryFlowResult:
        draft = self._draft
        if draft.tariff is None or draft.shown is None:
            return await self.async_step_user()
        if answers is None:
            return self.ask(step, CHECK_FORM, {}, None, **draft.shown.words)
        if answers[ANSWER] == AGAIN:
            return await self._ask_kind(draft.kind)
        said = {"prices": dict(draft.said), "terms": dict(draft.terms)}
        before = versions_of(self.present) if self.present else ()
        versions = with_version(before, Version(tariff=draft.tariff, kind=draft.kind, said=said))
        whom = whom_said(dict(draft.terms)) if self.present is None else _whom_of(self.present)
        return self.keep(
            subentry_of(SUBENTRY_TARIFF, str(draft.said[CONF_NAME]), {CONF_VERSIONS: versions, **whom}, None)
        )

    def _usual(self) -> float:
        """Return what a kWh costs the site now, to begin with."""
        bought = None if self.running is None else self.running.charges.prices.at(dt_util.utcnow()).bought
        return _USUAL if bought is None or bought <= 0 else round(float(bought), 2)

    def _whom(self) -> dict[str, Names]:
        """Name everybody and everything that a tariff may be for."""
        site, vehicles = self.running, named_equipment(self._get_entry(), SUBENTRY_VEHICLE)
        chargers = {} if site is None else {key: connector.name for key, connector in site.connectors.items()}
        return {CONF_DRIVERS: drivers_of(self), CONF_VEHICLES: vehicles, CONF_CHARGERS: chargers}


def _whom_of(present: ConfigSubentry) -> dict[str, list[str]]:
    return whom_said(dict(present.data))


def _draft_of(present: ConfigSubentry) -> _Draft:
    """Return what was said last of a tariff."""
    last = next(reversed(list(versions_of(present))), None)
    if last is None or last.kind not in KINDS:
        return _Draft()
    terms = {key: value for key, value in last.said.get("terms", {}).items() if key != ATTR_VALID_FROM}
    return _Draft(kind=last.kind, said=last.said.get("prices", {}), terms=terms)


def _uploaded(hass: HomeAssistant, upload: str) -> str:
    with process_uploaded_file(hass, upload) as path:
        if path.stat().st_size > _LONGEST:
            raise Unfit("file_too_large")
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as err:
            raise Unfit("no_json") from err


for _kind in KINDS:
    setattr(TariffFlow, f"async_step_{_kind}", partialmethod(TariffFlow._ask_kind, _kind))  # noqa: SLF001 - its own steps
