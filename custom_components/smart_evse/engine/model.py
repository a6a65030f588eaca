"""The nouns of the engine.

Units and signs, everywhere below: power in W, current in A, energy in Wh, times that only ever
grow in seconds of a monotonic clock, wall times as aware UTC. Grid power is positive on import,
charger power is positive when the car takes energy, battery power is positive on discharge, solar
is never negative. "Not known" is `None`, never zero.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
import math
from typing import Final

from .access.model import Verdict
from .capacity_tariff import CapacityTariff
from .memory import (
    AppetiteMemory,
    BatteryMemory,
    CapacityMemory,
    DoubtMemory,
    FuseMemory,
    GivingMemory,
    LateMemory,
    LatencyMemory,
    OffGridMemory,
    OrderEvent,
    ReliefMemory,
    SmartMemory,
    TurnMemory,
)
from .plan.model import Plan
from .settings import BatterySettings, GivingSettings, GridOrder, SunBias, SunSharing

type ConnectorId = str
"""`<subentry id>:<outlet>`, stable for the life of the configuration."""

VOLTAGE = 230.0
"""Nominal phase to neutral voltage in V (IEC 60038), where no meter tells the real one."""

PILOT_MINIMUM = 6.0
"""The least current a control pilot can ask for, in A (IEC 61851-1, Annex A)."""


@dataclass(frozen=True, slots=True)
class PerPhase:
    """One value for each phase of the grid, in the grid's order.

    A phase that a one-phase site does not have carries 0: nothing can flow where there is no wire.
    """

    l1: float = 0.0
    l2: float = 0.0
    l3: float = 0.0

    def __iter__(self) -> Iterator[float]:
        yield self.l1
        yield self.l2
        yield self.l3

    def __getitem__(self, phase: int) -> float:
        return (self.l1, self.l2, self.l3)[phase]

    def __add__(self, other: PerPhase) -> PerPhase:
        return PerPhase(self.l1 + other.l1, self.l2 + other.l2, self.l3 + other.l3)

    def __sub__(self, other: PerPhase) -> PerPhase:
        return PerPhase(self.l1 - other.l1, self.l2 - other.l2, self.l3 - other.l3)

    def map(self, fn: Callable[[float], float]) -> PerPhase:
        """Apply `fn` to each phase."""
        return PerPhase(fn(self.l1), fn(self.l2), fn(self.l3))

    @property
    def total(self) -> float:
        """The sum over the phases."""
        return self.l1 + self.l2 + self.l3


class VehicleState(StrEnum):
    """The vehicle states of IEC 61851-1, Table A.5."""

    NOT_CONNECTED = "A"
    CONNECTED = "B"
    CHARGING = "C"
    VENTILATION = "D"
    NO_POWER = "E"
    FAULT = "F"

    @property
    def plugged(self) -> bool:
        """Whether a car is there."""
        return self in (VehicleState.CONNECTED, VehicleState.CHARGING, VehicleState.VENTILATION)

    @property
    def charging(self) -> bool:
        """Whether the car has closed its side: energy may flow."""
        return self in (VehicleState.CHARGING, VehicleState.VENTILATION)

    @property
    def faulty(self) -> bool:
        """Whether the pilot is in no state a car can be served in."""
        return self in (VehicleState.NO_POWER, VehicleState.FAULT)


class Mode(StrEnum):
    """What the owner wants of a connector."""

    OFF = "off"
    FAST = "fast"
    SOLAR = "solar"
    SOLAR_MIN = "solar_min"
    CHEAP = "cheap"
    SMART = "smart"
    HOUSE = "house"

    @property
    def follows_sun(self) -> bool:
        """Whether this mode takes what the sun leaves over, rather than what it wants."""
        return self in (Mode.SOLAR, Mode.SOLAR_MIN, Mode.SMART, Mode.HOUSE)


@dataclass(frozen=True, slots=True)
class AcLimit:
    """A current for each used phase of an AC charger, negative to discharge."""

    amps: float
    phases: int = 3


@dataclass(frozen=True, slots=True)
class PowerLimit:
    """A power of a DC charger, negative to discharge."""

    watts: float


type Limit = AcLimit | PowerLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class GridReading:
    """What flows at the grid connection.

    `currents` are signed by their phase's power (positive on import) and `None` where the meter
    does not tell them all: a phase left out is never taken for an idle one.
    """

    at: float
    power: float
    currents: PerPhase | None = None
    powers: PerPhase | None = None
    voltages: PerPhase | None = None
    quarter_hour_average: float | None = None
    month_peak: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerReading:
    """A signed power: of the sun, or of a home battery (positive on discharge)."""

    at: float
    power: float
    soc: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorReading:
    """What a connector reports, phases already in the grid's order.

    `limit` is what the charger says it is limited to (A for each phase; W for DC), which need not
    be what was commanded. Energies are lifetime registers. `current_phases` counts the phases
    the charger has switched on. `stay` is what it calls the stay of the car that is there, `vehicle_id` what it read
    from the car itself.
    """

    at: float
    state: VehicleState | None = None
    power: float | None = None
    currents: PerPhase | None = None
    voltages: PerPhase | None = None
    energy_in: float | None = None
    energy_out: float | None = None
    limit: float | None = None
    current_phases: int | None = None
    soc: float | None = None
    card: str | None = None
    stay: str | None = None
    vehicle_id: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleReading:
    """What a car tells of itself, as of `at`: its charge in %."""

    at: float
    soc: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What is, at one instant. `None` for what has never been read.

    `circuits` are the readings of the meters below the main one. `plan` is the last one made, `import_price`
    and `export_price` those of this moment in currency per kWh. `sun_ahead` is the mean solar power expected over
    the next quarter of an hour in W. `off_grid` says that an inverter or a generator carries the house.
    """

    now: float
    utc: datetime
    since_start: float
    grid: GridReading | None = None
    solar: PowerReading | None = None
    battery: PowerReading | None = None
    connectors: tuple[tuple[ConnectorId, ConnectorReading], ...] = ()
    vehicles: tuple[tuple[ConnectorId, VehicleReading], ...] = ()
    circuits: tuple[tuple[str, GridReading], ...] = ()
    plan: Plan | None = None
    import_price: float | None = None
    export_price: float | None = None
    sun_ahead: float | None = None
    off_grid: bool | None = None
    frequency: float | None = None

    def connector(self, key: ConnectorId) -> ConnectorReading | None:
        """Return the reading of one connector."""
        return next((reading for known, reading in self.connectors if known == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A driver's word against the mode: this current, until `until` or the unplugging.

    `amps` 0 stops, negative discharges; `phases` `None` leaves the phases as they are.
    """

    amps: float
    phases: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleSettings:
    """What is known of a car: currents in A, capacity in Wh, consumption in Wh per km."""

    max_current: float | None = None
    min_current: float | None = None
    phases: int | None = None
    capacity: float | None = None
    consumption: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarSettings:
    """How the sun is followed. Energies in Wh, times in s, budgets for a rolling day."""

    start_energy: float = 4.0
    stop_energy: float = 80.0
    min_on: float = 300.0
    min_off: float = 120.0
    rise_time: float = 5.0
    starts_per_day: int = 10
    switches_per_day: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSettings:
    """One connector: its hardware, its wiring and what is wanted of it.

    `phase_map` names the grid phase (0 to 2) behind each phase of the connector. A DC connector
    (`dc`) loads these phases through its inverter. `step` is the finest step of its limit in A.
    `settle` is how long box and car take to follow a new limit, in s. `energy_left` is what the
    session may still take in Wh, `None` where nobody set an end. `fallback` is what it may have
    while nobody can tell what the house uses, in A; `unattended` the most it may ever have because
    nothing would reduce it if we stopped, `None` where its own watchdog would or the owner accepts.
    `weight` is its part of what is left when all have their minimum. `auto_phases` lets the sun choose
    between one phase and three. `cheap_price` is what `cheap` buys below, `None` for what the plan finds cheap.
    `reserve_soc` stays in a car that gives, and so does `minimum_soc`, which it is charged to at once; both in %.
    `access` says whether whoever is there may charge.
    """

    id: ConnectorId
    phase_map: tuple[int, ...] = (0, 1, 2)
    dc: bool = False
    min_current: float = PILOT_MINIMUM
    max_current: float = 16.0
    cable_current: float | None = None
    max_discharge: float = 0.0
    step: float = 1.0
    settle: float = 8.0
    max_age: float = 30.0
    fallback: float = 0.0
    unattended: float | None = None
    phase_switching: bool = False
    auto_phases: bool = False
    priority: int = 0
    weight: float = 1.0
    circuit: str | None = None
    reserve_soc: float = 30.0
    minimum_soc: float = 0.0
    mode: Mode = Mode.SOLAR
    override: Override | None = None
    vehicle: VehicleSettings = VehicleSettings()
    solar: SolarSettings = SolarSettings()
    giving: GivingSettings = field(default_factory=GivingSettings)
    cheap_price: float | None = None
    energy_left: float | None = None
    access: Verdict = Verdict.FREE

    @property
    def minimum(self) -> float:
        """The least current above 0 that box, cable and car agree on, in A."""
        return max(self.min_current, self.vehicle.min_current or 0.0)

    @property
    def maximum(self) -> float:
        """The most current that box, cable and car allow, in A."""
        limits = (self.max_current, self.cable_current, self.vehicle.max_current)
        return min(limit for limit in limits if limit is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """A fuse below the main one: what all connectors on it may take together, in A on each phase.

    `max_age` is when a sample of its own meter is too old in s, `None` where it has no meter. `others` is the
    most that anything else on it draws, in A.
    """

    id: str
    name: str
    limit: float
    parent: str | None = None
    max_age: float | None = None
    others: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """The grid connection and all that hangs on it.

    `grid_max_age` and
    `battery_max_age` are when a sample is too old to act on, in s. `rise_hold` is how long the house
    must have used less before a limit may rise. `export_limit` is the most the site may feed in,
    in W, `None` where nobody set one. `lifetime` is how long a setpoint holds, in s.
    `has_sun` says that there is an inverter, heard of or not.

    `lenient` weighs overloads of a gG main fuse on its time-current curve. `unbalance_limit` is the most by which
    two phases may differ because of our chargers in A, `backup_limit` the most an inverter carries off-grid in W,
    `off_grid_charging` that cars may charge there at all. `orders` are the limits that others set.
    `may_set_new_peak` waives the capacity budget, `accepted_peak` is a peak in W that the owner pays for gladly.
    `curtailed_above` is the feed-in in W above which the sun is wasted: a car takes it first.
    """

    fuse: float
    phases: int = 3
    margin: float = 1.0
    grid_max_age: float = 10.0
    battery_max_age: float = 120.0
    rise_hold: float = 30.0
    start_grace: float = 120.0
    lifetime: float = 30.0
    voltage: float = VOLTAGE
    circuits: tuple[Circuit, ...] = ()
    has_sun: bool = True
    export_limit: float | None = None
    lenient: bool = False
    unbalance_limit: float | None = None
    backup_limit: float | None = None
    off_grid_charging: bool = False
    orders: tuple[GridOrder, ...] = ()
    capacity: CapacityTariff | None = None
    may_set_new_peak: bool = False
    accepted_peak: float = 0.0
    curtailed_above: float | None = None
    battery: BatterySettings = field(default_factory=BatterySettings)
    sun_sharing: SunSharing = SunSharing.PRIORITY
    sun_bias: SunBias = SunBias.BALANCED
    connectors: tuple[ConnectorSettings, ...] = ()


class Rank(IntEnum):
    """Who is heard first. Ceilings all hold whatever their rank; rank settles floors and targets."""

    SAFETY = 0
    FUSE = 1
    GRID_OPERATOR = 2
    ACCESS = 3
    CHARGER = 4
    VEHICLE = 5
    CAPACITY = 6
    OVERRIDE = 7
    PLAN = 8
    MODE = 9
    COMFORT = 10


class ClaimKind(StrEnum):
    """What a claim says of a limit.

    A ceiling is the most the car may take; `DISCHARGE` the most it may give (as an amount >= 0).
    """

    CEILING = "ceiling"
    DISCHARGE = "discharge"
    FLOOR = "floor"
    TARGET = "target"


class ReasonKey(StrEnum):
    """Why a connector does what it does. Each has a sentence in every translation."""

    STARTING = "starting"
    CHARGER_SILENT = "charger_silent"
    CHARGER_FAULT = "charger_fault"
    NOT_CONNECTED = "not_connected"
    METER_SILENT = "meter_silent"
    METER_MISSING_PHASES = "meter_missing_phases"
    METER_NOT_TRUSTED = "meter_not_trusted"
    METER_RECOVERED = "meter_recovered"
    METER_ASKED = "meter_asked"
    RISING = "rising"
    MAIN_FUSE = "main_fuse"
    CIRCUIT = "circuit"
    UNATTENDED = "unattended"
    CHARGER_MAXIMUM = "charger_maximum"
    CABLE_MAXIMUM = "cable_maximum"
    VEHICLE_MAXIMUM = "vehicle_maximum"
    BELOW_MINIMUM = "below_minimum"
    NOT_BIDIRECTIONAL = "not_bidirectional"
    RESERVE = "reserve"
    RESERVE_UNKNOWN = "reserve_unknown"
    EXPORT_LIMIT = "export_limit"
    OVERRIDE = "override"
    OVERRIDE_STOP = "override_stop"
    OVERRIDE_MISSES = "override_misses"
    STOP_AFTER_ENERGY = "stop_after_energy"
    MODE_OFF = "mode_off"
    MODE_FAST = "mode_fast"
    SOLAR_FOLLOWING = "solar_following"
    SOLAR_WAITING = "solar_waiting"
    SOLAR_HOLDING = "solar_holding"
    SOLAR_MIN_ON = "solar_min_on"
    SOLAR_MIN_OFF = "solar_min_off"
    SOLAR_MINIMUM = "solar_minimum"
    PHASE_SWITCH = "phase_switch"
    VEHICLE_NOT_CHARGING = "vehicle_not_charging"
    GRID_OPERATOR = "grid_operator"
    DEMAND_RESPONSE = "demand_response"
    CAPACITY = "capacity"
    UNBALANCE = "unbalance"
    BACKUP_LIMIT = "backup_limit"
    OFF_GRID = "off_grid"
    RESTART_PAUSE = "restart_pause"
    WAITING_TURN = "waiting_turn"
    STARTS_SPENT = "starts_spent"
    SOLAR_NOT_WORTH = "solar_not_worth"
    SUN_TURN = "sun_turn"
    BATTERY_FIRST = "battery_first"
    CURTAILED = "curtailed"
    TARGET_REACHED = "target_reached"
    PLAN_SUN = "plan_sun"
    PLAN_CHEAP = "plan_cheap"
    PLAN_DEPARTURE = "plan_departure"
    PLAN_MINIMUM = "plan_minimum"
    PLAN_PRECONDITIONING = "plan_preconditioning"
    PLAN_WAITING = "plan_waiting"
    PLAN_GIVING = "plan_giving"
    PLAN_MISSING = "plan_missing"
    CHEAP_NOW = "cheap_now"
    CHEAP_WAITING = "cheap_waiting"
    PRICE_UNKNOWN = "price_unknown"
    HOUSE_GIVING = "house_giving"
    HOUSE_TAKING = "house_taking"
    HOUSE_RESTING = "house_resting"
    GIVING_NOT_WORTH = "giving_not_worth"
    DEAD_TIME = "dead_time"
    DEPARTURE_RESERVE = "departure_reserve"
    BACKUP_RESERVE = "backup_reserve"
    NO_CIRCLE = "no_circle"
    ACCESS_WAITING = "access_waiting"
    ACCESS_UNKNOWN_CARD = "access_unknown_card"
    ACCESS_BLOCKED = "access_blocked"
    ACCESS_NOT_YET = "access_not_yet"
    ACCESS_EXPIRED = "access_expired"
    ACCESS_ELSEWHERE = "access_elsewhere"
    ACCESS_HOURS = "access_hours"
    ACCESS_QUOTA = "access_quota"


@dataclass(frozen=True, slots=True)
class Reason:
    """A key to a sentence and the figures in it."""

    key: ReasonKey
    placeholders: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One rule's say on a connector, in A for each phase that it uses."""

    rank: Rank
    kind: ClaimKind
    amps: float
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Setpoint:
    """What a connector should do until `expires` (monotonic s).

    `limit` `None` commands nothing: what was last commanded stands, until the charger's own
    watchdog ends it. `urgent` passes every budget and spacing. `chain` is every claim that was
    heard, `limited_by` the one that decided, `reason` what is worth saying first.
    """

    connector: ConnectorId
    limit: Limit | None
    expires: float
    reason: Reason
    limited_by: Reason
    chain: tuple[Claim, ...] = ()
    urgent: bool = False


class SiteState(StrEnum):
    """How far the site can be trusted just now."""

    STARTING = "starting"
    NORMAL = "normal"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarMemory:
    """What following the sun has to remember of a connector.

    `energy` is what was gathered for a start, or bought since the sun became too weak, in Wh; `mean` the surplus of
    the last minutes in W. `target` is the current asked for in A, `debt` what it has deviated from the sun by in
    Wh, `short` what the car leaves of what it is offered in A. `starts` counts those of this session;
    `waiting_since` is when it last stopped. `phases` are those that the sun is worth, `phase_gain` what the others
    would have brought in Wh.
    """

    running: bool = False
    changed_at: float | None = None
    energy: float = 0.0
    mean: float | None = None
    target: float | None = None
    debt: float = 0.0
    short: float = 0.0
    starts: int = 0
    waiting_since: float | None = None
    phases: int | None = None
    phase_gain: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMemory:
    """A step of our own that the grid meter ought to show: the powers before it in W, taken at `at`.

    `followed_at` is when the charger's own measurement first told of it: a car takes its time to start.
    """

    at: float
    charger: float
    consumption: float
    followed_at: float | None = None


_NEW_TURN: Final = TurnMemory()
_NEW_APPETITE: Final = AppetiteMemory()
_NEW_GIVING: Final = GivingMemory()
_NEW_LATENCY: Final = LatencyMemory()
_NEW_SMART: Final = SmartMemory()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorMemory:
    """What the engine remembers of a connector from beat to beat.

    `amps` is the last limit decided, `previous` the one before it, which box and car may still be
    leaving since `changed_at`. `idle_since` is when the current was last seen to fall to nothing. `stopped_for` is
    the rank of what stopped it, `None` while it may charge. `starts` and
    `switches` are when it was started and its phases changed within the last day. `car_phases` is how many phases
    this car was seen to use, `None` until it has charged; `narrow_since` is since when it has used fewer than it could.
    """

    amps: float | None = None
    previous: float = 0.0
    changed_at: float = -math.inf
    phases: int | None = None
    idle_since: float | None = None
    solar: SolarMemory = SolarMemory()
    step: StepMemory | None = None
    turn: TurnMemory = _NEW_TURN
    appetite: AppetiteMemory = _NEW_APPETITE
    giving: GivingMemory = _NEW_GIVING
    latency: LatencyMemory = _NEW_LATENCY
    smart: SmartMemory = _NEW_SMART
    stopped_for: Rank | None = None
    starts: tuple[float, ...] = ()
    switches: tuple[float, ...] = ()
    car_phases: int | None = None
    narrow_since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseMemory:
    """What flows at the grid connection without the chargers, as of the sample taken at `at`.

    `held` follows `currents` up at once and down only after a hold: it is the most of the recent `peaks`.
    `recovered_at` is when the meter last came back after a silence. `base` is the grid power without chargers and
    home battery in W, `filtered` the most of its recent `bases`: a rising surplus counts late. The connectors
    in `silent` said nothing of what they took: theirs is in all of it.
    """

    at: float | None = None
    currents: PerPhase | None = None
    held: PerPhase | None = None
    peaks: tuple[tuple[float, PerPhase], ...] = ()
    recovered_at: float = -math.inf
    base: float | None = None
    bases: tuple[tuple[float, float], ...] = ()
    filtered: float | None = None
    silent: frozenset[ConnectorId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Everything the engine remembers: an input of the next decision.

    `orders` are the limits of others that hold just now.
    """

    house: HouseMemory = HouseMemory()
    circuits: tuple[tuple[str, HouseMemory], ...] = ()
    fuse: FuseMemory = field(default_factory=FuseMemory)
    capacity: CapacityMemory = field(default_factory=CapacityMemory)
    relief: ReliefMemory = field(default_factory=ReliefMemory)
    battery: BatteryMemory = field(default_factory=BatteryMemory)
    late: LateMemory = field(default_factory=LateMemory)
    off_grid: OffGridMemory = field(default_factory=OffGridMemory)
    orders: tuple[OrderEvent, ...] = ()
    misses: int = 0
    missed_at: float = -math.inf
    impossible_since: float | None = None
    doubt: DoubtMemory = field(default_factory=DoubtMemory)
    connectors: tuple[tuple[ConnectorId, ConnectorMemory], ...] = ()

    def connector(self, key: ConnectorId) -> ConnectorMemory:
        """Return what is remembered of one connector, an empty memory at first."""
        return next((memory for known, memory in self.connectors if known == key), ConnectorMemory())


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """What the site looks like to the engine: `None` for what the meters do not tell.

    `headroom` is what each phase could still carry in A, `fuse_use` the fullest phase in % of the
    fuse, `house` the consumption without the chargers and `surplus` what the sun leaves over, in W.
    `melting` is how much of the main fuse's endurance an overload has used in %, `capacity_budget` what the site
    may still import on average until the end of the running window in W.
    """

    state: SiteState
    reason: Reason | None = None
    surplus: float | None = None
    house: float | None = None
    headroom: PerPhase | None = None
    fuse_use: float | None = None
    melting: float | None = None
    capacity_budget: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What each connector should do, why, and what to remember."""

    site: SiteView
    setpoints: tuple[Setpoint, ...]
    memory: Memory = field(repr=False)

    def setpoint(self, key: ConnectorId) -> Setpoint | None:
        """Return what one connector is told."""
        return next((setpoint for setpoint in self.setpoints if setpoint.connector == key), None)
