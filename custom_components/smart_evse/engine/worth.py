"""What a current is worth: the energy it brings into the car, less what it costs at this moment's prices and sun."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
import math

from .plan.curve import Curve
from .vehicle.efficiency import ac_curve, dc_charge

_DOUBT = 1.02
"""Import has to be cheaper than what it replaces by this much: the later hour may yet have sun."""

_ROUNDED = 0.02
"""What half a volt is of the least current, in A."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What energy is worth just now, in currency per kWh: from the grid, into it, and in the car's battery."""

    import_price: float
    export_price: float
    value: float

    def gain(self, power: float, stored: float, surplus: float) -> float:
        """Return what taking `power` W saves in an hour, `stored` W of it arriving, at a surplus in W."""
        own = min(power, max(0.0, surplus))
        cost = (power - own) * self.import_price * _DOUBT + own * self.export_price
        return (self.value * stored - cost) / 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A current in A on each of so many phases, and what it saves in an hour."""

    amps: float
    phases: int
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What a connector can take on so many phases: A on each, in steps, with the W that an ampere makes.

    `short` is what its car leaves of what it is offered, in A.
    """

    phases: int
    least: float
    most: float
    step: float
    per_amp: float
    dc: bool = False
    short: float = 0.0

    @property
    def curve(self) -> Curve:
        """What arrives in the battery of what is taken from the wall."""
        if self.dc:
            return _dc(round(self.most * self.per_amp))
        # Drawn from a little below: a volt that is rounded up must not make the least current bring nothing.
        least = math.floor((self.least - self.short - _ROUNDED) * 10) / 10
        return _ac(self.phases, least, self.most, round(self.per_amp / self.phases))

    def power(self, amps: float) -> float:
        """Return what flows when so much is offered, in W."""
        return max(0.0, amps - self.short) * self.per_amp

    def offer(self, power: float) -> float:
        """Return what has to be offered for a power in W to flow."""
        return power / self.per_amp + self.short

    @property
    def bends(self) -> Iterator[float]:
        """The currents at which a further ampere begins to bring more of itself, or less."""
        return (self.clip(round(self.offer(power) / self.step) * self.step) for power, _ in self.curve.points)

    def clip(self, amps: float) -> float:
        """Return the nearest current it can take."""
        return min(self.most, max(self.least, amps))


def best(market: Market, span: Range, surplus: float, planned: float = 0.0) -> Choice:
    """Return the current that saves most on these phases; the gain may be negative.

    Only a few can be best: the least, those next to the surplus, what the plan takes from the grid, and where the grid
    itself is cheaper than what it replaces, those at which the car converts well, and the most.
    """
    curve, sun = span.curve, span.offer(max(0.0, surplus))
    below = span.clip(sun // span.step * span.step)
    candidates = {span.least, below, span.clip(below + span.step), span.most}
    if market.value > market.import_price:
        candidates.update(span.bends)
    if planned > 0:
        wanted = span.clip(span.offer(planned))
        candidates = {amps for amps in candidates if amps >= wanted} | {wanted}
    choices = [
        Choice(amps=amps, phases=span.phases, gain=market.gain(power, curve.at(power), surplus))
        for amps in candidates
        for power in (span.power(amps),)
    ]
    return max(choices, key=lambda choice: (choice.gain, -choice.amps))


@lru_cache(maxsize=256)
def _ac(phases: int, least: float, most: float, voltage: int) -> Curve:
    return ac_curve(phases, least, most, voltage)


@lru_cache(maxsize=64)
def _dc(most: int) -> Curve:
    return dc_charge(most)
