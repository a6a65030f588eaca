"""The questions we ask: from nothing to a working charger in six, and all that is asked later."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowContext,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryData,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT, CONF_USERNAME
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import voluptuous as vol

from .chargers import MAKES
from .const import CONF_FUSE, CONF_MAKE, CONF_PHASES, DOMAIN, SUBENTRY_CHARGER
from .engine.model import PILOT_MINIMUM
from .flows.announcements import heard
from .flows.chargers import ChargerQuestions
from .flows.fields import LOGIN_FORM, SITE_FORM, SUN_FORM, TOKEN_FORM, Answers, flat, named, whole
from .flows.guess import look_around
from .flows.makes import connection_of, form_of, known_charger, unique_id_of
from .flows.meters import SOURCES, FoundMeter, MeterQuestions, choices, meter_id, step_of, sun_sources
from .flows.options import SettingsFlow
from .flows.probe import Unfit, probe_charger, probe_meter, told
from .flows.questions import SiteFacts, equipment, facts_of, named_equipment, sites
from .flows.subentries import EQUIPMENT
from .meters import GRID, SOLAR


class SmartEvseConfigFlow(
    ConfigFlow,
    MeterQuestions[ConfigFlowContext, ConfigFlowResult, str],
    ChargerQuestions[ConfigFlowContext, ConfigFlowResult, str],
    domain=DOMAIN,
):
    """Make a site: its connection, its meter, the sun, its first charger. And find chargers by themselves."""

    VERSION = 1

    _answers: Answers
    _added_to: ConfigEntry | None = None
    """The site that a discovered charger is added to."""
    _announced = False
    _announced_name = ""

    def __init__(self) -> None:
        self._found: list[FoundMeter] = []
        self._prices: dict[str, object] = {}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return SettingsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        return dict(EQUIPMENT)

    @property
    @override
    def site(self) -> SiteFacts:
        if self._added_to:
            return facts_of(self._added_to, self.hass.config.currency)
        return SiteFacts(
            phases=self._answers[CONF_PHASES],
            fuse=self._answers[CONF_FUSE],
            currency=self.hass.config.currency,
            can_plan=bool(self._prices) or any(found.source.role == SOLAR for found in self._found),
        )

    @override
    async def async_step_user(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask for the grid connection: the first of six forms."""
        errors: dict[str, str] = {}
        if answers is not None:
            self._answers = whole(answers, CONF_PHASES)
            with told(errors):
                self._check_site()
            if not errors:
                return await self.async_step_grid()
        suggested = answers or {CONF_NAME: self.hass.config.location_name}
        return self.ask("user", SITE_FORM, suggested, errors)

    def _check_site(self, entry: ConfigEntry | None = None) -> None:
        """Raise `Unfit` for a fuse that no charger can live with, or a name that another site has."""
        if self.site.usable < PILOT_MINIMUM:
            raise Unfit("fuse_too_small", CONF_FUSE)
        if self._answers[CONF_NAME] in {other.title for other in sites(self.hass) if other is not entry}:
            raise Unfit("name_taken", CONF_NAME)

    async def async_step_grid(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Offer the kinds of grid meter."""
        self.known = await look_around(self.hass)
        self._prices = self.known.prices
        return self.async_show_menu(step_id="grid", menu_options=choices(GRID))

    @override
    async def metered(self) -> ConfigFlowResult:
        """Go on to the sun; the simulated house brings its own."""
        self._found = [self.meter]
        if self.meter.source.kind != "demo":
            return await self.async_step_sun()
        sun = SOURCES["solar_demo"]
        self._found.append(await self.try_meter(sun, {"kind": sun.kind}))
        return await self._ask_charger()

    async def async_step_sun(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask for solar inverters and a home battery, where there are any."""
        errors: dict[str, str] = {}
        if answers is not None:
            self._found = [self.meter]
            for source, config, fields in sun_sources(flat(answers)):
                with told(errors, fields):
                    self._found.append(await self.try_meter(source, config))
            if not errors:
                return await self._ask_charger()
        return self.ask("sun", SUN_FORM, self.known.sun if answers is None else flat(answers), errors)

    async def _ask_charger(self) -> ConfigFlowResult:
        return await (self._connect_announced() if self._announced else self.async_step_charger())

    @override
    async def wired(self, charger: ConfigSubentryData) -> ConfigFlowResult:
        """Make the site with everything on it, or add a charger that was found to one."""
        if self._added_to:
            return self._add_to_site(self._added_to, charger)
        # The flow was known by the charger that announced itself; a site is more than one charger.
        await self.async_set_unique_id(None)
        return self.async_create_entry(
            title=self._answers[CONF_NAME],
            data=self._answers,
            options=self._prices,
            subentries=[*(found.subentry() for found in self._found), charger],
        )

    @callback
    def _add_to_site(self, entry: ConfigEntry, charger: ConfigSubentryData) -> ConfigFlowResult:
        made = ConfigSubentry(
            data=MappingProxyType(dict(charger["data"])),
            subentry_type=SUBENTRY_CHARGER,
            title=charger["title"],
            unique_id=charger["unique_id"],
        )
        self.hass.config_entries.async_add_subentry(entry, made)
        names = {"charger": made.title, "site": entry.title}
        return self.async_abort(reason="charger_added", description_placeholders=names)

    @override
    def options_of(self, kind: str) -> dict[str, str]:
        return named_equipment(self._added_to, kind) if self._added_to else {}

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        if (known := heard(discovery_info)) is None:
            return self.async_abort(reason="not_supported")
        return await self._announce(known.make, discovery_info.host, discovery_info.port if known.is_door else None)

    @override
    async def async_step_dhcp(self, discovery_info: DhcpServiceInfo) -> ConfigFlowResult:
        """Greet what asks for an address with a network card of KEBA's: the only make that is known by it."""
        return await self._announce("keba", discovery_info.ip)

    async def _announce(self, make: str, host: str, port: int | None = None) -> ConfigFlowResult:
        """Find out who announced itself, and offer it unless a site has it already."""
        self._announced = True
        self.make = MAKES[make]
        self.connection = connection_of(self.make, {CONF_HOST: host, CONF_PORT: port})
        # Many chargers serve one client, and a site may be talking to this one: it is left alone.
        at_home = (
            (sub.data.get(CONF_MAKE), sub.data.get(CONF_HOST)) for _, sub in equipment(self.hass, SUBENTRY_CHARGER)
        )
        if (make, host) in at_home:
            return self.async_abort(reason="already_configured")
        errors: dict[str, str] = {}
        name, unique_id = self.make.name, f"{make}_{host}"
        with told(errors):
            charger = await probe_charger(self.hass, self.connection)
            unique_id = unique_id_of(self.connection, charger) or unique_id
            name = f"{name} {charger.identity.serial or host}"
        if errors.get("base", "bad_credentials") != "bad_credentials":
            return self.async_abort(reason="cannot_connect")
        self._stop_if_known(unique_id)
        await self.async_set_unique_id(unique_id)
        self._abort_if_unique_id_configured()
        self._announced_name = name
        self.context["title_placeholders"] = {"name": name}
        return await (self.async_step_discovered() if sites(self.hass) else self.async_step_user())

    def _stop_if_known(self, unique_id: str) -> None:
        """End the flow for a charger that a site has, and keep the address to which it has moved."""
        if known := known_charger(self.hass, unique_id):
            entry, subentry = known
            moved = {**subentry.data, **self.connection}
            self.hass.config_entries.async_update_subentry(entry, subentry, data=moved)
            raise AbortFlow("already_configured")

    async def async_step_discovered(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask to which site a charger belongs; where there is one, whether it does."""
        names = {entry.entry_id: entry.title for entry in sites(self.hass)}
        if answers is not None:
            self._added_to = self.hass.config_entries.async_get_known_entry(answers.get("site", next(iter(names))))
            return await self._connect_announced()
        form = vol.Schema({vol.Required("site"): named(names)} if len(names) > 1 else {})
        return self.ask("discovered", form, charger=self._announced_name, site=next(iter(names.values())))

    async def _connect_announced(self) -> ConfigFlowResult:
        """Connect to the charger that announced itself; only what stands in the way is asked."""
        return await self.connect_charger(form_of(self.make), dict(self.connection))

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin with the device that wants another password: its subentry is named by who starts the flow."""
        entry = self._get_reauth_entry()
        self.renews = entry.subentries.get(entry_data.get("subentry_id", ""))
        if self.renews is None:
            return self.async_abort(reason="device_removed")
        is_charger = self.renews.subentry_type == SUBENTRY_CHARGER
        return await (self.async_step_reauth_confirm() if is_charger else self.async_step_reauth_token())

    async def async_step_reauth_confirm(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask for the user name and password of a charger."""
        return await self._reauthenticate("reauth_confirm", LOGIN_FORM, answers)

    async def async_step_reauth_token(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask for the token of a meter."""
        return await self._reauthenticate("reauth_token", TOKEN_FORM, answers)

    async def _reauthenticate(self, step: str, form: vol.Schema, answers: Answers | None) -> ConfigFlowResult:
        entry, present = self._get_reauth_entry(), self.renews
        if present is None or present.subentry_id not in entry.subentries:
            return self.async_abort(reason="device_removed")
        errors: dict[str, str] = {}
        if answers is not None:
            data = {**present.data, **answers}
            with told(errors):
                await self._try_again(entry, present, data)
            if not errors:
                self.hass.config_entries.async_update_subentry(entry, present, data=data)
                return self.async_abort(reason="reauth_successful")
        suggested = {CONF_USERNAME: present.data.get(CONF_USERNAME)}
        return self.ask(step, form, suggested, errors, name=present.title)

    async def _try_again(self, entry: ConfigEntry, present: ConfigSubentry, data: Mapping[str, object]) -> None:
        """Raise a `DeviceError` while the device wants something else, `Unfit` when it is another one."""
        if present.subentry_type == SUBENTRY_CHARGER:
            charger = await probe_charger(self.hass, data)
            unique_id = unique_id_of(data, charger)
        else:
            source = SOURCES[step_of(present.subentry_type, data)]
            unique_id = meter_id(source, data, await probe_meter(self.hass, source.role, data, entry.data[CONF_PHASES]))
        if unique_id != present.unique_id:
            raise Unfit("different_device")

    async def async_step_reconfigure(self, answers: Answers | None = None) -> ConfigFlowResult:
        """Ask for the grid connection again."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if answers is not None:
            self._answers = whole(answers, CONF_PHASES)
            with told(errors):
                self._check_site(entry)
            if not errors:
                return self.async_update_and_abort(entry, title=self._answers[CONF_NAME], data=self._answers)
        suggested = answers or {**entry.data, CONF_NAME: entry.title, CONF_PHASES: str(entry.data[CONF_PHASES])}
        return self.ask("reconfigure", SITE_FORM, suggested, errors)
