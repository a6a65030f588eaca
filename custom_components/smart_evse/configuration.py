"""From what was configured and what is set from the dashboard to the engine's settings.

What the keys of `const.py` hold, with their units; what is missing has the default named last.

Site options, of money and the days ahead:
    price_kind            "none", "entities" or "fixed" (`PriceKind`); none
    price_entities        list of entity ids that tell market prices, together (today's and tomorrow's may be two)
    price_factor          market price times this; 1
    price_add             currency per kWh on top, or the fixed price itself; 0
    price_vat             % on all of it; 0
    price_bands           list of {"start": "22:00", "end": "07:00", "weekdays": [0 (Monday) to 6], "add": per kWh}
    export_kind           "none", "same" (the import's market), "entities" or "fixed"; none
    export_entities, export_factor, export_add, export_vat   as above, for what is fed in
    slot_minutes          length of a tariff slot in min: 15, 30 or 60; 15
    sun_forecasts         list of config entry ids with an energy platform; those of Home Assistant's energy dashboard
    sun_entities          list of entity ids with a forecast in their attributes; beside or instead of those
Site options, of what holds for all:
    lenient               bool: the main fuse is a gG one and may be used as its curve allows; no
    unbalance_limit       A between two phases; none
    backup_limit          W that the inverter carries off-grid; none
    off_grid_charging     bool: cars may charge off-grid; no
    off_grid_entity       binary_sensor or switch that is on while the house is off-grid
    frequency_entity      sensor in Hz
    grid_operator_entity  binary_sensor or switch: on while the operator dims; sensor or number: the limit in W
    demand_response_entity  the same for a demand response event; on without a figure stops everything
    capacity_tariff       name of a preset (`engine/capacity_presets.py`) or the fields of `CapacityTariff`; none
    capacity_price        currency for each kW and month, instead of the tariff's own
    curtailed_above       W of feed-in above which the sun is wasted; none
    sun_sharing           "priority", "proportional" or "turns" (`SunSharing`); priority
    sun_bias              "never_import", "balanced" or "never_export" (`SunBias`); balanced
    battery_policy        "car_first", "battery_first", "battery_until" or "both" (`BatteryPolicy`); car_first
    battery_until         % that belongs to battery_until; 80
    battery_feeds_car     bool: the home battery may charge the car; no
Battery:   capacity kWh, charge_power W, discharge_power W, efficiency % there and back; 90. The first that says so has
           battery_policy, battery_until and battery_feeds_car for all of them, before the site options
Circuit:   others A that anything but chargers draws on it at most; 0
Meter:     circuit: id of the circuit that this meter measures, instead of the grid connection
Vehicle:   capacity kWh, consumption kWh per 100 km, soc_entity sensor in %, calendar entity id of departures,
           miss_price currency per kWh missing at departure (twice the highest price), slack min before departure (15),
           precondition_power W at the wall and precondition_time min before departure (0); where nobody chose on the
           dashboard target_soc % (80), minimum_soc %, limit_soc %, reserve_soc % (the charger's), reserve_km and
           departures, a list of {"at": "07:30:00", "weekdays": [0 (Monday) to 6]}
Charger:   mode to begin with, cheap_price currency per kWh where nobody chose one, auto_phases bool (no), priority (0;
           higher goes first), weight (1), starts_per_day, switches_per_day, reserve_soc % (30), wear_price currency
           per kWh (0.05), giving_ceiling W of grid import (0), giving_minimum W (300), dead_time s (10), may_export
           bool (no), grid_forming bool (no), backup_soc % (0)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .chargers.port import Identity, Traits
from .const import (
    CONF_AUTO_PHASES,
    CONF_BACKUP_LIMIT,
    CONF_BACKUP_SOC,
    CONF_CABLE_CURRENT,
    CONF_CAPACITY,
    CONF_CHEAP_PRICE,
    CONF_CIRCUIT,
    CONF_CONSUMPTION,
    CONF_CURTAILED_ABOVE,
    CONF_DEAD_TIME,
    CONF_EXPORT_LIMIT,
    CONF_FUSE,
    CONF_GIVING_CEILING,
    CONF_GIVING_MINIMUM,
    CONF_GRID_FORMING,
    CONF_HOUSE_MAXIMUM,
    CONF_LENIENT,
    CONF_MARGIN,
    CONF_MAX_CURRENT,
    CONF_MAY_EXPORT,
    CONF_MIN_CURRENT,
    CONF_OFF_GRID_CHARGING,
    CONF_PHASE_MAP,
    CONF_PHASES,
    CONF_PRIORITY,
    CONF_REACTION_TIME,
    CONF_RESERVE_KM,
    CONF_RESERVE_SOC,
    CONF_RISE_HOLD,
    CONF_STARTS_PER_DAY,
    CONF_SUN_BIAS,
    CONF_SUN_SHARING,
    CONF_SWITCHES_PER_DAY,
    CONF_UNBALANCE_LIMIT,
    CONF_UNGUARDED,
    CONF_VEHICLE,
    CONF_VOLTAGE,
    CONF_WEAR_PRICE,
    CONF_WEIGHT,
    SUBENTRY_INVERTER,
    SUBENTRY_VEHICLE,
)
from .engine.access.model import Verdict
from .engine.fallback import with_fallbacks
from .engine.model import (
    VOLTAGE,
    ConnectorId,
    ConnectorSettings,
    Mode,
    Override,
    SiteSettings,
    SolarSettings,
    VehicleSettings,
)
from .engine.settings import GivingSettings, GridOrder, SunBias, SunSharing
from .site_options import battery_settings, capacity_tariff, circuits
from .store import Chosen, SiteChosen
from .usual import as_configured

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds just now beside the configuration.

    Ages in s are those at which samples of the grid meter and of each circuit's own meter are too old to act on.
    `energy` is what each running session has taken, in Wh. `orders` are the limits that entities tell,
    `access` says who may charge.
    """

    grid_max_age: float = 10.0
    circuit_max_age: Mapping[str, float] = field(default_factory=dict)
    energy: Mapping[ConnectorId, float] = field(default_factory=dict)
    site: SiteChosen = field(default_factory=SiteChosen)
    orders: tuple[GridOrder, ...] = ()
    access: Mapping[ConnectorId, Verdict] = field(default_factory=dict)
    zone: str = "UTC"


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
    standing: Standing,
) -> SiteSettings:
    """Make the engine's settings."""
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
        grid_max_age=standing.grid_max_age,
        circuits=tuple(circuits(entry, standing.circuit_max_age)),
        has_sun=any(sub.subentry_type == SUBENTRY_INVERTER for sub in entry.subentries.values()),
        lenient=bool(options.get(CONF_LENIENT, False)),
        unbalance_limit=options.get(CONF_UNBALANCE_LIMIT),
        backup_limit=options.get(CONF_BACKUP_LIMIT),
        off_grid_charging=bool(options.get(CONF_OFF_GRID_CHARGING, False)),
        orders=(*standing.site.orders, *standing.orders),
        capacity=capacity_tariff(options, standing.zone),
        may_set_new_peak=standing.site.may_set_new_peak,
        accepted_peak=standing.site.accepted_peak,
        curtailed_above=options.get(CONF_CURTAILED_ABOVE),
        battery=battery_settings(entry),
        sun_sharing=SunSharing(options.get(CONF_SUN_SHARING, SunSharing.PRIORITY)),
        sun_bias=SunBias(options.get(CONF_SUN_BIAS, SunBias.BALANCED)),
        connectors=tuple(
            _connector(connector, chosen.get(connector.id, Chosen()), vehicles, standing) for connector in known
        ),
    )
    unguarded = (item.id for item in known if not item.guarded and not item.data.get(CONF_UNGUARDED))
    return with_fallbacks(settings, float(options.get(CONF_HOUSE_MAXIMUM) or fuse), unguarded)


def _connector(item: Connector, chosen: Chosen, vehicles: Mapping[str, Data], standing: Standing) -> ConnectorSettings:
    traits, data, live = item.traits, item.data, live_settings(item, chosen)
    car = vehicles.get(data.get(CONF_VEHICLE, ""), {})
    chosen = as_configured(chosen, car)
    reserve = chosen.reserve_soc if chosen.reserve_soc is not None else data.get(CONF_RESERVE_SOC, 30.0)
    return ConnectorSettings(
        id=item.id,
        phase_map=item.phase_map,
        dc=traits.dc,
        min_current=live.min_current,
        max_current=live.max_current,
        cable_current=data.get(CONF_CABLE_CURRENT),
        max_discharge=live.max_current if traits.bidirectional else 0.0,
        step=traits.step,
        settle=float(data.get(CONF_REACTION_TIME) or traits.settle),
        max_age=traits.max_age or max(15.0, 5 * traits.cadence),
        phase_switching=item.phase_switching,
        auto_phases=item.phase_switching and bool(data.get(CONF_AUTO_PHASES, False)),
        priority=int(data.get(CONF_PRIORITY, 0)),
        weight=float(data.get(CONF_WEIGHT, 1.0)),
        circuit=data.get(CONF_CIRCUIT),
        reserve_soc=float(reserve),
        minimum_soc=float(chosen.minimum_soc or 0.0),
        mode=live.mode,
        override=live.override,
        vehicle=_vehicle(car),
        solar=_solar(data),
        giving=_giving(data, car),
        cheap_price=data.get(CONF_CHEAP_PRICE) if chosen.cheap_price is None else chosen.cheap_price,
        energy_left=None if live.stop_after is None else live.stop_after - standing.energy.get(item.id, 0.0),
        access=standing.access.get(item.id, Verdict.FREE),
    )


def _solar(data: Data) -> SolarSettings:
    usual = SolarSettings()
    return SolarSettings(
        starts_per_day=int(data.get(CONF_STARTS_PER_DAY, usual.starts_per_day)),
        switches_per_day=int(data.get(CONF_SWITCHES_PER_DAY, usual.switches_per_day)),
    )


def _giving(data: Data, car: Data) -> GivingSettings:
    usual = GivingSettings()
    return GivingSettings(
        wear_price=float(data.get(CONF_WEAR_PRICE, usual.wear_price)),
        ceiling=float(data.get(CONF_GIVING_CEILING, usual.ceiling)),
        min_power=float(data.get(CONF_GIVING_MINIMUM, usual.min_power)),
        dead_time=float(data.get(CONF_DEAD_TIME, usual.dead_time)),
        may_export=bool(data.get(CONF_MAY_EXPORT, usual.may_export)),
        grid_forming=bool(data.get(CONF_GRID_FORMING, usual.grid_forming)),
        backup_soc=float(data.get(CONF_BACKUP_SOC, usual.backup_soc)),
        reserve_km=float(car.get(CONF_RESERVE_KM, usual.reserve_km)),
    )


def _vehicle(data: Data) -> VehicleSettings:
    phases, capacity, consumption = (data.get(key) for key in (CONF_PHASES, CONF_CAPACITY, CONF_CONSUMPTION))
    return VehicleSettings(
        max_current=data.get(CONF_MAX_CURRENT),
        min_current=data.get(CONF_MIN_CURRENT),
        phases=None if phases is None else int(phases),
        capacity=None if not capacity else float(capacity) * 1000,
        consumption=None if not consumption else float(consumption) * 10,
    )
