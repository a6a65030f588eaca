"""The questions about what measures: the grid meter, the sun, the home battery."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partialmethod
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.data_entry_flow import FlowContext, FlowResult
import voluptuous as vol

from ..const import (
    CONF_CIRCUIT,
    CONF_ENTITIES,
    CONF_INVERT,
    CONF_KIND,
    CONF_SERIAL_PORT,
    CONF_UNIT,
    SUBENTRY_BATTERY,
    SUBENTRY_INVERTER,
    SUBENTRY_METER,
)
from ..meters import BATTERY, GRID, SOLAR
from .device_forms import METER_FORMS
from .fields import ANSWER, CHECK_FORM, Answers, flat, whole
from .guess import Known
from .probe import ProbedMeter, Unfit, probe_meter, told
from .questions import Questions, equipment, subentry_of
from .sensors import look_at

SUBENTRY_OF_ROLE: Mapping[str, str] = {GRID: SUBENTRY_METER, SOLAR: SUBENTRY_INVERTER, BATTERY: SUBENTRY_BATTERY}


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of meter in the role it has at a site, and the form that asks how to reach it."""

    role: str
    kind: str
    form: vol.Schema


# In the order in which they are offered.
SOURCES: Mapping[str, Source] = {
    "grid_p1": Source(GRID, "p1", METER_FORMS["p1"]),
    "grid_p1_serial": Source(GRID, "p1", METER_FORMS["p1_serial"]),
    "grid_homewizard": Source(GRID, "homewizard", METER_FORMS["homewizard"]),
    "grid_entities": Source(GRID, "entities", METER_FORMS["grid_entities"]),
    "grid_smartevse": Source(GRID, "charger", METER_FORMS["smartevse"]),
    "grid_demo": Source(GRID, "demo", METER_FORMS["demo"]),
    "solar_sunspec": Source(SOLAR, "sunspec", METER_FORMS["sunspec"]),
    "solar_entities": Source(SOLAR, "entities", METER_FORMS["solar_entities"]),
    "solar_homewizard": Source(SOLAR, "homewizard", METER_FORMS["homewizard"]),
    "solar_demo": Source(SOLAR, "demo", METER_FORMS["demo"]),
    "battery_sunspec": Source(BATTERY, "sunspec", METER_FORMS["sunspec"]),
    "battery_entities": Source(BATTERY, "entities", METER_FORMS["battery_entities"]),
}


def choices(role: str) -> list[str]:
    return [step for step, source in SOURCES.items() if source.role == role]


def step_of(kind: str, data: Mapping[str, object]) -> str:
    """Find the form that a subentry of this kind was once asked with."""
    if CONF_SERIAL_PORT in data:
        return "grid_p1_serial"
    wanted = (kind, data[CONF_KIND])
    return next(step for step, source in SOURCES.items() if (SUBENTRY_OF_ROLE[source.role], source.kind) == wanted)


def sun_sources(answers: Answers) -> Iterator[tuple[Source, dict[str, object], Mapping[str, str]]]:
    """Take the one form about sun and battery apart: each source, its configuration, its fields in that form."""
    for entity_id in answers.get("solar", []):
        source = SOURCES["solar_entities"]
        yield source, config_of(source, {"power": entity_id}), {"power": "solar"}
    if power := answers.get("battery_power"):
        source = SOURCES["battery_entities"]
        given = {"power": power, "soc": answers.get("battery_soc"), CONF_INVERT: answers.get("battery_invert")}
        yield source, config_of(source, given), {"power": "battery_power", "soc": "battery_soc"}
    if host := answers.get(CONF_HOST):
        source = SOURCES["solar_sunspec"]
        given = {CONF_HOST: host, CONF_PORT: answers.get(CONF_PORT), CONF_UNIT: answers.get(CONF_UNIT)}
        yield source, config_of(source, given), {"base": CONF_HOST}


def config_of(source: Source, answers: Answers) -> dict[str, object]:
    """Make of a form's answers what a meter's subentry keeps."""
    given = {key: value for key, value in flat(answers).items() if value not in (None, "")}
    given = whole(given, CONF_PORT, CONF_UNIT)
    if source.kind != "entities":
        return {CONF_KIND: source.kind, **given}
    invert = bool(given.pop(CONF_INVERT, False))
    return {CONF_KIND: source.kind, CONF_ENTITIES: given, CONF_INVERT: invert}


def entities_of(config: Mapping[str, object]) -> dict[str, str]:
    """The entities that a meter is made of; none where it is a device."""
    entities = config.get(CONF_ENTITIES)
    return dict(entities) if isinstance(entities, Mapping) else {}


def answers_of(data: Mapping[str, object]) -> Answers:
    """Turn what a subentry keeps back into the fields of its form."""
    return {**data, **entities_of(data)}


@dataclass(frozen=True, slots=True)
class FoundMeter:
    """A meter that may be taken: where it is and who answered there."""

    source: Source
    config: Mapping[str, object]
    probed: ProbedMeter
    title: str
    unique_id: str | None

    @property
    def sign(self) -> int:
        return -1 if self.config.get(CONF_INVERT) else 1

    def subentry(self) -> ConfigSubentryData:
        return subentry_of(SUBENTRY_OF_ROLE[self.source.role], self.title, self.config, self.unique_id)


class MeterQuestions[C: FlowContext, R: FlowResult[Any, Any], H](Questions[C, R, H]):
    """The steps that connect a meter. Where they lead to, the flow says in `metered`."""

    known: Known
    meter: FoundMeter

    async def metered(self) -> R:
        """Go on with the meter that was found."""
        raise NotImplementedError

    async def connect_meter(self, step: str, answers: Answers | None = None) -> R:
        source = SOURCES[step]
        errors: dict[str, str] = {}
        if answers is not None or not source.form.schema:
            with told(errors):
                self.meter = await self.try_meter(source, self._config(source, answers or {}))
            if not errors:
                return await (self._check() if source.role == GRID else self.metered())
        return self.ask(step, source.form, self._likely_meter(step) if answers is None else flat(answers), errors)

    def _config(self, source: Source, answers: Answers) -> dict[str, object]:
        """Keep the sign of a grid meter, which has a question of its own and no field."""
        config = config_of(source, answers)
        if source.role != GRID:
            return config
        if self.renews:
            return {**config, CONF_INVERT: bool(self.renews.data.get(CONF_INVERT))}
        known = self.known.grid
        is_known = "power" in known and entities_of(config).get("power") == known["power"]
        return {**config, CONF_INVERT: is_known and bool(known.get(CONF_INVERT))}

    def _likely_meter(self, step: str) -> Mapping[str, object]:
        if self.renews:
            return answers_of(self.renews.data)
        if step == "grid_homewizard" and self.known.homewizard:
            return {CONF_HOST: self.known.homewizard}
        return self.known.grid if step == "grid_entities" else {}

    async def try_meter(self, source: Source, config: Mapping[str, object]) -> FoundMeter:
        """Read a meter once; raises `Unfit` or a `DeviceError`."""
        if source.kind == "entities":
            self._look_at_sources(source, config)
        probed = await probe_meter(self.hass, source.role, config, self.site.phases)
        unique_id = meter_id(source, config, probed)
        for _, subentry in equipment(self.hass, SUBENTRY_OF_ROLE[source.role]):
            if unique_id and subentry.unique_id == unique_id and subentry != self.renews:
                raise Unfit("already_configured")
        return FoundMeter(source, config, probed, self._title(config, probed), unique_id)

    def _look_at_sources(self, source: Source, config: Mapping[str, object]) -> None:
        entities = entities_of(config)
        # A fuse is kept by its currents: of a circuit nothing else has to be known.
        enough = {f"current_l{phase}" for phase in range(1, self.site.phases + 1)} if CONF_CIRCUIT in config else None
        if not entities.keys() & {"power", "import", "l1"} and (enough is None or not entities.keys() >= enough):
            raise Unfit("no_power_chosen")
        for field, entity_id in entities.items():
            look_at(self.hass, field, entity_id, awake=source.role == GRID)

    def _title(self, config: Mapping[str, object], probed: ProbedMeter) -> str:
        first = next(iter(entities_of(config).values()), "")
        if state := self.hass.states.get(first):
            return state.name
        return f"{probed.identity.maker} {probed.identity.model}".strip()

    async def _check(self) -> R:
        """Show what the grid meter reads now, in the words for buying or for selling."""
        importing = self.meter.sign * self.meter.probed.measurement.power >= 0
        return await (self.async_step_grid_import() if importing else self.async_step_grid_export())

    async def async_step_grid_import(self, answers: Answers | None = None) -> R:
        return await self._confirm_reading("grid_import", answers)

    async def async_step_grid_export(self, answers: Answers | None = None) -> R:
        return await self._confirm_reading("grid_export", answers)

    async def _confirm_reading(self, step: str, answers: Answers | None) -> R:
        errors: dict[str, str] = {}
        if answers is not None and answers[ANSWER] == "again":
            with told(errors):
                self.meter = await self.try_meter(self.meter.source, self.meter.config)
            if not errors:
                return await self._check()
        elif answers is not None:
            self.meter = _facing(self.meter, turned=answers[ANSWER] == "inverted")
            return await self.metered()
        elif self.site.phases == 3 and self.meter.probed.measurement.currents is None:
            errors["base"] = "total_power_only"
        return self.ask(step, CHECK_FORM, {ANSWER: "right"}, errors, **_in_words(self.meter))


def meter_id(source: Source, config: Mapping[str, object], probed: ProbedMeter) -> str | None:
    """Tell two meters apart by their serial, or else by where they are."""
    if entities := entities_of(config):
        return f"entities_{next(iter(entities.values()))}"
    where = probed.identity.serial or config.get(CONF_HOST) or config.get(CONF_SERIAL_PORT)
    return f"{source.kind}_{where}" if where else None


def _facing(meter: FoundMeter, *, turned: bool) -> FoundMeter:
    """Return the meter with its sign as it is, or turned round."""
    inverted = bool(meter.config.get(CONF_INVERT)) != turned
    return replace(meter, config={**meter.config, CONF_INVERT: inverted})


def _in_words(meter: FoundMeter) -> dict[str, str]:
    """Write what the meter reads, seen from the house: a meter that was turned round reads the other way."""
    reading, sign = meter.probed.measurement, meter.sign
    lines = [f"L{line} {watts(sign * value)}" for line, value in zip("123", reading.powers or (), strict=False)]
    if not lines:
        lines = [f"L{line} {sign * value:.1f} A" for line, value in zip("123", reading.currents or (), strict=False)]
    return {"power": watts(abs(reading.power)), "phases": ", ".join(lines) or "–"}


def watts(power: float) -> str:
    """Write a power as people read it: 1 240 W."""
    return f"{power:,.0f} W".replace(",", "\u202f")


for _step in SOURCES:
    setattr(MeterQuestions, f"async_step_{_step}", partialmethod(MeterQuestions.connect_meter, _step))
