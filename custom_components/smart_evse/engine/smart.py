"""Following the plan: the hours are the plan's, the watts are the sun's.

The plan says what a kWh in the car is worth and when the grid is to be used. Within that the real sun decides at
every moment: whatever charges for less than the energy is worth is taken, whatever the forecast said. A start,
a stop or a change of phases has to save more than it wears.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .claims import Case, reason, target
from .memory import SmartMemory
from .model import Claim, Mode, Rank, Reason, ReasonKey
from .plan.model import PlanReason, SlotPlan, StayPlan
from .planned import staying
from .scene import Scene
from .worth import Choice, Market, Range, best

_START = 0.02
_STOP = 0.02
_SWITCH = 0.05
"""What a start, a stop and a change of phases have to save first, in currency."""

_SLOW = 240.0
"""The time over which a surplus counts that decides on phases, in s."""

_BEYOND = 5.0
"""How much a slot has to take beyond its sun to be one of the grid, in % of its power."""

_GRID = frozenset(
    {PlanReason.CHEAP, PlanReason.MINIMUM, PlanReason.DEPARTURE, PlanReason.PRECONDITIONING},
)

_WORDS = {
    PlanReason.CHEAP: ReasonKey.PLAN_CHEAP,
    PlanReason.MINIMUM: ReasonKey.PLAN_MINIMUM,
    PlanReason.DEPARTURE: ReasonKey.PLAN_DEPARTURE,
    PlanReason.PRECONDITIONING: ReasonKey.PLAN_PRECONDITIONING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the plan and the sun come to for one connector: its claims, and what to remember."""

    claims: tuple[Claim, ...] = ()
    memory: SmartMemory


def is_planned(case: Case, scene: Scene) -> bool:
    """Say whether there is a plan and a price to follow."""
    return staying(case, scene) is not None and scene.snapshot.import_price is not None


def steer(case: Case, scene: Scene, available: float | None) -> Course:
    """Say what plan and sun want of a connector in mode `smart`; `available` is the sun's W for it."""
    stay, price = staying(case, scene), scene.snapshot.import_price
    memory = case.memory.smart
    if stay is None or price is None or not case.plugged:
        return Course(memory=SmartMemory())
    if case.memory.amps is None and (case.amps or 0.0) > 0:
        # Nothing was decided yet and the car charges: a restart must not end what it finds.
        memory = SmartMemory(running=True, changed_at=scene.now)
    market = Market(import_price=price, export_price=scene.snapshot.export_price or 0.0, value=stay.value)
    slot = stay.at(scene.snapshot.utc)
    planned = slot.power if slot is not None and slot.reason in _GRID else 0.0
    sun = available or 0.0
    spans = tuple(_spans(case))
    now = next((span for span in spans if span.phases == len(case.phases)), spans[0])
    choice = best(market, now, sun, planned)
    if scene.seconds is not None:
        memory = _advance(case, memory, choice, scene, planned=planned > 0)
        memory = _choose_phases(memory, market, spans, now, planned, sun, scene.seconds)
    memory = replace(memory, target=_track(case, memory.target, choice.amps, scene.now))
    return Course(claims=tuple(_claims(case, stay, slot, memory, choice, sun, scene)), memory=memory)


def _spans(case: Case) -> Iterator[Range]:
    """Yield what the connector can take on the phases it may use."""
    box, phases = case.settings, len(case.phases)
    ceilings = (box.max_current, box.cable_current, box.vehicle.max_current)
    most = min(amps for amps in ceilings if amps is not None)
    may_switch = box.phase_switching and box.auto_phases and len(box.phase_map) > 1 and box.vehicle.phases != 1
    for count in (1, len(box.phase_map)) if may_switch else (phases,):
        per_amp = case.per_amp / phases * count
        yield Range(
            phases=count, least=box.minimum, most=max(most, box.minimum), step=box.step, per_amp=per_amp, dc=box.dc
        )


def _advance(case: Case, memory: SmartMemory, choice: Choice, scene: Scene, *, planned: bool) -> SmartMemory:
    """Start or stop once enough was lost by not doing so; the plan's own hours need no such proof."""
    hours = (scene.seconds or 0.0) / 3600
    since = float("inf") if memory.changed_at is None else scene.now - memory.changed_at
    if memory.running:
        regret = 0.0 if planned else max(0.0, memory.regret - choice.gain * hours)
        if regret >= _STOP and since >= case.settings.solar.min_on:
            return replace(memory, running=False, changed_at=scene.now, regret=0.0)
        return replace(memory, regret=regret)
    regret = max(0.0, memory.regret + choice.gain * hours)
    if planned or (regret >= _START and since >= case.settings.solar.min_off):
        return replace(memory, running=True, changed_at=scene.now, regret=0.0)
    return replace(memory, regret=min(regret, _START))


def _choose_phases(
    memory: SmartMemory,
    market: Market,
    spans: tuple[Range, ...],
    now: Range,
    planned: float,
    sun: float,
    seconds: float,
) -> SmartMemory:
    """Change the phases once the others would have saved more than a change costs."""
    slow = sun if memory.slow is None else memory.slow + min(1.0, seconds / _SLOW) * (sun - memory.slow)
    memory = replace(memory, slow=slow)
    if len(spans) < 2:
        return replace(memory, phases=None, phase_regret=0.0)
    choices = {span.phases: best(market, span, slow, planned) for span in spans}
    better = max(choices.values(), key=lambda choice: choice.gain)
    if not memory.running:
        return replace(memory, phases=better.phases if better.gain > 0 else memory.phases, phase_regret=0.0)
    lost = max(0.0, better.gain) - max(0.0, choices[now.phases].gain)
    regret = max(0.0, memory.phase_regret + lost * seconds / 3600) if lost > 0 else 0.0
    if regret >= _SWITCH:
        return replace(memory, phases=better.phases, phase_regret=0.0)
    return replace(memory, phase_regret=regret)


def _track(case: Case, current: float | None, wanted: float, now: float) -> float:
    """Follow at once downward, and upward once what was asked for last has been followed."""
    if current is None or wanted <= current:
        return wanted
    settled = now - case.memory.changed_at >= case.settings.settle
    return wanted if settled else current


def _claims(
    case: Case,
    stay: StayPlan,
    slot: SlotPlan | None,
    memory: SmartMemory,
    choice: Choice,
    sun: float,
    scene: Scene,
) -> Iterator[Claim]:
    if not memory.running:
        yield target(Rank.PLAN, 0.0, _waiting(stay, scene))
        return
    from_grid = slot is not None and slot.reason in _WORDS
    why = _charging(slot, stay, scene) if slot is not None and from_grid else reason(ReasonKey.PLAN_SUN, watts=sun)
    yield target(Rank.PLAN, memory.target or 0.0, why)


def _charging(slot: SlotPlan, stay: StayPlan, scene: Scene) -> Reason:
    leaves = (stay.departs or slot.start).isoformat()
    match _WORDS[slot.reason]:
        case ReasonKey.PLAN_CHEAP:
            return reason(ReasonKey.PLAN_CHEAP, price=scene.snapshot.import_price or 0.0)
        case ReasonKey.PLAN_MINIMUM:
            return reason(ReasonKey.PLAN_MINIMUM)
        case ReasonKey.PLAN_PRECONDITIONING:
            return reason(ReasonKey.PLAN_PRECONDITIONING, time=leaves)
        case _:
            return reason(ReasonKey.PLAN_DEPARTURE, time=leaves)


def _waiting(stay: StayPlan, scene: Scene) -> Reason:
    if stay.next_start is None:
        return reason(ReasonKey.TARGET_REACHED) if stay.missing <= 0 else reason(ReasonKey.PLAN_MISSING)
    return reason(ReasonKey.PLAN_WAITING, time=stay.next_start.isoformat())


def cheap_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the wish of mode `cheap`: all there is below a price, or in the hours that the plan buys in."""
    if case.settings.mode is not Mode.CHEAP:
        return
    price, below = scene.snapshot.import_price, case.settings.cheap_price
    if price is None:
        yield target(Rank.MODE, 0.0, reason(ReasonKey.PRICE_UNKNOWN))
    elif below is not None:
        cheap = price <= below
        why = reason(ReasonKey.CHEAP_NOW if cheap else ReasonKey.CHEAP_WAITING, price=price)
        yield target(Rank.MODE, float("inf") if cheap else 0.0, why)
    else:
        stay = staying(case, scene)
        slot = None if stay is None else stay.at(scene.snapshot.utc)
        planned = slot.power if slot is not None and slot.reason in _GRID else 0.0
        why = reason(ReasonKey.CHEAP_NOW if planned > 0 else ReasonKey.CHEAP_WAITING, price=price)
        yield target(Rank.MODE, planned / case.per_amp, why)
