"""Following the plan: the hours are the plan's, the watts are the sun's.

The plan says what a kWh in the car is worth and when the grid is to be used. Within that the real sun decides at
every moment: whatever charges for less than the energy is worth is taken, whatever the forecast said. A start,
a stop or a change of phases has to save more than it wears.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
import math

from .claims import Case, reason, target
from .gentle import recent
from .giving import gain
from .memory import SmartMemory
from .model import Claim, Mode, Rank, Reason, ReasonKey
from .plan.model import PlanReason, SlotPlan, StayPlan
from .planned import staying
from .scene import Scene
from .tracking import shortfall
from .wear import start_price, stop_price, switch_price
from .worth import Choice, Market, Range, best

_ABLE = 0.95
"""The share of what the plan takes from the grid that phases must be able to carry."""

_SLOW = 240.0
"""The time over which a surplus counts that decides on phases, in s."""

_AHEAD = timedelta(minutes=45)
"""How far the plan is looked at to see whether what the sun does now will last."""

_WORDS = {
    PlanReason.CHEAP: ReasonKey.PLAN_CHEAP,
    PlanReason.MINIMUM: ReasonKey.PLAN_MINIMUM,
    PlanReason.DEPARTURE: ReasonKey.PLAN_DEPARTURE,
    PlanReason.PRECONDITIONING: ReasonKey.PLAN_PRECONDITIONING,
}
"""The hours in which the plan buys from the grid, and how each is told."""

_NEARLY = 100.0
"""A target missed by less is reached: no car tells its charge that finely, in Wh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the plan and the sun come to for one connector: its claims, and what to remember."""

    claims: tuple[Claim, ...] = ()
    memory: SmartMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """What counts at this instant for one connector: plan, prices and the W of sun that it may have."""

    case: Case
    scene: Scene
    stay: StayPlan
    slot: SlotPlan | None
    market: Market
    sun: float

    @property
    def planned(self) -> float:
        """The W that the plan takes from the grid now; no end of them where a crowded site leaves some."""
        if self.stay.joins:
            return math.inf
        return self.slot.power if self.slot is not None and self.slot.reason in _WORDS else 0.0

    @property
    def foreseen(self) -> float:
        """The mean W that the plan has for the connector in the next while, whatever they come from."""
        until = self.scene.snapshot.utc + _AHEAD
        ahead = [slot for slot in self.stay.slots if slot.start < until]
        hours = sum(slot.hours for slot in ahead)
        return sum(slot.power * slot.hours for slot in ahead) / hours if hours else 0.0


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
    moment = _Moment(
        case=case,
        scene=scene,
        stay=stay,
        slot=stay.at(scene.snapshot.utc),
        market=Market(import_price=price, export_price=scene.snapshot.export_price or 0.0, value=stay.value),
        sun=available or 0.0,
    )
    memory = replace(memory, short=shortfall(case, memory.short, scene.now))
    spans = tuple(_spans(case, memory.short))
    now = next((span for span in spans if span.phases == len(case.phases)), spans[0])
    choice = best(moment.market, now, moment.sun, moment.planned)
    if scene.seconds is not None:
        memory = _advance(memory, choice, moment, scene.seconds)
        memory = _choose_phases(memory, spans, now, moment, scene.seconds)
        memory = _weigh_giving(memory, moment, scene.seconds)
    memory = replace(memory, target=_track(case, memory.target, choice.amps, scene.now))
    return Course(claims=tuple(_claims(memory, moment)), memory=memory)


def _spans(case: Case, short: float) -> Iterator[Range]:
    """Yield what the connector can take on the phases it may use."""
    box, phases = case.settings, len(case.phases)
    may_switch = box.phase_switching and box.auto_phases and len(box.phase_map) > 1 and box.vehicle.phases != 1
    for count in (1, len(box.phase_map)) if may_switch else (phases,):
        per_amp = case.per_amp / phases * count
        yield Range(
            phases=count,
            least=box.minimum,
            most=max(box.maximum, box.minimum),
            step=box.step,
            per_amp=per_amp,
            dc=box.dc,
            short=short,
        )


def _advance(memory: SmartMemory, choice: Choice, moment: _Moment, seconds: float) -> SmartMemory:
    """Start or stop once enough was lost by not doing so; the plan's own hours need no such proof."""
    now, timing, planned = moment.scene.now, moment.case.settings.solar, moment.planned > 0
    since = float("inf") if memory.changed_at is None else now - memory.changed_at
    starts = len(recent(moment.case.memory.starts, now))
    if memory.running:
        regret = 0.0 if planned else max(0.0, memory.regret - choice.gain * seconds / 3600)
        if regret >= stop_price(starts, moment.foreseen) and since >= timing.min_on:
            return replace(memory, running=False, changed_at=now, regret=0.0)
        return replace(memory, regret=regret)
    price = start_price(starts, moment.foreseen)
    regret = max(0.0, memory.regret + choice.gain * seconds / 3600)
    if planned or (regret >= price and since >= timing.min_off):
        return replace(memory, running=True, changed_at=now, regret=0.0)
    return replace(memory, regret=min(regret, price))


def _weigh_giving(memory: SmartMemory, moment: _Moment, seconds: float) -> SmartMemory:
    """Begin to give once enough was lost by not doing so: what a home battery nearly serves is no reason."""
    case, scene = moment.case, moment.scene
    given = scene.giving.get(case.settings.id, 0.0)
    if given <= 0:
        return replace(memory, missed=0.0, gives=False)
    price = start_price(len(case.memory.giving.starts), -moment.foreseen)
    missed = memory.missed + max(0.0, gain(case, scene, given)) * seconds / 3600
    return replace(memory, missed=min(missed, price), gives=missed >= price)


def _choose_phases(
    memory: SmartMemory, spans: tuple[Range, ...], now: Range, moment: _Moment, seconds: float
) -> SmartMemory:
    """Change the phases once the others would have saved more than a change costs."""
    slow = moment.sun
    if memory.slow is not None:
        slow = memory.slow + min(1.0, seconds / _SLOW) * (moment.sun - memory.slow)
    memory = replace(memory, slow=slow)
    if len(spans) < 2:
        return replace(memory, phases=None, phase_regret=0.0)
    choices = {span.phases: best(moment.market, span, slow, moment.planned) for span in spans}
    able = [span.phases for span in spans if span.most * span.per_amp >= moment.planned * _ABLE]
    better = max((choices[phases] for phases in able or choices), key=lambda choice: choice.gain)
    if moment.planned > 0 and now.phases not in (able or choices):
        return replace(memory, phases=better.phases, phase_regret=0.0)
    if not memory.running:
        wanted = moment.planned > 0 or better.gain > 0
        return replace(memory, phases=better.phases if wanted else memory.phases, phase_regret=0.0)
    lost = max(0.0, better.gain) - max(0.0, choices[now.phases].gain)
    regret = max(0.0, memory.phase_regret + lost * seconds / 3600) if lost > 0 else 0.0
    if regret >= switch_price(_switches(moment), foreseen=_is_for(better, spans, moment.foreseen)):
        return replace(memory, phases=better.phases, phase_regret=0.0)
    return replace(memory, phase_regret=regret)


def _switches(moment: _Moment) -> int:
    return len(recent(moment.case.memory.switches, moment.scene.now))


def _is_for(choice: Choice, spans: tuple[Range, ...], foreseen: float) -> bool:
    """Say whether a power is for the phases of a choice: more than fewer can carry, less than more of them begin at."""
    fewer, more = spans[0], spans[-1]
    if choice.phases == more.phases:
        return foreseen > fewer.most * fewer.per_amp
    return foreseen < more.least * more.per_amp


def _track(case: Case, current: float | None, wanted: float, now: float) -> float:
    """Follow at once downward, and upward once what was asked for last has been followed."""
    if current is None or wanted <= current:
        return wanted
    settled = now - case.memory.changed_at >= case.settings.settle
    return wanted if settled else current


def _claims(memory: SmartMemory, moment: _Moment) -> Iterator[Claim]:
    slot, stay, scene = moment.slot, moment.stay, moment.scene
    if not memory.running:
        yield target(Rank.PLAN, 0.0, _waiting(stay, scene))
    elif slot is not None and (slot.reason in _WORDS or stay.joins):
        yield target(Rank.PLAN, memory.target or 0.0, _charging(slot, stay, scene))
    else:
        yield target(Rank.PLAN, memory.target or 0.0, reason(ReasonKey.PLAN_SUN, watts=moment.sun))


def _charging(slot: SlotPlan, stay: StayPlan, scene: Scene) -> Reason:
    leaves = (stay.departs or slot.start).isoformat()
    match _WORDS.get(slot.reason):
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
        return reason(ReasonKey.TARGET_REACHED) if stay.missing <= _NEARLY else reason(ReasonKey.PLAN_MISSING)
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
        planned = slot.power if slot is not None and slot.reason in _WORDS else 0.0
        why = reason(ReasonKey.CHEAP_NOW if planned > 0 else ReasonKey.CHEAP_WAITING, price=price)
        yield target(Rank.MODE, planned / case.per_amp, why)
