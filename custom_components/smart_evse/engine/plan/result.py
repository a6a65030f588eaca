"""A way of charging, told as a plan: each slot with its reason, each stay with its figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import statistics

from .bill import highest_mean
from .cost import Outcome, Powers
from .greedy import floors
from .ground import Ground, is_crowded
from .model import Plan, PlanReason, PlanSource, SiteSlot, SlotPlan, Stay, StayPlan
from .value import values

_MOSTLY = 0.8
"""The share of the sun from which a slot is the sun's."""

_HARDLY = 0.2
"""The share of the sun below which a slot has none to speak of."""

_SUNNY = frozenset({PlanReason.SUN, PlanReason.MIXED})

_LITTLE = 10.0
"""What may be missing without anyone minding, in Wh."""

_SPREAD = 0.02
"""How far below the usual a price must be to be called cheap, as a share of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An outcome with what is said of it: what all cars take in each slot, what each must, its usual price."""

    ground: Ground
    outcome: Outcome
    floors: Powers
    loads: list[float]
    usual: list[float]


def tell(ground: Ground, outcome: Outcome, otherwise: Outcome, source: PlanSource, made_at: datetime) -> Plan:
    """Tell an outcome as a plan; `otherwise` is what charging at once comes to."""
    told = _told(ground, outcome)
    at_once = replace(told, outcome=otherwise, loads=_loads(ground, otherwise))
    stored = outcome.battery.powers if outcome.battery else (0.0,) * len(told.loads)
    worth = values(ground, outcome)
    return Plan(
        made_at=made_at,
        source=source,
        stays=tuple(_stay(told, index, value, _cost_of_stay(at_once, index)) for index, value in enumerate(worth)),
        slots=tuple(
            SiteSlot(start=slot.start, hours=slot.hours, grid=grid, battery=power)
            for slot, grid, power in zip(ground.slots, outcome.grid, stored, strict=True)
        ),
        cost=outcome.cost,
        cost_otherwise=otherwise.cost,
        horizon=ground.problem.horizon,
        peak=highest_mean(ground.problem, _counting_on_no_sun(ground, outcome, worth)),
    )


def _counting_on_no_sun(ground: Ground, outcome: Outcome, worth: Sequence[float]) -> list[float]:
    """Return the grid's powers in W, in the running slot as if the sun stayed away while a car cannot wait for it.

    Such a car has so little time left that a new peak pays for the energy of a single window.
    """
    capacity, grid = ground.problem.capacity, list(outcome.grid)
    if capacity is None or not grid:
        return grid
    price = capacity.price / capacity.window_hours
    if any(powers[0] > 0 and value > price for powers, value in zip(outcome.powers, worth, strict=True)):
        grid[0] += ground.slots[0].sun
    return grid


def _told(ground: Ground, outcome: Outcome) -> _Told:
    prices = [[ground.slots[slot].import_price for slot in place.window] for place in ground.places]
    usual = [statistics.median(row) if row else 0.0 for row in prices]
    return _Told(ground=ground, outcome=outcome, floors=floors(ground), loads=_loads(ground, outcome), usual=usual)


def _loads(ground: Ground, outcome: Outcome) -> list[float]:
    return [
        sum(place.share[slot] * row[slot] for place, row in zip(ground.places, outcome.powers, strict=True))
        for slot in range(len(ground.steps))
    ]


def _stay(told: _Told, index: int, value: float, otherwise: float) -> StayPlan:
    place = told.ground.places[index]
    slots = tuple(_slot(told, index, slot) for slot in range(len(told.ground.steps)))
    charging = [slot for slot in slots if slot.power > 0]
    last = told.ground.slots[slots.index(charging[-1])] if charging else None
    return StayPlan(
        connector=place.stay.connector,
        arrives=place.stay.arrives,
        departs=place.stay.departs,
        target=place.stay.target,
        slots=slots,
        value=value,
        planned=(slots[-1].energy if slots else place.stay.energy) - place.stay.energy,
        missing=told.outcome.missing[index],
        cost=_cost_of_stay(told, index),
        cost_otherwise=otherwise,
        next_start=max(charging[0].start, place.stay.arrives) if charging else None,
        expected_end=last.end if last else None,
        latest=_latest(place.stay),
        joins=is_crowded(told.ground.problem) and (told.outcome.missing[index] > _LITTLE or _buys_later(told, slots)),
    )


def _buys_later(told: _Told, slots: tuple[SlotPlan, ...]) -> bool:
    """Say whether a car is to buy energy for what it costs now or more."""
    prices = [slot.import_price for slot in told.ground.slots]
    bought = (price for price, slot in zip(prices, slots, strict=True) if slot.power > 0 and slot.reason not in _SUNNY)
    return any(price >= prices[0] for price in bought)


def _latest(stay: Stay) -> datetime | None:
    """Return when a car must begin at last to reach its target in time, with all that it can take."""
    most = stay.charge.at(stay.charge.most)
    if stay.departs is None or most <= 0:
        return None
    return stay.departs - stay.slack - timedelta(hours=max(0.0, stay.target - stay.energy) / most)


def _slot(told: _Told, index: int, slot: int) -> SlotPlan:
    step, power = told.ground.steps[slot], told.outcome.powers[index][slot]
    sun = min(1.0, step.free / told.loads[slot]) if power > 0 and told.loads[slot] > 0 else 0.0
    return SlotPlan(
        start=told.ground.slots[slot].start,
        hours=step.hours,
        power=power,
        from_sun=max(0.0, power) * sun,
        energy=told.outcome.energies[index][slot],
        reason=_reason(told, index, slot, sun),
        cost=_cost(told, index, slot),
    )


def _reason(told: _Told, index: int, slot: int, sun: float) -> PlanReason:
    place, power = told.ground.places[index], told.outcome.powers[index][slot]
    if place.share[slot] <= 0:
        return PlanReason.AWAY
    if power < 0:
        return PlanReason.GIVE
    if power == 0:
        full = told.outcome.energies[index][slot] >= place.stay.target - 1.0
        return PlanReason.DONE if full else PlanReason.WAIT
    if told.floors[index][slot] > 0:
        return PlanReason.PRECONDITIONING if place.lift[slot] > 0 else PlanReason.MINIMUM
    if sun >= _HARDLY:
        return PlanReason.SUN if sun >= _MOSTLY else PlanReason.MIXED
    usual = told.usual[index]
    cheap = told.ground.slots[slot].import_price < usual - abs(usual) * _SPREAD
    return PlanReason.CHEAP if cheap else PlanReason.DEPARTURE


def _cost_of_stay(told: _Told, index: int) -> float:
    return sum(_cost(told, index, slot) for slot in told.ground.places[index].window)


def _cost(told: _Told, index: int, slot: int) -> float:
    """Return this car's share of what all cars add to the bill of a slot, in currency."""
    step, load = told.ground.steps[slot], told.loads[slot]
    power = told.outcome.powers[index][slot] * told.ground.places[index].share[slot]
    return step.bill(load) * power / load if load else 0.0
