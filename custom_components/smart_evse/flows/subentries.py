"""The questions about one piece of equipment of a site that exists."""

from collections.abc import Mapping
from typing import override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryData,
    ConfigSubentryFlow,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
import voluptuous as vol

from ..const import (
    CONF_INVERT,
    CONF_PARENT,
    CONF_PHASES,
    SUBENTRY_BATTERY,
    SUBENTRY_CHARGER,
    SUBENTRY_CIRCUIT,
    SUBENTRY_INVERTER,
    SUBENTRY_METER,
    SUBENTRY_VEHICLE,
)
from ..meters import BATTERY, GRID, SOLAR
from ..meters.port import Measurement, MeterIdentity
from .chargers import ChargerQuestions
from .fields import CIRCUIT_FORM, VEHICLE_FORM, Answers, named, whole
from .guess import look_around
from .meters import FoundMeter, MeterQuestions, Source, choices, step_of
from .probe import ProbedCharger, ProbedMeter
from .questions import Questions, SiteFacts, facts_of, named_equipment, subentry_of


class EquipmentFlow(ConfigSubentryFlow, Questions[SubentryFlowContext, SubentryFlowResult, tuple[str, str]]):
    """What the flows of all equipment share: the site is there, and the answers go into it."""

    @property
    @override
    def site(self) -> SiteFacts:
        return facts_of(self._get_entry())

    @property
    def present(self) -> ConfigSubentry | None:
        """The equipment that is being asked about again."""
        return self._get_reconfigure_subentry() if self.source == SOURCE_RECONFIGURE else None

    @callback
    def keep(self, made: ConfigSubentryData) -> SubentryFlowResult:
        """Add the equipment, or put it in the place of what it was."""
        title, data, unique_id = made["title"], made["data"], made["unique_id"]
        if present := self.present:
            return self.async_update_and_abort(self._get_entry(), present, title=title, data=data, unique_id=unique_id)
        return self.async_create_entry(title=title, data=data, unique_id=unique_id)


class ChargerFlow(EquipmentFlow, ChargerQuestions[SubentryFlowContext, SubentryFlowResult, tuple[str, str]]):
    """Add a charger to a site, or change how it is reached and wired."""

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        return await self.async_step_charger()

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        return await self.ask_again(self._get_reconfigure_subentry())

    @override
    async def try_charger(self) -> ProbedCharger:
        """Take the running site's word while the connection stays: many chargers serve one client."""
        entry, present = self._get_entry(), self.present
        if present and entry.state is ConfigEntryState.LOADED and self.is_where_it_was(present):
            line = entry.runtime_data.equipment.chargers.get(present.subentry_id)
            if line is not None and line.identity is not None:
                return ProbedCharger(line.identity, line.charger.traits, ())
        return await super().try_charger()

    @override
    async def wired(self, charger: ConfigSubentryData) -> SubentryFlowResult:
        return self.keep(charger)

    @override
    def options_of(self, kind: str) -> dict[str, str]:
        return named_equipment(self._get_entry(), kind)


class MeasuringFlow(EquipmentFlow, MeterQuestions[SubentryFlowContext, SubentryFlowResult, tuple[str, str]]):
    """Add what measures in one role, or change how it is reached."""

    role: str

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        self.known = await look_around(self.hass)
        return self.async_show_menu(step_id="user", menu_options=choices(self.role))

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        present = self._get_reconfigure_subentry()
        self.renews = present
        return await self.connect_meter(step_of(present.subentry_type, present.data))

    @override
    async def metered(self) -> SubentryFlowResult:
        return self.keep(self.meter.subentry())


class GridFlow(MeasuringFlow):
    """A site has one grid connection, and so one grid meter."""

    role = GRID

    @override
    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        if named_equipment(self._get_entry(), SUBENTRY_METER):
            return self.async_abort(reason="meter_exists")
        return await super().async_step_user(answers)

    @override
    async def try_meter(self, source: Source, config: Mapping[str, object]) -> FoundMeter:
        """Take the running site's own reading while the connection stays: many meters serve one client."""
        present, reading = self.present, self._reading()
        if present is None or reading is None or {**config, CONF_INVERT: 0} != {**present.data, CONF_INVERT: 0}:
            return await super().try_meter(source, config)
        probed = ProbedMeter(MeterIdentity(maker="", model=present.title), reading)
        return FoundMeter(source, present.data, probed, present.title, present.unique_id)

    def _reading(self) -> Measurement | None:
        """What the running site reads, with the sign that the meter itself has."""
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED or (grid := entry.runtime_data.data.snapshot.grid) is None:
            return None
        sign = -1 if self.present and self.present.data.get(CONF_INVERT) else 1
        currents, powers = (value and value.map(lambda one: sign * one) for value in (grid.currents, grid.powers))
        return Measurement(power=sign * grid.power, currents=currents, powers=powers)


class InverterFlow(MeasuringFlow):
    """A site may have several inverters: the sun is their sum."""

    role = SOLAR


class BatteryFlow(MeasuringFlow):
    """A home battery, or one of several."""

    role = BATTERY


class CircuitFlow(EquipmentFlow):
    """A group behind a fuse of its own: a garage, a sub-panel."""

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        return self._ask_circuit("user", answers)

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        return self._ask_circuit("reconfigure", answers)

    @callback
    def _ask_circuit(self, step: str, answers: Answers | None) -> SubentryFlowResult:
        if answers is not None:
            kept = {CONF_PARENT: None, **whole(answers, CONF_PHASES)}
            return self.keep(subentry_of(SUBENTRY_CIRCUIT, answers[CONF_NAME], kept, None))
        above = self._possible_parents()
        form = CIRCUIT_FORM.extend({vol.Optional(CONF_PARENT): named(above)}) if above else CIRCUIT_FORM
        return self.ask(step, form, _as_fields(self.present))

    def _possible_parents(self) -> dict[str, str]:
        """Every circuit of the site but this one and those below it."""
        names = named_equipment(self._get_entry(), SUBENTRY_CIRCUIT)
        if (present := self.present) is None:
            return names
        parents = {key: self._get_entry().subentries[key].data.get(CONF_PARENT) for key in names}
        below = {present.subentry_id}
        while more := {key for key, parent in parents.items() if parent in below} - below:
            below |= more
        return {key: name for key, name in names.items() if key not in below}


class VehicleFlow(EquipmentFlow):
    """A car: what it can take."""

    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        return self._ask_vehicle("user", answers)

    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        return self._ask_vehicle("reconfigure", answers)

    @callback
    def _ask_vehicle(self, step: str, answers: Answers | None) -> SubentryFlowResult:
        if answers is not None:
            kept = whole(answers, CONF_PHASES)
            name = kept.pop(CONF_NAME)
            return self.keep(subentry_of(SUBENTRY_VEHICLE, name, kept, None))
        return self.ask(step, VEHICLE_FORM, _as_fields(self.present))


def _as_fields(present: ConfigSubentry | None) -> Answers:
    if present is None:
        return {}
    return {**present.data, CONF_NAME: present.title, CONF_PHASES: str(present.data[CONF_PHASES])}


EQUIPMENT: Mapping[str, type[ConfigSubentryFlow]] = {
    SUBENTRY_CHARGER: ChargerFlow,
    SUBENTRY_METER: GridFlow,
    SUBENTRY_INVERTER: InverterFlow,
    SUBENTRY_BATTERY: BatteryFlow,
    SUBENTRY_CIRCUIT: CircuitFlow,
    SUBENTRY_VEHICLE: VehicleFlow,
}
