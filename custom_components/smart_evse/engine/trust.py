"""How far the grid meter can be trusted: that it is there, that it is fresh, that it answers.

A meter that shows none of our own steps, or shows them with the wrong sign, is as bad as a silent
one: acting on it would feed back the wrong way.
"""

from dataclasses import dataclass, replace
import math

from .claims import Case, ceiling, discharge, reason
from .model import (
    Claim,
    GridReading,
    Memory,
    Rank,
    Reason,
    ReasonKey,
    SiteSettings,
    SiteState,
    Snapshot,
    StepMemory,
)

STEP = 3.0
"""The smallest step of our own that a meter has to show, in A on each phase."""

ANSWERED = 0.4
"""The part of a step that has to arrive at the meter: the house moves meanwhile too."""

MIRRORED = (-1.4, -0.6)
"""An answer of about the step's own size the other way round, as a part of it."""

MISSES = 2
"""So many misses in a row and a meter is not trusted."""

_BEYOND_DOUBT = 5_000.0
"""More than clouds and households hide while a step is watched, in W: one miss by so much is enough."""

LATE = 2.0
"""A meter's word may be this much older than it says, in s."""

_RECENT = 5.0
"""A home battery does something else within so long, in s."""

_FORGIVEN_AFTER = 900.0
"""A distrusted meter gets another chance after this long: nothing moves that could clear it sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The state of the site, and why it is not normal."""

    state: SiteState
    reason: Reason | None = None


def assess(snapshot: Snapshot, settings: SiteSettings, memory: Memory) -> Trust:
    """Judge the site by its grid meter."""
    grid = snapshot.grid
    if grid is None:
        if snapshot.since_start < settings.start_grace:
            left = settings.start_grace - snapshot.since_start
            return Trust(state=SiteState.STARTING, reason=reason(ReasonKey.STARTING, seconds=left))
        return Trust(state=SiteState.DEGRADED, reason=reason(ReasonKey.METER_SILENT, age=snapshot.since_start))
    age = snapshot.now - grid.at
    if age > settings.grid_max_age:
        return Trust(state=SiteState.DEGRADED, reason=reason(ReasonKey.METER_SILENT, age=age))
    if is_distrusted(memory):
        return Trust(state=SiteState.DEGRADED, reason=reason(ReasonKey.METER_NOT_TRUSTED))
    return Trust(state=SiteState.NORMAL)


def is_distrusted(memory: Memory) -> bool:
    """Say whether the meter was found to lie, or to stand still."""
    return memory.misses >= MISSES or memory.doubt.stuck_at is not None


def trusted_again(memory: Memory, before: Memory, now: float) -> Memory:
    """Note that a meter came back that was not believed: what the house did meanwhile nobody saw."""
    if not is_distrusted(before) or is_distrusted(memory):
        return memory
    return replace(memory, house=replace(memory.house, recovered_at=now))


def fallback_claims(case: Case, why: Reason) -> tuple[Claim, ...]:
    """Hold a connector to the less of what it has and its fallback; never let it give."""
    last = case.memory.amps
    if last is None:
        last = (case.last.limit if case.last is not None else None) or 0.0
    return (
        ceiling(Rank.SAFETY, min(max(last, 0.0), case.settings.fallback), why),
        discharge(Rank.SAFETY, 0.0, why),
    )


def forgive(memory: Memory, now: float) -> Memory:
    """Give a distrusted meter another chance: one more miss and it is out again."""
    stuck_at = memory.doubt.stuck_at
    if stuck_at is not None and now - stuck_at >= _FORGIVEN_AFTER:
        memory = replace(memory, doubt=replace(memory.doubt, stuck_at=None, since=now, repeats=0))
    if memory.misses >= MISSES and now - memory.missed_at >= _FORGIVEN_AFTER:
        return replace(memory, misses=MISSES - 1)
    return memory


def consumption(snapshot: Snapshot, settings: SiteSettings) -> float | None:
    """Return all that is used behind the grid connection, in W.

    A step of ours shows in it whatever the sun and a home battery do meanwhile, as far as known.
    """
    if snapshot.grid is None:
        return None
    sources = (snapshot.solar, snapshot.battery)
    known = (source.power for source in sources if source and snapshot.now - source.at <= settings.battery_max_age)
    return snapshot.grid.power + sum(known)


def before_step(snapshot: Snapshot, settings: SiteSettings) -> float | None:
    """Return the same to hold a step against later, `None` while the home battery's word is too old for that."""
    battery = snapshot.battery
    if battery is not None and _RECENT < snapshot.now - battery.at <= settings.battery_max_age:
        return None
    return consumption(snapshot, settings)


def watch_step(case: Case, used: float | None, snapshot: Snapshot, *, changed: bool) -> StepMemory | None:
    """Note the powers before a step of our own, to hold the meter against once it has settled.

    A meter that has not spoken since the car last moved does not know yet what was before this step: nobody could
    tell the two apart, or either from what the house does meanwhile.
    """
    step = None if case.memory.step is None else _followed(case.memory.step, case)
    if changed and not _is_told(step, snapshot.grid):
        return None
    if changed and used is not None and case.watts is not None:
        return StepMemory(at=snapshot.now, charger=case.watts, consumption=used)
    return None if step is None or _is_over(step, case, snapshot.now) else step


def judge(cases: tuple[Case, ...], snapshot: Snapshot, settings: SiteSettings) -> int | None:
    """Return how much missing our last step counts, 0 when the meter showed it: `None` while that cannot be told.

    The charger's own measurement is the step's truth: a car that did not follow proves nothing.
    Steps of two connectors at once are told apart by nobody and judge nothing. A step has until
    the end of its time to show: a cloud hides one for a while, and is no fault of the meter. It may show for a
    moment only, where a home battery that nobody told us of makes up for it.
    """
    case, used = _stepping(cases), consumption(snapshot, settings)
    if case is None or used is None or snapshot.grid is None:
        return None
    if case.memory.step is None or case.reading is None or case.watts is None:
        return None
    step = _followed(case.memory.step, case)
    taken = case.watts - step.charger
    if min(snapshot.grid.at, case.reading.at) <= step.at or abs(taken) < STEP * case.per_amp:
        return None
    answer = (used - step.consumption) * math.copysign(1.0, taken)
    if answer >= ANSWERED * abs(taken):
        return 0
    if not _is_settled(step, case, snapshot, settings) or not _is_over(step, case, snapshot.now):
        return None
    # A step that comes back as its own mirror image is no cloud: it is a sign.
    mirrored = MIRRORED[0] <= answer / abs(taken) <= MIRRORED[1]
    return MISSES if mirrored or abs(taken) - answer >= _BEYOND_DOUBT else 1


def count_misses(memory: Memory, now: float, missed: int | None) -> Memory:
    """Count what the meter missed; one answer wipes the slate."""
    if missed is None:
        return memory
    return replace(memory, misses=memory.misses + missed, missed_at=now) if missed else replace(memory, misses=0)


def without_steps(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """Return the cases with their steps behind them: one that was shown once is judged no more."""
    return tuple(replace(case, memory=replace(case.memory, step=None)) for case in cases)


def _stepping(cases: tuple[Case, ...]) -> Case | None:
    """Return the only connector whose step is watched, `None` while another one moves too."""
    stepping = [case for case in cases if case.memory.step is not None]
    if len(stepping) != 1:
        return None
    case, step = stepping[0], stepping[0].memory.step
    others = (other for other in cases if other is not case)
    moving = step is not None and any(other.memory.changed_at + other.settings.settle >= step.at for other in others)
    return None if moving else case


def _followed(step: StepMemory, case: Case) -> StepMemory:
    """Note when the charger first told of a step."""
    if step.followed_at is not None or case.reading is None or case.watts is None or case.reading.at <= step.at:
        return step
    moved = abs(case.watts - step.charger) >= STEP * case.per_amp
    return replace(step, followed_at=case.reading.at) if moved else step


def _is_told(step: StepMemory | None, grid: GridReading | None) -> bool:
    """Say whether the meter has spoken since the car moved."""
    if step is None or step.followed_at is None:
        return True
    return grid is not None and grid.at >= step.followed_at + LATE


def _is_settled(step: StepMemory, case: Case, snapshot: Snapshot, settings: SiteSettings) -> bool:
    """Say whether all who tell of a step have spoken since it was over."""
    readings = (snapshot.grid, case.reading, snapshot.battery)
    heard = [each.at for each in readings if each is not None and snapshot.now - each.at <= settings.battery_max_age]
    return min(heard) >= _began(step) + case.settings.settle


def _is_over(step: StepMemory, case: Case, now: float) -> bool:
    return now >= _began(step) + 2 * case.settings.settle


def _began(step: StepMemory) -> float:
    return step.at if step.followed_at is None else step.followed_at
