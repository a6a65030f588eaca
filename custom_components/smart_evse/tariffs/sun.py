"""The sun that others forecast: integrations that tell Home Assistant's energy dashboard, or entities of them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final

from ..engine.forecast.series import Series, Span
from ..links.errors import DeviceError, Silent
from ..links.states import EntityPort, EntityState
from .lists import Reader, Words, figure, moment
from .port import SolarForecasts
from .sums import total

SUN: Final = Words(
    attributes=(
        "detailedForecast",
        "detailed_forecast",
        "detailedHourly",
        "watts",
        "wh_period",
        "forecast",
        "forecasts",
    ),
    values={
        "pv_estimate": 1000.0,
        "p_pv_forecast": 1.0,
        "watts": 1.0,
        "power": None,
        "value": None,
    },
)
"""Solcast gives kW over half hours, forecast.solar and Open-Meteo `watts` by their time."""

_HOUR = timedelta(hours=1)
_KILO = {"kW": 1000.0, "kWh": 1000.0, "MW": 1e6}


class PlatformSun:
    """The forecasts of integrations with an energy platform, each for its own roofs, added up."""

    watched: frozenset[str] = frozenset()

    def __init__(self, port: SolarForecasts, entry_ids: Collection[str], zone: tzinfo) -> None:
        self._port = port
        self._entry_ids = tuple(entry_ids)
        self._zone = zone

    async def fetch(self, now: datetime) -> Series:
        """Return the mean powers in W; `Silent` when no integration has a forecast."""
        found = []
        for entry_id in self._entry_ids:
            try:
                found.append(hourly(await self._port.wh_hours(entry_id), self._zone))
            except DeviceError:
                continue
        known = [one for one in found if one.spans]
        # A roof left out would be taken for one in the shade.
        if not known or len(known) < len(self._entry_ids):
            raise Silent(f"{len(self._entry_ids) - len(known)} of {len(self._entry_ids)} forecasts say nothing")
        return total(known)


class EntitySun:
    """The forecasts that entities carry in their attributes: of one roof for each entity, or of one day."""

    def __init__(self, port: EntityPort, entity_ids: Collection[str], zone: tzinfo) -> None:
        self._port = port
        self._entity_ids = tuple(entity_ids)
        self._zone = zone

    @property
    def watched(self) -> frozenset[str]:
        """The entities whose reports are news of the sun."""
        return frozenset(self._entity_ids)

    async def fetch(self, now: datetime) -> Series:
        """Return the mean powers in W; `Silent` when no entity has a forecast."""
        states = [state for entity_id in self._entity_ids if (state := self._port.get(entity_id)) is not None]
        known = [one for state in states if (one := self._of(state, now)).spans]
        if not known:
            raise Silent(f"no forecast in {', '.join(self._entity_ids)}")
        return total(known)

    def _of(self, state: EntityState, now: datetime) -> Series:
        if isinstance(energies := state.attributes.get("wh_period"), Mapping) and "watts" not in state.attributes:
            return hourly(energies, self._zone)
        unit = _KILO.get(state.unit or "", 1.0)
        return Reader(words=SUN, unit=unit, zone=self._zone).read(state.attributes, now)


def hourly(energies: Mapping[str, object], zone: tzinfo) -> Series:
    """Turn the Wh from each time to the next one, or of an hour at most, into a mean power in W."""
    points = sorted(
        (at, energy)
        for key, value in energies.items()
        if (at := moment(key, zone)) is not None and (energy := figure(value)) is not None
    )
    ends = [min(later, earlier + _HOUR) for (earlier, _), (later, _) in pairwise(points)]
    lasts = [end - start for (start, _), end in zip(points, ends, strict=False)]
    last = [points[-1][0] + (lasts or [_HOUR])[-1]] if points else []
    return Series.of(
        Span(start, end, max(0.0, energy) / ((end - start) / _HOUR))
        for (start, energy), end in zip(points, [*ends, *last], strict=True)
        if end > start
    )
