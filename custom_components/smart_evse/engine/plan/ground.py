"""What every way of planning stands on: the price of each further watt, the room, and who is there when.

What the cars take in a slot displaces, one after the other, sun that nobody may feed in, sun that would
be sold, sun that the home battery would store, and then comes from the grid. What they give replaces
import, then the home battery, then is sold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
import math

from .battery import BatteryRun, run
from .bill import bill, feed_limit, grid, import_limit
from .model import Problem, Slot, Stay

_LATE = 2e-4
"""What waiting an hour is worth, in currency per kWh: less than any price, enough to settle ties."""

_CROWDED = 2.0
"""A site is crowded when its cars could take so many times what it may import."""

_IN_SLACK = 0.5
"""The share of the price of missing that charging within the slack costs."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of power at one price: from `start` W on, `width` W; `cost` is what all before it cost."""

    start: float
    width: float
    price: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A slot as the cars find it.

    `rest` is what flows at the grid without them, home battery included, in W; `free` the sun they
    may have; `room` the most they may take together, `outlet` the most they may give; `house` is
    what the house needs beyond the sun. `up` and `down` price what they take and give. `soon` and
    `late` are what it costs nobody to take sun later than it could be, and grid power earlier than it
    must, per kWh: they settle ties.
    """

    hours: float
    rest: float
    free: float
    house: float
    room: float
    outlet: float
    up: tuple[Piece, ...]
    down: tuple[Piece, ...]
    soon: float
    late: float

    def impatience(self, load: float) -> float:
        """Return the part of the cost that is no money."""
        if load <= 0:
            return 0.0
        sunny = min(load, self.free)
        return (sunny * self.soon + (load - sunny) * self.late) * self.hours / 1000

    def cost(self, load: float) -> float:
        """Return what this mean power of all cars adds to the bill of the slot, in currency."""
        if load >= 0:
            return _integral(self.up, load) * self.hours / 1000
        return -_integral(self.down, -load) * self.hours / 1000

    def bill(self, load: float) -> float:
        """Return the part of the cost that is money: what is liked without being cheaper makes no energy worth more."""
        return self.cost(load) - self.impatience(load)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stay laid over the slots.

    `window` are the slots that it touches and `share` how much of each, `lift` what preconditioning takes
    in each in W, `extra` what charging there costs beside the energy, per kWh. Of a departure beyond
    the horizon only `due` Wh have to be there by its end; what lacks of the target then can still be
    bought for `later_price`.
    """

    stay: Stay
    window: range
    share: tuple[float, ...]
    lift: tuple[float, ...]
    extra: tuple[float, ...]
    due: float
    later_price: float

    @property
    def worths(self) -> tuple[float, float, float]:
        """What one more kWh is worth at the end: while it lacks of what is due, of the target, and beyond both."""
        stay = self.stay
        later = min(self.later_price, stay.miss_price)
        return stay.miss_price, later, min(stay.value_after, later)

    def worth(self, energy: float) -> float:
        """Return what one more kWh is worth at the end to a car that then holds so many Wh."""
        missing, later, beyond = self.worths
        if not self.window or energy >= self.stay.target:
            return beyond
        return missing if energy < self.due else later

    @property
    def keep(self) -> float:
        """What giving must leave in the car, in Wh."""
        return max(self.stay.reserve, self.stay.minimum)

    def until_worth_less(self, energy: float) -> float:
        """Return how many Wh later the next kWh is worth less than the first."""
        edges = (self.due, self.stay.target, self.stay.capacity)
        for edge in edges:
            if edge > energy + 1e-6:
                return edge - energy
        return 0.0

    def owed(self, energy: float) -> float:
        """Return what the energy at the end costs by what it lacks, less what it is worth beyond the target."""
        if not self.window:
            return 0.0
        missing, later, beyond = self.worths
        target = self.stay.target
        lacks = max(0.0, self.due - energy) * missing + max(0.0, target - max(energy, self.due)) * later
        return (lacks - max(0.0, energy - target) * beyond) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A problem made ready. Its places are in an order of their own, whatever the order of the stays.

    `idle` is the home battery when no car charges, `flows` the grid then in W and `base` what that
    costs. `steered` leaves the battery out of the steps: somebody else plans it.
    """

    problem: Problem
    steps: tuple[Step, ...]
    places: tuple[Place, ...]
    limits: tuple[tuple[float, tuple[int, ...]], ...]
    idle: BatteryRun | None
    flows: tuple[float, ...]
    base: float
    steered: bool

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots of the problem."""
        return self.problem.slots


def lay(problem: Problem, *, steered: bool = False) -> Ground:
    """Make a problem ready for planning."""
    battery, slots, crowded = problem.battery, problem.slots, is_crowded(problem)
    idle = run(battery, slots, (0.0,) * len(slots)) if battery else None
    flows = grid(problem, (0.0,) * len(slots), idle)
    stays = sorted((stay for stay in problem.stays if stay.charge.usable), key=_order)
    places = tuple(_place(stay, problem) for stay in stays)
    return Ground(
        problem=problem,
        steps=tuple(_step(problem, index, None if steered else idle, crowded=crowded) for index in range(len(slots))),
        places=places,
        limits=tuple(_circuits(problem, places)),
        idle=idle,
        flows=flows,
        base=bill(problem, flows, idle),
        steered=steered,
    )


def is_crowded(problem: Problem) -> bool:
    """Say whether cars wait for each other: then no room is left unused that whoever comes later may need."""
    limit = math.inf if problem.import_limit is None else problem.import_limit
    return sum(stay.charge.most for stay in problem.stays) > _CROWDED * limit


def _order(stay: Stay) -> tuple[str, datetime, float, float]:
    return stay.connector, stay.arrives, stay.target, stay.energy


def _step(problem: Problem, index: int, idle: BatteryRun | None, *, crowded: bool) -> Step:
    slot, battery = problem.slots[index], problem.battery
    need = slot.house - slot.sun
    power = idle.powers[index] if idle else 0.0
    rest = need - power
    most, feed = import_limit(problem, slot), feed_limit(problem, slot)
    sold = min(max(0.0, -rest), feed)
    stored = -power if idle and power < 0 and idle.yields[index] else 0.0
    bought = max(0.0, most - max(0.0, rest))
    worth, loss = (idle.worth[index], battery.efficiency) if idle and battery else (0.0, 1.0)
    soon = (slot.start - problem.now).total_seconds() / 3600 * _LATE
    late = soon if crowded else (problem.horizon - slot.start).total_seconds() / 3600 * _LATE
    up = _pieces(
        (max(0.0, -rest) - sold, soon),
        (sold, slot.export_price + soon),
        (stored, max(slot.export_price, worth * loss) + soon),
        (bought, slot.import_price + late),
    )
    wear = battery.wear if battery else 0.0
    down = _pieces(
        (max(0.0, rest), slot.import_price),
        (max(0.0, power), min(slot.import_price, (worth + wear) / loss)),
        (max(0.0, feed - sold), min(slot.import_price, slot.export_price)),
    )
    return Step(
        hours=slot.hours,
        rest=rest,
        free=max(0.0, -rest) + stored,
        house=max(0.0, need),
        room=max(0.0, -rest) + stored + bought,
        outlet=max(0.0, need) + max(0.0, feed - sold),
        up=up,
        down=down,
        soon=soon,
        late=late,
    )


def _pieces(*stretches: tuple[float, float]) -> tuple[Piece, ...]:
    start = cost = 0.0
    pieces = []
    for width, price in stretches:
        if width > 0:
            pieces.append(Piece(start, width, price, cost))
            start, cost = start + width, cost + width * price
    return tuple(pieces)


def _integral(pieces: tuple[Piece, ...], power: float) -> float:
    for piece in reversed(pieces):
        if power > piece.start:
            return piece.cost + (power - piece.start) * piece.price
    return 0.0


def _place(stay: Stay, problem: Problem) -> Place:
    departs = problem.horizon if stay.departs is None else stay.departs
    begins = max(stay.arrives, problem.now)
    spans = [(slot.start, slot.end) for slot in problem.slots]
    ends = [end.timestamp() for _, end in spans]
    share = tuple(_overlap(start, end, begins, departs) for start, end in spans)
    there = [index for index, part in enumerate(share) if part > 0]
    warm = departs.timestamp() - stay.precondition_hours * 3600
    ready = departs.timestamp() - stay.slack.total_seconds()
    return Place(
        stay=stay,
        window=range(there[0], there[-1] + 1) if there else range(0),
        share=share,
        lift=tuple(
            stay.precondition if stay.departs and part > 0 and end > warm + 1 else 0.0
            for part, end in zip(share, ends, strict=True)
        ),
        extra=tuple(
            stay.miss_price * _IN_SLACK if stay.departs and part > 0 and end > ready + 1 and stay.slack else 0.0
            for part, end in zip(share, ends, strict=True)
        ),
        due=stay.target - max(0.0, (departs - problem.horizon).total_seconds() / 3600) * stay.charge.points[-1][1],
        later_price=_later_price(problem, stay) if departs > problem.horizon else math.inf,
    )


def _later_price(problem: Problem, stay: Stay) -> float:
    """Return what a kWh in the car will cost after the horizon: what the cheaper hours cost within it."""
    prices = sorted(slot.import_price for slot in problem.slots)
    into, out = stay.charge.points[-1]
    return prices[len(prices) * 3 // 10] * into / out if prices else math.inf


def _overlap(start: datetime, end: datetime, begins: datetime, departs: datetime) -> float:
    if end <= begins or start >= departs:
        return 0.0
    seconds = (min(end, departs) - max(start, begins)).total_seconds()
    whole = (end - start).total_seconds()
    return seconds / whole if seconds > 1.0 and whole > 0 else 0.0


def _circuits(problem: Problem, places: tuple[Place, ...]) -> Iterator[tuple[float, tuple[int, ...]]]:
    for circuit in problem.circuits:
        members = tuple(index for index, place in enumerate(places) if circuit.id in place.stay.circuits)
        if members and math.isfinite(circuit.power):
            yield max(0.0, circuit.power), members
