"""A grid meter in doubt is asked: one car is lowered a little for some seconds, and the meter has to show it.

Where all cars have their least, one is raised a little as far as the fuse is known to allow it. Where that cannot be
either, one that has more than its safe share is stopped: an overload that nobody sees would last.

Two things raise a doubt. A meter that says the same to the last digit for much longer than it ever did while a car
moved it may stand still. One that asks a giving car for more the more it gives may have the wrong sign. Neither
is proof: houses rest, and loads rise faster than a car follows. Only the answer to the question is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
import math

from .claims import Case, ceiling, discharge, floor, reason
from .memory import AskedMemory, DoubtMemory
from .model import Claim, GridReading, HouseMemory, Memory, Mode, Rank, ReasonKey, SiteSettings, Snapshot
from .resolve import toward_zero
from .scene import Scene
from .trust import ANSWERED, LATE, MIRRORED, MISSES, STEP, before_step, consumption, is_distrusted

_LIVELY = 1_000.0
"""What our connectors take or give has to be this much for the last digits to move, in W."""

_REPEATS = 3
"""The least samples alike that are strange."""

_KNOWN = 60
"""So many changes and it is known how a meter moves."""

_UNKNOWN = 300.0
"""The least time alike that is strange of a meter that nobody knows yet, in s."""

_BEYOND = 2.0
"""The same for one that is known, as a multiple of the longest time that it has rested."""

_FADES = 3_600.0
"""What a meter has shown counts half as much after this long, in s."""

_TOGETHER = 1.5
"""Readings this close in time tell of the same instant, in s."""

_UNMOVED = 2
"""So many samples alike after a car has followed, and the meter stands still."""

_NUDGE = 1.0
"""What a meter that does not move is asked with, in A; the wrong sign takes a step that counts."""

_RUN = 2.0
"""What a giving car has to be raised by in vain to raise a doubt, in A."""

_FAR_BEYOND = 5.0
"""A car is stopped for a meter that tells no voltages only this many times beyond its longest rest."""

_AGAINST = 0.6
"""A meter that goes this part of a step the other way has perhaps the wrong sign."""


def doubt_meter(memory: Memory, snapshot: Snapshot, settings: SiteSettings, cases: Sequence[Case]) -> Memory:
    """Return what is known of the meter after this instant."""
    grid, doubt = snapshot.grid, memory.doubt
    if grid is None or snapshot.now - grid.at > settings.grid_max_age:
        return replace(memory, doubt=replace(doubt, trail=(), asked=None))
    is_new, watts = grid.at != doubt.at, sum(case.watts or 0.0 for case in cases)
    doubt = _hear(doubt, grid, lively=abs(watts) >= _LIVELY) if is_new else doubt
    used = before_step(snapshot, settings) if _is_of_one_instant(grid, snapshot) else None
    # A home battery that follows the house as well moves the meter like a wrong sign: nothing can be told beside one.
    if is_new and used is not None and snapshot.battery is None:
        doubt = replace(doubt, trail=_longer(doubt.trail, (grid.at, watts, used), 2 * settings.grid_max_age))
    asked = doubt.asked
    if asked is not None:
        doubt = _weigh(doubt, asked, cases, snapshot, settings)
        answer = 0.0 if asked.still else _answer(asked, cases, snapshot, settings, settled=True)
        if MIRRORED[0] <= answer <= MIRRORED[1]:
            memory = replace(memory, misses=MISSES, missed_at=snapshot.now)
    memory = replace(memory, doubt=doubt)
    if doubt.asked is not None or not is_new or used is None or is_distrusted(memory):
        return memory
    still = _stands_still(doubt, settings)
    # A question that was missed is put once more: the house may have hidden the answer.
    missed = asked is not None and not asked.still and memory.misses > 0
    able = [case for case in cases if (still and _rests(case, snapshot.now)) or missed or _runs_away(doubt, case)]
    able.sort(key=_order)
    amounts = [(case, _lowered(case, still=still)) for case in able]
    if still:
        amounts += [(case, _raised(case, memory.house, settings, cases)) for case in able]
        amounts += [(case, _stopped(case, doubt)) for case in able]
    questions = (_question(amps, case, used, snapshot.now, still=still) for case, amps in amounts)
    return replace(memory, doubt=replace(doubt, asked=next((each for each in questions if each is not None), None)))


def asking_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield what a connector is held to while it asks the meter."""
    asked = scene.memory.doubt.asked
    if asked is None or asked.connector != case.settings.id:
        return
    why = reason(ReasonKey.METER_ASKED)
    if not _is_up(asked, case):
        hold = discharge if asked.charger < 0 else ceiling
        yield hold(Rank.COMFORT, asked.amps, why)
    elif case.settings.mode is not Mode.OFF:
        yield floor(Rank.PLAN, asked.amps, why)


def _hear(memory: DoubtMemory, grid: GridReading, *, lively: bool) -> DoubtMemory:
    """Take in a sample: how long the meter has rested counts only while a car moves it."""
    said = (grid.power, grid.currents, grid.powers, grid.voltages)
    if said == memory.said:
        since, repeats = (memory.since, memory.repeats + 1) if lively else (grid.at, 0)
        return replace(memory, at=grid.at, since=since, repeats=repeats, asked=_unmoved(memory.asked, grid.at))
    moved = replace(memory, at=grid.at, said=said, since=grid.at, repeats=0, stuck_at=None)
    if memory.asked is not None and memory.asked.still:
        moved = replace(moved, asked=None)
    if not lively or memory.at is None or memory.stuck_at is not None:
        return moved
    longest = max(memory.at - memory.since, _longest(memory, grid.at))
    return replace(moved, changes=memory.changes + 1, longest=longest, longest_at=grid.at)


def _unmoved(asked: AskedMemory | None, at: float) -> AskedMemory | None:
    """Count a sample that says the same although the car has followed."""
    if asked is None or asked.followed_at is None or at < asked.followed_at + LATE:
        return asked
    return replace(asked, unmoved=asked.unmoved + 1)


def _is_of_one_instant(grid: GridReading, snapshot: Snapshot) -> bool:
    """Say whether the home battery's word is as young as the meter's: it moves within seconds of a step of ours."""
    return snapshot.battery is None or snapshot.battery.at >= grid.at - _TOGETHER


def _longest(memory: DoubtMemory, now: float) -> float:
    return memory.longest * 0.5 ** ((now - memory.longest_at) / _FADES) if memory.longest else 0.0


def _longer(
    trail: tuple[tuple[float, float, float], ...], last: tuple[float, float, float], seconds: float
) -> tuple[tuple[float, float, float], ...]:
    """Return what is remembered of the last `seconds`, in about ten steps and the last sample."""
    kept = tuple(each for each in trail if last[0] - each[0] <= seconds)
    crowded = len(kept) > 1 and kept[-1][0] - kept[-2][0] < seconds / 10
    return (*kept[:-1], last) if crowded else (*kept, last)


def _order(case: Case) -> tuple[float, str]:
    """The one with the most goes first."""
    return -abs(case.memory.amps or 0.0), case.settings.id


def _question(amps: float | None, case: Case, used: float, now: float, *, still: bool) -> AskedMemory | None:
    """Return the question that a connector puts by so many A, `None` where it cannot."""
    told, flows, watts = case.memory.amps or 0.0, case.amps, case.watts
    if amps is None or flows is None or watts is None or told * flows <= 0 or (told > 0 and not still):
        return None
    return AskedMemory(connector=case.settings.id, at=now, amps=amps, charger=watts, consumption=used, still=still)


def _lowered(case: Case, *, still: bool) -> float | None:
    """Return what a connector is lowered to for a question in A, `None` where its least is more."""
    least = min(abs(case.memory.amps or 0.0), abs(case.amps or 0.0))
    size = max(_NUDGE if still else STEP + 1.0, case.settings.step)
    amps = toward_zero(least - size, case.settings.step)
    return amps if amps >= case.settings.minimum else None


def _raised(case: Case, house: HouseMemory, settings: SiteSettings, cases: Sequence[Case]) -> float | None:
    """Return what a connector is raised to for a question in A, `None` where it gives or there is no more for it."""
    box, told = case.settings, case.memory.amps or 0.0
    amps = toward_zero(max(told, case.amps or 0.0) + max(_NUDGE, box.step) + box.step / 2, box.step)
    if told <= 0 or amps > box.maximum or house.held is None:
        return None
    for phase in case.phases:
        # What the others want of the room is shared alike.
        sharing = sum(phase in other.phases and other.running for other in cases)
        if house.held[phase] + amps * max(1, sharing) > settings.fuse - settings.margin:
            return None
    return amps


def _stopped(case: Case, memory: DoubtMemory) -> float | None:
    """Return 0 where nothing but a stop asks the meter, `None` for a car that has no more than its safe share."""
    if memory.at is None or 0 < (case.memory.amps or 0.0) <= case.settings.fallback:
        return None
    *_, voltages = memory.said
    # Mains voltage never rests: whoever tells the same to a tenth of a volt for long is hardly right.
    rests = max(_UNKNOWN, _FAR_BEYOND * _longest(memory, memory.at)) if voltages is None else 0.0
    return 0.0 if memory.at - memory.since >= rests else None


def _is_up(asked: AskedMemory, case: Case) -> bool:
    return asked.amps * case.per_amp > abs(asked.charger)


def _stands_still(memory: DoubtMemory, settings: SiteSettings) -> bool:
    if memory.at is None or memory.repeats < _REPEATS:
        return False
    least = settings.grid_max_age if memory.changes >= _KNOWN else _UNKNOWN
    return memory.at - memory.since >= max(least, _BEYOND * _longest(memory, memory.at))


def _rests(case: Case, now: float) -> bool:
    return now - case.memory.changed_at >= case.settings.settle


def _runs_away(memory: DoubtMemory, case: Case) -> bool:
    """Say whether the meter has asked for more the more was given: only powers of a sample's own instant tell."""
    if not memory.trail or memory.trail[-1][0] != memory.at:
        return False
    least, (*trail, (_, watts, used)) = _RUN * case.per_amp, memory.trail
    return any(before - watts >= least and used - then >= _AGAINST * (before - watts) for _, before, then in trail)


def _weigh(
    memory: DoubtMemory, asked: AskedMemory, cases: Iterable[Case], snapshot: Snapshot, settings: SiteSettings
) -> DoubtMemory:
    """Weigh what the meter says to a question that was put. The wrong sign is judged as that of any step of ours."""
    case = next((each for each in cases if each.settings.id == asked.connector), None)
    over = case is None or snapshot.now - asked.at >= 2 * case.settings.settle
    if not asked.still:
        shown = _answer(asked, cases, snapshot, settings, settled=False) >= ANSWERED
        return replace(memory, asked=None, trail=()) if over or shown else memory
    again = replace(memory, asked=None, since=snapshot.now, repeats=0)
    if case is None or case.reading is None or _is_made_up(asked, case, snapshot, settings):
        return again
    if asked.unmoved >= _UNMOVED:
        return replace(again, stuck_at=snapshot.now)
    if asked.followed_at is not None:
        return memory
    if _has_followed(asked, case):
        return replace(memory, asked=replace(asked, followed_at=case.reading.at))
    return _unfollowed(memory, again, asked, case, snapshot.now) if over else memory


def _has_followed(asked: AskedMemory, case: Case) -> bool:
    taken = -_taken(asked, case) if _is_up(asked, case) else _taken(asked, case)
    return case.reading is not None and case.reading.at > asked.at and taken >= _AGAINST * case.per_amp


def _unfollowed(memory: DoubtMemory, again: DoubtMemory, asked: AskedMemory, case: Case, now: float) -> DoubtMemory:
    """Give up a question that a car did not follow; one that wants no more is asked by a stop, at once."""
    amps = _stopped(case, memory) if _is_up(asked, case) else None
    return again if amps is None else replace(memory, asked=replace(asked, at=now, amps=amps))


def _answer(
    asked: AskedMemory, cases: Iterable[Case], snapshot: Snapshot, settings: SiteSettings, *, settled: bool
) -> float:
    """Return how much of a step the meter shows, 1 for all of it and -1 for its mirror image; 0 while nobody knows."""
    case = next((each for each in cases if each.settings.id == asked.connector), None)
    used, grid = consumption(snapshot, settings), snapshot.grid
    if case is None or case.reading is None or used is None or grid is None or not _is_of_one_instant(grid, snapshot):
        return 0.0
    taken, since = _taken(asked, case), asked.at + (case.settings.settle if settled else 0.0)
    if min(grid.at, case.reading.at) <= since or taken < STEP * case.per_amp:
        return 0.0
    return (used - asked.consumption) / taken


def _taken(asked: AskedMemory, case: Case) -> float:
    """Return by how much less a car moves than when the question was put, in W."""
    return abs(asked.charger) - abs(case.watts or 0.0)


def _is_made_up(asked: AskedMemory, case: Case, snapshot: Snapshot, settings: SiteSettings) -> bool:
    """Say whether sun or home battery made up for the step: a meter that shows nothing of it is right."""
    used, way = consumption(snapshot, settings), asked.charger if _is_up(asked, case) else -asked.charger
    step = math.copysign(_NUDGE * case.per_amp, way)
    return used is None or (used - asked.consumption) / step >= ANSWERED
