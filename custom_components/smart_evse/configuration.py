"""From what was configured and what is set from the dashboard to the engine's settings."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .chargers.port import Identity, Traits
from .const import (
    CONF_CABLE_CURRENT,
    CONF_CIRCUIT,
    CONF_EXPORT_LIMIT,
    CONF_FUSE,
    CONF_HOUSE_MAXIMUM,
    CONF_LIMIT,
    CONF_MARGIN,
    CONF_MAX_CURRENT,
    CONF_MIN_CURRENT,
    CONF_PARENT,
    CONF_PHASE_MAP,
    CONF_PHASES,
    CONF_RESERVE_SOC,
    CONF_RISE_HOLD,
    CONF_UNGUARDED,
    CONF_VEHICLE,
    CONF_VOLTAGE,
    SUBENTRY_CIRCUIT,
    SUBENTRY_INVERTER,
    SUBENTRY_VEHICLE,
)
from .engine.fallback import with_fallbacks
from .engine.model import (
    VOLTAGE,
    Circuit,
    ConnectorId,
    ConnectorSettings,
    Mode,
    Override,
    SiteSettings,
    VehicleSettings,
)
from .store import Chosen

type Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """An outlet as it was configured. `phase_map` names the grid phase (0 to 2) behind each of its own.

    `guarded` says that the charger's own watchdog reduces it when we stop, as far as is known.
    """

    id: ConnectorId
    subentry_id: str
    outlet: int
    name: str
    traits: Traits
    data: Data
    phase_map: tuple[int, ...]
    identity: Identity | None = None
    phase_switching: bool = False
    guarded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A connector's settings on the dashboard as they hold: currents in A, energy in Wh."""

    mode: Mode
    override: Override | None
    min_current: float
    max_current: float
    mode_after_unplug: Mode | None
    stop_after: float | None


def live_settings(item: Connector, chosen: Chosen) -> Live:
    """Return what holds: what was chosen, within what charger, wiring and owner allow."""
    told = None if item.identity is None else item.identity.max_current
    rated = min(filter(None, (item.traits.max_current, item.data.get(CONF_MAX_CURRENT), told)))
    least = max(filter(None, (item.traits.min_current, item.data.get(CONF_MIN_CURRENT))))
    return Live(
        mode=chosen.mode,
        override=chosen.override,
        min_current=max(least, chosen.min_current or 0.0),
        max_current=float(min(rated, chosen.max_current or rated)),
        mode_after_unplug=chosen.mode_after_unplug,
        stop_after=chosen.stop_after,
    )


def phase_map(data: Data, site_phases: int) -> tuple[int, ...]:
    """Read a rotation such as "231": the grid phase behind each phase of the charger."""
    digits = str(data.get(CONF_PHASE_MAP) or ("123" if site_phases == 3 else "1"))
    return tuple(int(digit) - 1 for digit in digits)


def site_settings(
    entry: ConfigEntry[Any],
    connectors: Iterable[Connector],
    chosen: Mapping[ConnectorId, Chosen],
    *,
    grid_max_age: float,
    energy: Mapping[ConnectorId, float],
) -> SiteSettings:
    """Make the engine's settings. `energy` is what each running session has taken, in Wh."""
    known = tuple(connectors)
    vehicles = {key: sub.data for key, sub in entry.subentries.items() if sub.subentry_type == SUBENTRY_VEHICLE}
    options, fuse = entry.options, float(entry.data[CONF_FUSE])
    settings = SiteSettings(
        fuse=fuse,
        phases=int(entry.data[CONF_PHASES]),
        margin=float(options.get(CONF_MARGIN, 1.0)),
        rise_hold=float(options.get(CONF_RISE_HOLD, 30.0)),
        export_limit=options.get(CONF_EXPORT_LIMIT),
        voltage=float(options.get(CONF_VOLTAGE, VOLTAGE)),
        grid_max_age=grid_max_age,
        circuits=tuple(_circuits(entry)),
        has_sun=any(sub.subentry_type == SUBENTRY_INVERTER for sub in entry.subentries.values()),
        connectors=tuple(
            _connector(connector, chosen.get(connector.id, Chosen()), vehicles, energy.get(connector.id, 0.0))
            for connector in known
        ),
    )
    unguarded = (item.id for item in known if not item.guarded and not item.data.get(CONF_UNGUARDED))
    return with_fallbacks(settings, float(options.get(CONF_HOUSE_MAXIMUM) or fuse), unguarded)


def _connector(item: Connector, chosen: Chosen, vehicles: Mapping[str, Data], taken: float) -> ConnectorSettings:
    traits, data, live = item.traits, item.data, live_settings(item, chosen)
    return ConnectorSettings(
        id=item.id,
        phase_map=item.phase_map,
        dc=traits.dc,
        min_current=live.min_current,
        max_current=live.max_current,
        cable_current=data.get(CONF_CABLE_CURRENT),
        max_discharge=live.max_current if traits.bidirectional else 0.0,
        step=traits.step,
        settle=traits.settle,
        max_age=traits.max_age or max(15.0, 5 * traits.cadence),
        phase_switching=item.phase_switching,
        circuit=data.get(CONF_CIRCUIT),
        reserve_soc=float(data.get(CONF_RESERVE_SOC, 30.0)),
        mode=live.mode,
        override=live.override,
        vehicle=_vehicle(vehicles.get(data.get(CONF_VEHICLE, ""))),
        energy_left=None if live.stop_after is None else live.stop_after - taken,
    )


def _circuits(entry: ConfigEntry[Any]) -> Iterator[Circuit]:
    for key, sub in entry.subentries.items():
        if sub.subentry_type == SUBENTRY_CIRCUIT:
            yield Circuit(id=key, name=sub.title, limit=float(sub.data[CONF_LIMIT]), parent=sub.data.get(CONF_PARENT))


def _vehicle(data: Data | None) -> VehicleSettings:
    if data is None:
        return VehicleSettings()
    phases = data.get(CONF_PHASES)
    return VehicleSettings(
        max_current=data.get(CONF_MAX_CURRENT),
        min_current=data.get(CONF_MIN_CURRENT),
        phases=None if phases is None else int(phases),
    )
