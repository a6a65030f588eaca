"""The questions about a meter: of the grid connection, or of a circuit below it."""

from collections.abc import Mapping
from typing import override

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry, SubentryFlowResult
import voluptuous as vol

from ..const import CONF_CIRCUIT, CONF_INVERT, SUBENTRY_CIRCUIT, SUBENTRY_METER
from ..meters import GRID
from ..meters.port import Measurement, MeterIdentity
from .equipment import MeasuringFlow
from .fields import Answers, named
from .meters import FoundMeter, Source
from .probe import ProbedMeter
from .questions import named_equipment


class GridFlow(MeasuringFlow):
    """A grid connection has one meter, and so has each circuit that has a fuse of its own."""

    role = GRID

    _circuit: str | None = None
    """The circuit that the meter is for, `None` for the grid connection."""

    @override
    async def async_step_user(self, answers: Answers | None = None) -> SubentryFlowResult:
        """Ask what is to be measured, where there is a choice."""
        metered = {sub.data.get(CONF_CIRCUIT) for sub in self._meters()}
        circuits = named_equipment(self._get_entry(), SUBENTRY_CIRCUIT)
        free = {key: name for key, name in circuits.items() if key not in metered}
        if free:
            return await self.async_step_place(None, free, needed=None in metered)
        if None in metered:
            return self.async_abort(reason="meter_exists")
        return await self.offer()

    async def async_step_place(
        self, answers: Answers | None = None, free: Mapping[str, str] | None = None, *, needed: bool = False
    ) -> SubentryFlowResult:
        """Ask which circuit the meter measures; the grid connection where none is named."""
        if answers is not None:
            self._circuit = answers.get(CONF_CIRCUIT)
            return await self.offer()
        marker = vol.Required if needed else vol.Optional
        return self.ask("place", vol.Schema({marker(CONF_CIRCUIT): named(free or {})}))

    @override
    async def async_step_reconfigure(self, answers: Answers | None = None) -> SubentryFlowResult:
        self._circuit = self._get_reconfigure_subentry().data.get(CONF_CIRCUIT)
        return await super().async_step_reconfigure(answers)

    @override
    async def try_meter(self, source: Source, config: Mapping[str, object]) -> FoundMeter:
        """Take the running site's own reading while the connection stays: many meters serve one client."""
        if self._circuit is not None:
            config = {**config, CONF_CIRCUIT: self._circuit}
        present, reading = self.present, self._reading()
        if present is None or reading is None or {**config, CONF_INVERT: 0} != {**present.data, CONF_INVERT: 0}:
            return await super().try_meter(source, config)
        probed = ProbedMeter(MeterIdentity(maker="", model=present.title), reading)
        return FoundMeter(source, present.data, probed, present.title, present.unique_id)

    def _meters(self) -> list[ConfigSubentry]:
        return [sub for sub in self._get_entry().subentries.values() if sub.subentry_type == SUBENTRY_METER]

    def _reading(self) -> Measurement | None:
        """What the running site reads, with the sign that the meter itself has."""
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return None
        snapshot = entry.runtime_data.data.snapshot
        read = snapshot.grid if self._circuit is None else dict(snapshot.circuits).get(self._circuit)
        if read is None:
            return None
        sign = -1 if self.present and self.present.data.get(CONF_INVERT) else 1
        currents, powers = (value and value.map(lambda one: sign * one) for value in (read.currents, read.powers))
        return Measurement(power=sign * read.power, currents=currents, powers=powers)
