"""What else is around a site: whether the grid is there, by an entity or by its frequency."""

from collections.abc import Mapping
from typing import Any

from .const import CONF_FREQUENCY_ENTITY, CONF_OFF_GRID_ENTITY
from .engine.model import GridReading
from .links.meter import MeterLine
from .links.states import EntityPort

_FREQUENCY_AGE = 300.0
"""How old the frequency of the grid may be, in s: integrations of inverters are slow."""


class Surroundings:
    """The entities that tell whether the house is off-grid."""

    def __init__(self, states: EntityPort, options: Mapping[str, Any]) -> None:
        self._states = states
        self._off_grid: str | None = options.get(CONF_OFF_GRID_ENTITY)
        self._frequency: str | None = options.get(CONF_FREQUENCY_ENTITY)

    @property
    def off_grid(self) -> bool | None:
        """Whether an inverter or a generator carries the house, `None` where nobody says."""
        state = self._states.get(self._off_grid) if self._off_grid else None
        return None if state is None else {"on": True, "off": False}.get(state.value)

    @property
    def frequency(self) -> float | None:
        """The grid's frequency in Hz; one that was not reported lately says nothing of now."""
        state = self._states.get(self._frequency) if self._frequency else None
        if state is None or not state.known or state.ago > _FREQUENCY_AGE:
            return None
        try:
            return float(state.value)
        except ValueError:
            return None


def grid_reading(line: MeterLine) -> GridReading | None:
    """Return what a meter of the grid connection or of a circuit read last."""
    if line.latest is None or line.at is None:
        return None
    sample = line.latest
    return GridReading(
        # A source that repeats itself says nothing of now, however often it says it.
        at=line.cadence.varied_at if line.cadence.frozen else line.at,
        power=sample.power,
        currents=sample.currents,
        powers=sample.powers,
        voltages=sample.voltages,
        quarter_hour_average=sample.quarter_hour_average,
        month_peak=sample.month_peak,
    )
