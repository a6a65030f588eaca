"""What is known of a connector at the moment of a reading: the time, what a kWh costs, who charges, which car."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
import math
import secrets
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .booked_prices import BookedPrices
from .configuration import Connector
from .const import (
    CONF_CO2_ENTITY,
    CONF_ENERGY_ENTITY,
    CONF_FUSE,
    CONF_ODOMETER_ENTITY,
    CONF_PHASES,
    CONF_SOC_ENTITY,
    SUBENTRY_VEHICLE,
)
from .engine.model import VOLTAGE, ConnectorReading, Snapshot
from .engine.sessions.moment import FASTEST, Identity, Moment, moment_of
from .engine.sessions.sources import Stored
from .links.states import EntityPort, EntityState
from .sourcing import Sourcing
from .store import SiteStore

_KILOMETRES: Final[Mapping[str, float]] = {"km": 1.0, "mi": 1.609344, "m": 0.001}
_GRAMS: Final[Mapping[str, float]] = {"gCO2eq/kWh": 1.0, "g/kWh": 1.0, "gCO2/kWh": 1.0, "kg/kWh": 1000.0, "kg/MWh": 1.0}
_WATT_HOURS: Final[Mapping[str, float]] = {"kWh": 1000.0, "Wh": 1.0, "MWh": 1_000_000.0}
_PHASES = 3
_VOLTS = 260.0
"""There is never more on a phase."""


_STALE = 60.0
"""A meter that has said nothing for so many s tells nothing of the demand."""

_RARELY = 600.0
"""What the battery holds is on disk this soon, in s."""


class Moments:
    """Puts together what a session is followed by. `identify` says who is at a connector.

    `demand` is the share (0 to 1) that is imported of all that the main fuse lets through, as of the last beat.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (everything that a moment is made of)
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        states: EntityPort,
        prices: BookedPrices,
        sourcing: Sourcing,
        identify: Callable[[Connector, ConnectorReading], Identity],
    ) -> None:
        self._hass = hass
        self._states = states
        self.prices = prices
        self._sourcing = sourcing
        subentries = entry.subentries.items()
        self._vehicles = {key: sub.data for key, sub in subentries if sub.subentry_type == SUBENTRY_VEHICLE}
        self._identify = identify
        self._co2: str | None = entry.options.get(CONF_CO2_ENTITY)
        self._most = float(entry.data[CONF_FUSE]) * int(entry.data[CONF_PHASES]) * VOLTAGE
        self.demand: float | None = None
        self._run = secrets.token_hex(8)

    def look(self, snapshot: Snapshot) -> None:
        """Take notice of a beat, before the moments of its readings are made."""
        self._sourcing.saw(snapshot)
        grid = snapshot.grid
        fresh = grid is not None and snapshot.now - grid.at <= _STALE
        self.demand = round(min(1.0, max(0.0, grid.power / self._most)), 4) if grid is not None and fresh else None

    def moment(self, connector: Connector, reading: ConnectorReading, snapshot: Snapshot) -> Moment:
        """Return what a reading says and what held while it was taken."""
        at = snapshot.utc - timedelta(seconds=snapshot.now - reading.at)
        booked, identity = self.prices.at(at), self._identify(connector, reading)
        car: Mapping[str, Any] = self._vehicles.get(identity.vehicle or "", {})
        return replace(
            moment_of(connector.id, reading, snapshot, run=self._run),
            at=at,
            now=reading.at,
            most=_most(connector),
            shares=self._sourcing.shares,
            mix=self._sourcing.mix,
            import_price=booked.bought,
            export_price=booked.sold,
            currency=self._hass.config.currency if self.prices.known else None,
            co2=self._figure(self._co2, _GRAMS),
            demand=self.demand,
            soc=reading.soc if reading.soc is not None else self._figure(car.get(CONF_SOC_ENTITY), {"%": 1.0}),
            vehicle_energy=self._energy(car.get(CONF_ENERGY_ENTITY)),
            odometer=self._figure(car.get(CONF_ODOMETER_ENTITY), _KILOMETRES),
            identity=identity,
        )

    def _energy(self, entity_id: str | None) -> float | None:
        """Return what a car has counted in Wh; a number without a unit is no energy."""
        state = self._states.get(entity_id) if entity_id else None
        return None if state is None or not state.unit else _figure(state, _WATT_HOURS)

    def _figure(self, entity_id: str | None, units: Mapping[str, float]) -> float | None:
        """Return what an entity says in the first of these units; one without a unit is taken to mean that."""
        state = self._states.get(entity_id) if entity_id else None
        return None if state is None else _figure(state, units)


def site_moments(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    store: SiteStore,
    states: EntityPort,
    identify: Callable[[Connector, ConnectorReading], Identity],
) -> Moments:
    """Return what the moments of a site are made of."""
    prices = BookedPrices(entry.options, lambda: store.learned.site, dt_util.get_default_time_zone())
    journal = store.journal

    def keep(stored: Stored) -> None:
        journal.stored = stored
        journal.save_within(_RARELY)

    return Moments(hass, entry, states, prices, Sourcing(entry, prices, journal.stored, keep), identify)


def _figure(state: EntityState, units: Mapping[str, float]) -> float | None:
    factor = units.get(state.unit) if state.unit else 1.0
    if factor is None or not state.known:
        return None
    try:
        value = float(state.value) * factor
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _most(connector: Connector) -> float:
    """Return the most that a connector can move, in W: a register that runs faster has been swapped or reset."""
    if connector.traits.dc:
        return FASTEST
    return max(32.0, connector.traits.max_current) * _PHASES * _VOLTS
