"""The plan that is there already: what it comes to now, and whether it may stay.

Every change of plan is a change on somebody's wall. An old plan stays until it can no longer be
followed, leaves a car short, or costs noticeably more than a new one under the same forecast.
"""

from collections.abc import Iterator

from .cost import Outcome, Powers, assess
from .greedy import floors, refill
from .ground import Ground, Place, lay
from .model import Plan, Problem, StayPlan

_DEARER = 0.01
_MONEY = 0.005
"""What a new plan must save: this share of its cost, and at least this much currency."""

_SHORT = 100.0
"""What an old plan may leave missing beyond the new one, in Wh."""

_LOOSE = 1.0
"""What a limit may be passed by before it counts, in W."""


def price(plan: Plan, problem: Problem) -> float:
    """Return what following a plan would cost under this forecast, in currency.

    Where it says nothing of a car, that car waits.
    """
    ground = lay(problem)
    return assess(ground, _powers(plan, ground), _battery(plan, ground)).cost


def kept(previous: Plan, ground: Ground, new: Outcome) -> Outcome | None:
    """Return what the previous plan comes to now, or `None` if the new one should replace it."""
    if not _same_stays(previous, ground):
        return None
    powers = refill(ground, _powers(previous, ground))
    if not _fits(ground, powers) or _dawdles(ground, powers):
        return None
    old = assess(ground, powers, _battery(previous, ground))
    if any(mine > theirs + _SHORT for mine, theirs in zip(old.missing, new.missing, strict=True)):
        return None
    allowed = max(_MONEY, abs(new.score) * _DEARER)
    return old if old.score <= new.score + allowed else None


def _dawdles(ground: Ground, powers: Powers) -> bool:
    """Say whether a car would wait that must not: below its minimum it charges as soon as it can."""
    return any(
        sum(max(0.0, floor - power) * slot.hours for floor, power, slot in zip(least, row, ground.slots, strict=True))
        > _SHORT
        for least, row in zip(floors(ground), powers, strict=True)
    )


def _same_stays(previous: Plan, ground: Ground) -> bool:
    """Say whether the plan was made for these cars, these departures and these targets."""
    then = sorted((stay.connector, str(stay.departs), stay.target) for stay in previous.stays if _ahead(stay, ground))
    now = sorted((place.stay.connector, str(place.stay.departs), place.stay.target) for place in ground.places)
    return then == now


def _ahead(stay: StayPlan, ground: Ground) -> bool:
    return stay.departs is None or stay.departs > ground.problem.now


def _powers(plan: Plan, ground: Ground) -> Powers:
    return [list(_row(plan, place, ground)) for place in ground.places]


def _row(plan: Plan, place: Place, ground: Ground) -> Iterator[float]:
    """Yield what the plan said for each slot; a slot that it did not know waits."""
    stay = next((stay for stay in plan.of(place.stay.connector) if stay.departs == place.stay.departs), None)
    for index, slot in enumerate(ground.slots):
        then = stay.at(slot.start) if stay and place.share[index] > 0 else None
        power = then.power if then else 0.0
        curve = place.stay.charge
        yield min(max(power, curve.least), curve.most) if power > 0 else power


def _battery(plan: Plan, ground: Ground) -> list[float] | None:
    battery = ground.problem.battery
    if battery is None or not battery.controllable or plan.horizon < ground.problem.horizon:
        return None
    known = {slot.start: slot.battery for slot in plan.slots}
    return [known.get(slot.start, 0.0) for slot in ground.slots]


def _fits(ground: Ground, powers: Powers) -> bool:
    for slot, step in enumerate(ground.steps):
        watts = [row[slot] for row in powers]
        takes, gives = sum(max(0.0, power) for power in watts), sum(max(0.0, -power) for power in watts)
        if takes > step.room + _LOOSE or gives > step.outlet + _LOOSE or (takes > 0 and gives > 0):
            return False
        for limit, members in ground.limits:
            if abs(sum(watts[index] for index in members)) > limit + _LOOSE:
                return False
    return True
