"""What the owner wants of each rule: the nouns of the settings that are about more than one connector.

Units and signs are those of `model.py`; prices are in currency per kWh.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SunSharing(StrEnum):
    """How several cars share one sun."""

    PRIORITY = "priority"
    PROPORTIONAL = "proportional"
    TURNS = "turns"


class SunBias(StrEnum):
    """Which way a rounding to the charger's step errs."""

    NEVER_IMPORT = "never_import"
    BALANCED = "balanced"
    NEVER_EXPORT = "never_export"


class BatteryPolicy(StrEnum):
    """Who gets the sun first, the car or the home battery."""

    CAR_FIRST = "car_first"
    BATTERY_FIRST = "battery_first"
    BATTERY_UNTIL = "battery_until"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatterySettings:
    """A home battery that controls itself.

    `until_soc` in % belongs to `BATTERY_UNTIL`. `may_feed_car` allows the car to be charged from it. `charge`
    and `discharge` are the most it can do in W, `capacity` in Wh, `None` where nobody said.
    """

    policy: BatteryPolicy = BatteryPolicy.CAR_FIRST
    until_soc: float = 80.0
    may_feed_car: bool = False
    capacity: float | None = None
    charge: float | None = None
    discharge: float | None = None
    efficiency: float = 0.9


class OrderKind(StrEnum):
    """Who orders a limit."""

    GRID_OPERATOR = "grid_operator"
    DEMAND_RESPONSE = "demand_response"


@dataclass(frozen=True, slots=True, kw_only=True)
class GridOrder:
    """A limit on what the controllable loads may import together, from `start` until `end`.

    `watts` `None` means what the grid operator's rule guarantees (EnWG §14a). Discharge is exempt.
    """

    id: str
    kind: OrderKind
    watts: float | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivingSettings:
    """How a bidirectional connector may feed the house.

    `wear_price` is what a kWh out of the battery costs it. `ceiling` is the grid import that the car shaves
    down to in W: 0 for no import at all. `min_power` is the least worth converting in W, `dead_time` the
    pause between taking and giving in s. `may_export` says that contract and law allow feeding the grid from the car.
    `backup_soc` is kept for a power cut in %, `reserve_km` for a way that nobody planned, 0 where the % say it.
    """

    wear_price: float = 0.05
    ceiling: float = 0.0
    min_power: float = 300.0
    dead_time: float = 10.0
    may_export: bool = False
    grid_forming: bool = False
    backup_soc: float = 0.0
    reserve_km: float = 0.0
