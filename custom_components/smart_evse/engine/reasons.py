"""The figures that go into the sentence of each reason.

Every translation may use the placeholders listed here and no others, and whoever makes a `Reason`
fills exactly these. Figures are plain numbers already written out ("7.5"), without their unit: the
sentence carries the unit. `{phase}` is "L1", "L2" or "L3".

| placeholder | meaning |
|---|---|
| age | seconds since the last value, whole |
| amps | the limit in A for each phase that this reason stands for, one decimal at most |
| circuit | what its owner calls the circuit |
| count | how many starts there were in the last 24 hours, whole |
| energy | Wh imported since the sun became too weak, whole |
| fault | what the charger calls its fault, or its vehicle state |
| headroom | what the phase could still carry, A, one decimal at most |
| minimum | the least current of the charger or the vehicle, A |
| needed | the least surplus to start with, W, whole |
| phases | the number of phases that the charger switches to |
| price | what a kWh costs from the grid now, three decimals at most |
| reserve, soc | charge of the vehicle's battery, %, whole |
| seconds | what is left to wait, whole |
| time | when it happens: a departure, the next start. UTC, ISO 8601; shown as local time |
| watts | in solar reasons the surplus; in `export_limit` the limit. W, whole |
"""

from collections.abc import Mapping
from typing import Final

from .model import ReasonKey

REASON_PLACEHOLDERS: Final[Mapping[ReasonKey, tuple[str, ...]]] = {
    ReasonKey.STARTING: ("seconds",),
    ReasonKey.CHARGER_SILENT: ("age",),
    ReasonKey.CHARGER_FAULT: ("fault",),
    ReasonKey.NOT_CONNECTED: (),
    ReasonKey.METER_SILENT: ("age",),
    ReasonKey.METER_MISSING_PHASES: (),
    ReasonKey.METER_NOT_TRUSTED: (),
    ReasonKey.METER_RECOVERED: ("seconds",),
    ReasonKey.METER_ASKED: (),
    ReasonKey.RISING: (),
    ReasonKey.MAIN_FUSE: ("phase", "headroom"),
    ReasonKey.CIRCUIT: ("circuit", "phase", "headroom"),
    ReasonKey.UNATTENDED: ("amps",),
    ReasonKey.CHARGER_MAXIMUM: ("amps",),
    ReasonKey.CABLE_MAXIMUM: ("amps",),
    ReasonKey.VEHICLE_MAXIMUM: ("amps",),
    ReasonKey.BELOW_MINIMUM: ("amps", "minimum"),
    ReasonKey.NOT_BIDIRECTIONAL: (),
    ReasonKey.RESERVE: ("soc", "reserve"),
    ReasonKey.RESERVE_UNKNOWN: (),
    ReasonKey.EXPORT_LIMIT: ("watts",),
    ReasonKey.OVERRIDE: ("amps",),
    ReasonKey.OVERRIDE_STOP: (),
    ReasonKey.OVERRIDE_MISSES: ("amps", "time"),
    ReasonKey.STOP_AFTER_ENERGY: (),
    ReasonKey.MODE_OFF: (),
    ReasonKey.MODE_FAST: (),
    ReasonKey.SOLAR_FOLLOWING: ("watts",),
    ReasonKey.SOLAR_WAITING: ("watts", "needed"),
    ReasonKey.SOLAR_HOLDING: ("watts", "energy"),
    ReasonKey.SOLAR_MIN_ON: ("seconds",),
    ReasonKey.SOLAR_MIN_OFF: ("seconds",),
    ReasonKey.SOLAR_MINIMUM: ("amps",),
    ReasonKey.PHASE_SWITCH: ("seconds", "phases"),
    ReasonKey.VEHICLE_NOT_CHARGING: (),
    ReasonKey.GRID_OPERATOR: ("watts",),
    ReasonKey.DEMAND_RESPONSE: ("watts",),
    ReasonKey.CAPACITY: ("watts",),
    ReasonKey.UNBALANCE: ("phase", "headroom"),
    ReasonKey.BACKUP_LIMIT: ("watts",),
    ReasonKey.OFF_GRID: (),
    ReasonKey.RESTART_PAUSE: ("seconds",),
    ReasonKey.WAITING_TURN: (),
    ReasonKey.STARTS_SPENT: ("count",),
    ReasonKey.SOLAR_NOT_WORTH: ("watts",),
    ReasonKey.SUN_TURN: (),
    ReasonKey.BATTERY_FIRST: ("soc",),
    ReasonKey.CURTAILED: ("watts",),
    ReasonKey.TARGET_REACHED: (),
    ReasonKey.PLAN_SUN: ("watts",),
    ReasonKey.PLAN_CHEAP: ("price",),
    ReasonKey.PLAN_DEPARTURE: ("time",),
    ReasonKey.PLAN_MINIMUM: (),
    ReasonKey.PLAN_PRECONDITIONING: ("time",),
    ReasonKey.PLAN_WAITING: ("time",),
    ReasonKey.PLAN_GIVING: ("price",),
    ReasonKey.PLAN_MISSING: (),
    ReasonKey.CHEAP_NOW: ("price",),
    ReasonKey.CHEAP_WAITING: ("price",),
    ReasonKey.PRICE_UNKNOWN: (),
    ReasonKey.HOUSE_GIVING: ("watts",),
    ReasonKey.HOUSE_TAKING: ("watts",),
    ReasonKey.HOUSE_RESTING: ("watts",),
    ReasonKey.GIVING_NOT_WORTH: (),
    ReasonKey.DEAD_TIME: ("seconds",),
    ReasonKey.DEPARTURE_RESERVE: ("soc", "reserve"),
    ReasonKey.BACKUP_RESERVE: ("soc", "reserve"),
    ReasonKey.NO_CIRCLE: (),
    ReasonKey.ACCESS_WAITING: (),
    ReasonKey.ACCESS_UNKNOWN_CARD: (),
    ReasonKey.ACCESS_BLOCKED: (),
    ReasonKey.ACCESS_NOT_YET: (),
    ReasonKey.ACCESS_EXPIRED: (),
    ReasonKey.ACCESS_ELSEWHERE: (),
    ReasonKey.ACCESS_HOURS: (),
    ReasonKey.ACCESS_QUOTA: (),
}
