"""The nouns of the plan.

Power in W, energy in Wh, times as aware UTC. Prices are estimates and float, in the site's currency
for each kWh. Charger power is positive into the car, grid power on import, battery power on
discharge. Nothing here is ever booked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
import math

from ..settings import BatteryPolicy
from .curve import Curve, Point

TAPER: tuple[Point, ...] = ((0.8, 1.0), (1.0, 0.1))
"""What share of its power a car still takes at this share of its capacity, where nobody knows better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One step of the horizon; the running one is shorter than its tariff's slot.

    `sun` and `house` (all but chargers and home battery) are the means expected, in W.
    """

    start: datetime
    hours: float
    import_price: float
    export_price: float
    sun: float
    house: float
    import_limit: float | None = None
    export_limit: float | None = None

    @property
    def end(self) -> datetime:
        """When the next one begins."""
        return self.start + timedelta(hours=self.hours)

    def limited(self, watts: float) -> Slot:
        """Return it with no more than so many W from the grid."""
        return replace(self, import_limit=watts if self.import_limit is None else min(self.import_limit, watts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A car at a connector, from `arrives` (perhaps still to come) to `departs`.

    `departs` `None` stays beyond the horizon, whose end then stands for the departure. Energies are
    those in the car's battery: `energy` on arrival (now, when it is here), `target` wanted by the
    departure, `minimum` as soon as possible, `reserve` never to be gone below by giving. `capacity`
    is infinite where only the energy wanted is known.

    `miss_price` is what a kWh missing at the departure costs, `value_after` what one beyond the
    target is worth there, `wear_price` what giving one wears, `start_price` what a start costs.
    `slack` is how long before the departure it should be ready. `precondition` is what heating or
    cooling takes at the wall in W during the last `precondition_hours`. A run lasts `min_run` hours or
    more. `circuits` are the ids of the circuits it loads. A car that `exports` may give to the grid.
    """

    connector: str
    energy: float
    target: float
    charge: Curve
    arrives: datetime
    departs: datetime | None = None
    capacity: float = math.inf
    minimum: float = 0.0
    reserve: float = 0.0
    discharge: Curve | None = None
    exports: bool = False
    taper: tuple[Point, ...] = TAPER
    miss_price: float = 1.0
    wear_price: float = 0.0
    start_price: float = 0.0
    value_after: float = 0.0
    min_run: float = 0.0
    running: bool = False
    slack: timedelta = timedelta(0)
    precondition: float = 0.0
    precondition_hours: float = 0.0
    circuits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeBattery:
    """A home battery as its own loop will run it: sun that is left over in, to the house out.

    `energy`, `capacity`, `floor` and `until` in Wh, `charge` and `discharge` in W, `efficiency` one
    way, `wear` for each kWh out. A `controllable` one is planned along, and may charge from the
    grid. It never serves a car unless it `feeds_cars`.
    """

    energy: float
    capacity: float
    charge: float
    discharge: float
    efficiency: float = 0.95
    wear: float = 0.0
    floor: float = 0.0
    policy: BatteryPolicy = BatteryPolicy.CAR_FIRST
    until: float = 0.0
    controllable: bool = False
    feeds_cars: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityPrice:
    """What the highest mean import over a window costs: `price` for each kW above the `peak` in W that is paid anyway.

    `imported` is what the running window holds already, in Wh. `weights` say of each slot what its
    import counts, 0 where it sets no peak; without them, all count in full.
    """

    price: float
    peak: float = 0.0
    window_hours: float = 0.25
    imported: float = 0.0
    weights: tuple[float, ...] | None = None

    def weight(self, index: int) -> float:
        """Return what the import of a slot counts; beyond the slots that are spoken of, nothing."""
        if self.weights is None:
            return 1.0
        return self.weights[index] if index < len(self.weights) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitLimit:
    """The most that all stays on a circuit may take (or give) together, in W."""

    id: str
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything a plan is made of.

    `import_limit` and `export_limit` hold in every slot, beside the slot's own. `doubt` is how far
    the forecast sun is usually off, as a share of it: the energy's value is a mean over what it may be.
    """

    now: datetime
    slots: tuple[Slot, ...]
    stays: tuple[Stay, ...] = ()
    battery: HomeBattery | None = None
    capacity: CapacityPrice | None = None
    circuits: tuple[CircuitLimit, ...] = ()
    import_limit: float | None = None
    export_limit: float | None = None
    doubt: float = 0.35

    @property
    def horizon(self) -> datetime:
        """Where the plan ends."""
        return self.slots[-1].end if self.slots else self.now


class PlanReason(StrEnum):
    """Why a car does what it does in a slot."""

    SUN = "sun"
    MIXED = "mixed"
    CHEAP = "cheap"
    MINIMUM = "minimum"
    DEPARTURE = "departure"
    PRECONDITIONING = "preconditioning"
    GIVE = "give"
    WAIT = "wait"
    DONE = "done"
    AWAY = "away"


class PlanSource(StrEnum):
    """Who made the plan."""

    GREEDY = "greedy"
    SOLVER = "solver"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotPlan:
    """What a car does in a slot: wall W (negative gives), how much of it the sun's, and its energy at the end.

    `cost` is its share of what all cars add to the bill of the slot.
    """

    start: datetime
    hours: float
    power: float
    from_sun: float
    energy: float
    reason: PlanReason
    cost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StayPlan:
    """One stay's part of the plan.

    `value` is what one more kWh in its battery now would save, per kWh: charging is worth while for
    less, giving for more (after losses and wear). `planned` is what goes into the battery less what comes
    out of it, `missing` what the target lacks at the departure, both in Wh. `cost` is its share of the
    energy's cost, `cost_otherwise` the same for charging at once and in full. `expected_end` is when the last
    charging ends. `latest` is when it would have to charge in full at last to be ready in time, `None` without a
    departure. One that `joins` takes all that others leave at a crowded site: what it is to buy later costs no less.
    """

    connector: str
    arrives: datetime
    departs: datetime | None
    target: float
    slots: tuple[SlotPlan, ...]
    value: float
    planned: float
    missing: float
    cost: float
    next_start: datetime | None
    expected_end: datetime | None
    cost_otherwise: float = 0.0
    latest: datetime | None = None
    joins: bool = False

    def at(self, when: datetime) -> SlotPlan | None:
        """Return the slot that holds this instant."""
        return next((slot for slot in self.slots if slot.start <= when < _end(slot)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSlot:
    """The site's mean grid and home battery power expected in a slot, in W."""

    start: datetime
    hours: float
    grid: float
    battery: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every car will do until the horizon.

    `cost` is what charging adds to the bill: energy, wear and peak, energy missing at its price, less
    what is left over at its value. `cost_otherwise` is the same for charging at once and in full. `peak` is the mean
    import in W that no window passes that sets a peak, as it counts; `None` where no peak is paid for.
    """

    made_at: datetime
    source: PlanSource
    stays: tuple[StayPlan, ...]
    slots: tuple[SiteSlot, ...]
    cost: float
    cost_otherwise: float
    horizon: datetime
    peak: float | None = None

    @property
    def saving(self) -> float:
        """What planning is expected to save."""
        return self.cost_otherwise - self.cost

    def of(self, connector: str) -> Iterator[StayPlan]:
        """Yield the stays planned at a connector, in order of arrival."""
        yield from (stay for stay in self.stays if stay.connector == connector)


def _end(slot: SlotPlan) -> datetime:
    return slot.start + timedelta(hours=slot.hours)
