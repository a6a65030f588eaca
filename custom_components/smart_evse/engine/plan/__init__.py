"""The plan: what every car of the site will do until the horizon, and what energy in it is worth now."""

from .curve import Curve
from .model import (
    BatteryPolicy,
    CapacityPrice,
    CircuitLimit,
    HomeBattery,
    Plan,
    PlanReason,
    PlanSource,
    Problem,
    SiteSlot,
    Slot,
    SlotPlan,
    Stay,
    StayPlan,
)

__all__ = [
    "BatteryPolicy",
    "CapacityPrice",
    "CircuitLimit",
    "Curve",
    "HomeBattery",
    "Plan",
    "PlanReason",
    "PlanSource",
    "Problem",
    "SiteSlot",
    "Slot",
    "SlotPlan",
    "Stay",
    "StayPlan",
]
