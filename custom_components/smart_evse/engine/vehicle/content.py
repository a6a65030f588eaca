"""What is in a car's battery and what is wanted there, in Wh, however little is known of it.

Where capacity and charge are known, energies count from an empty battery. Else they count from the
plugging in, and what is wanted is what the driver asked for, or what the car usually takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
import math

from ..model import VehicleSettings
from ..plan.curve import Point, share_at
from .arrivals import Stayed, usual_energy
from .charge import Charge
from .distance import Amount, Unit

USUAL_NEED = 15_000.0
"""What a stay brings a car of which nothing is known, in Wh: some eighty kilometres."""


class Whereabouts(Enum):
    """Of which stay we speak: the one that is, the one a car on the road comes to, or one after another."""

    HERE = "here"
    ROAD = "road"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A battery: `energy` in it, `start` when the stay began, in Wh.

    `capacity` is `None` where it or the charge is not known. `need` is what a stay usually brings.
    """

    energy: float
    start: float
    need: float
    capacity: float | None = None
    consumption: float | None = None

    @property
    def measured(self) -> bool:
        """Whether it is known how full the car is."""
        return self.capacity is not None

    @property
    def most(self) -> float:
        """The Wh that it can hold, without end where not known: the car itself stops."""
        return math.inf if self.capacity is None else self.capacity

    def wanted(self, amount: Amount) -> float:
        """The Wh in the battery that an amount means; what is usual, for a share of nobody knows what."""
        if amount.unit is Unit.KILOWATT_HOURS:
            return min(self.most, self.start + amount.value * 1000)
        energy = amount.energy(self.capacity, self.consumption)
        return self.need if energy is None else energy

    def bound(self, amount: Amount | None, otherwise: float) -> float:
        """The Wh that an amount means, `otherwise` where nobody set it or it cannot be told."""
        if amount is None or (not self.measured and amount.unit is Unit.PERCENT):
            return otherwise
        return self.wanted(amount)

    def reserve(self, amount: Amount | None, percent: float) -> float:
        """The Wh that giving leaves in the battery: as the driver said, else a share of it in %."""
        if self.capacity is None:
            return 0.0
        return self.wanted(Amount(percent) if amount is None else amount)

    def taper(self, points: tuple[Point, ...], capacity: float) -> tuple[Point, ...]:
        """The taper by the share of `capacity` (a limit set by the driver) instead of the whole battery."""
        if self.capacity is None or not points or capacity <= 0:
            return () if self.capacity is None else points
        scaled = tuple((place * self.capacity / capacity, share) for place, share in points)
        inside = tuple(point for point in scaled if point[0] < 1)
        return (*inside, (1.0, share_at(scaled, 1.0)))


def content(
    vehicle: VehicleSettings, charge: Charge, history: Sequence[Stayed], target: Amount, where: Whereabouts
) -> Content:
    """Say what is in the battery now or, of a stay still to come, when the car arrives."""
    usual = usual_energy(history)
    held = Content(
        energy=charge.brought if where is Whereabouts.HERE else 0.0,
        start=0.0,
        need=USUAL_NEED if usual is None else usual,
        consumption=vehicle.consumption,
    )
    now = charge.energy(vehicle.capacity)
    if now is None or vehicle.capacity is None:
        return held
    held = replace(held, energy=now, start=now, capacity=vehicle.capacity)
    if where is Whereabouts.HERE:
        return replace(held, start=max(0.0, now - charge.brought))
    told = bool(history) and charge.at is not None and charge.at > history[-1].left
    if where is Whereabouts.ROAD and told:
        return held
    leaving = max(now, held.wanted(target)) if where is Whereabouts.LATER else now
    arriving = max(0.0, leaving - held.need)
    return replace(held, energy=arriving, start=arriving)
