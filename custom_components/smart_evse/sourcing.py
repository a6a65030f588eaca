"""Where the energy of a site's cars comes from, beat by beat, and what its home battery holds."""

from collections.abc import Callable
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .booked_prices import BookedPrices
from .const import SUBENTRY_BATTERY, SUBENTRY_INVERTER
from .engine.model import ConnectorReading, PowerReading, Snapshot
from .engine.sessions.sources import Mix, Shares, Stored, Worth, carried, split
from .site_options import battery_settings

_FRESH = 30.0
"""A grid sample or a connector's reading that is older says nothing of now, in s."""

_SLOW = 150.0
"""Nor does what inverters and batteries say, which are asked less often, in s."""


class Sourcing:
    """Follows what flows. `keep` is handed what the battery holds whenever it changes."""

    def __init__(
        self, entry: ConfigEntry[Any], prices: BookedPrices, stored: Stored, keep: Callable[[Stored], None]
    ) -> None:
        kinds = {subentry.subentry_type for subentry in entry.subentries.values()}
        self._has_sun = SUBENTRY_INVERTER in kinds
        self._has_battery = SUBENTRY_BATTERY in kinds
        self._capacity = battery_settings(entry).capacity
        self._prices = prices
        self._stored = stored
        self._keep = keep
        self._looked: float | None = None
        self.shares: Shares | None = None

    @property
    def mix(self) -> Mix | None:
        """What comes out of the battery."""
        return self._stored.mix if self._has_battery else None

    def saw(self, snapshot: Snapshot) -> None:
        """Take notice of what flows now."""
        before, self._looked = self._looked, snapshot.now
        flows = split(
            solar=_power(snapshot.solar, snapshot.now) if self._has_sun else 0.0,
            battery=_power(snapshot.battery, snapshot.now) if self._has_battery else 0.0,
            grid=_grid(snapshot),
            connectors=[_taken(reading, snapshot.now) for _, reading in snapshot.connectors],
        )
        self.shares = flows.shares
        if not self._has_battery or before is None:
            return
        booked = self._prices.at(snapshot.utc)
        self._stored = carried(
            self._stored,
            flows,
            Worth(
                bought=None if booked.bought is None else float(booked.bought),
                sold=None if booked.sold is None else float(booked.sold),
            ),
            seconds=snapshot.now - before,
            content=self._content(snapshot),
        )
        self._keep(self._stored)

    def _content(self, snapshot: Snapshot) -> float | None:
        """Return what the battery says is in it, in Wh."""
        charge = None if snapshot.battery is None else snapshot.battery.soc
        return None if charge is None or self._capacity is None else self._capacity * charge / 100


def _grid(snapshot: Snapshot) -> float | None:
    grid = snapshot.grid
    return None if grid is None or snapshot.now - grid.at > _FRESH else grid.power


def _power(reading: PowerReading | None, now: float) -> float | None:
    return None if reading is None or now - reading.at > _SLOW else reading.power


def _taken(reading: ConnectorReading, now: float) -> float | None:
    """Return what a connector takes in W; without a car that is nothing, whatever its meter says."""
    if reading.state is not None and not reading.state.plugged and not reading.state.faulty:
        return 0.0
    return None if now - reading.at > _FRESH else reading.power
