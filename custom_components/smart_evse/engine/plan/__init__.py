"""The plan: what every car of the site will do until the horizon, and what energy in it is worth now."""

from .curve import Curve
from .keep import price
from .make import make_plan
from .model import (
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
    "make_plan",
    "price",
]
