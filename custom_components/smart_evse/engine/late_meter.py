"""A grid meter whose word is older than it says: how late it shows what the cars do, learned, and the sun seen past it.

Many meters tell the past: an inverter's portal, a pulse counter, an entity that is renewed now and then. What the
car takes by now, taken out of what flowed seconds ago, is a house that never was, and following that sun swings
for ever. So the chargers' own readings are laid over the meter's, and the delay is sought that leaves the house moving
least. Only steps that stand out of what the house does by itself say anything, and only several alike are believed.

Who follows the sun asks `sunshine`. Fuses and every other limit keep to what the meter says now, and to the declared
times: a delay that was learned wrong costs sun and nothing else.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
import math
import statistics

from .claims import Case
from .home_battery import battery_power, steady
from .house import own_watts, without
from .latency import settle_time
from .memory import LateMemory
from .model import HouseMemory, SiteSettings, Snapshot
from .scene import Scene
from .window import highest, slide

_DELAYS = tuple(range(0, 42, 2))
"""The delays that are tried, in s. A meter that is later than that is no meter to control with."""

_STRIP = 120.0
"""Meter and cars are laid over each other for so long at a time, in s."""

_EVERY = 2.0
"""Samples closer together than this tell nothing more, in s."""

_APART = 10.0
"""Moves are counted over so long: a charger is read every few seconds only, in s."""

_GAP = 60.0
"""After a silence this long the cars' past is another story, in s."""

_WANDER = 25.0
"""A draw within this of the last is the same, in W."""

_LEAST = 700.0
"""The smallest move of the cars that can be told from a household's, in W: 3 A on one phase."""

_DISTINCT = 0.5
"""A delay has to explain this part of the cars' moves better than the others do on average."""

_AS_GOOD = 0.1
"""Delays that leave so little more of the cars' moves cannot be told apart."""

_ASKED, _KEPT = 3, 7
"""So many findings are needed before any is believed, and so many are kept."""

_SPARE = 3.0
"""Added to what was learned, in s: chargers are not read all the time."""


def learned_delay(memory: LateMemory) -> float | None:
    """Return how much later than the chargers the meter shows their steps, in s; `None` until that is known."""
    if len(memory.found) < _ASKED:
        return None
    # Between two samples of a slow meter each finding is only the least that can be; the highest may be chance.
    return sorted(memory.found)[-2]


def sunshine(scene: Scene) -> float | None:
    """Return what the house draws beside chargers and battery for who follows the sun, in W: below 0 is surplus."""
    late = scene.memory.late.filtered
    return scene.house.filtered if late is None else late


def watch_delay(
    memory: LateMemory, house: HouseMemory, snapshot: Snapshot, settings: SiteSettings, cases: Sequence[Case]
) -> LateMemory:
    """Take in what the cars draw and what the meter tells; `house` is as of the sample before."""
    grid, watts = snapshot.grid, _drawn(cases)
    if grid is None or watts is None:
        return LateMemory(found=memory.found)
    read_at = max((case.reading.at for case in cases if case.reading is not None), default=grid.at)
    memory = replace(memory, drawn=_noted(memory.drawn, read_at, watts))
    if grid.at == memory.at:
        return memory
    if memory.at is not None and not 0 < grid.at - memory.at <= _GAP:
        return LateMemory(found=memory.found)
    total, rhythm = grid.power + battery_power(snapshot, settings), 0.0 if memory.at is None else grid.at - memory.at
    memory = replace(_heard(memory, grid.at, total), at=grid.at)
    delay = learned_delay(memory)
    if not delay or not _is_waited_for(delay + rhythm, cases):
        return replace(memory, base=None, bases=(), filtered=None)
    # What they drew when the sample was true lies within all that they have drawn since.
    drawn = (*own_watts(house, grid, cases), *_since(memory.drawn, grid.at - delay - _SPARE))
    before = house.base if memory.base is None else memory.base
    found = without(total, before, (min(drawn), max(drawn)))
    base = steady(found, replace(house, base=before), grid, snapshot.battery, cases)
    rise_time = max((case.settings.solar.rise_time for case in cases), default=0.0)
    bases = slide(memory.bases, base, snapshot.now, rise_time, max)
    return replace(memory, base=base, bases=bases, filtered=highest(bases, max))


def _is_waited_for(seconds: float, cases: Iterable[Case]) -> bool:
    """Say whether a step still shows in time to be believed (`trust.py`): a calm loop takes large ones, and few."""
    return all(settle_time(case) + seconds <= 2 * case.settings.settle for case in cases)


def _drawn(cases: Iterable[Case]) -> float | None:
    """Return what all cars together draw, `None` where a charger does not say."""
    known = [case.watts for case in cases]
    told = [watts for watts in known if watts is not None]
    return sum(told) if told and len(told) == len(known) else None


type _Trail = tuple[tuple[float, float], ...]


def _noted(trail: _Trail, at: float, watts: float) -> _Trail:
    """Return a trail of changes with a reading in it, as far back as anything is looked up in it."""
    if trail and (at <= trail[-1][0] or abs(watts - trail[-1][1]) <= _WANDER):
        return trail
    oldest = at - _STRIP - 2 * _APART - _DELAYS[-1] - _GAP
    first = next((index for index, (then, _) in enumerate(trail) if then > oldest), len(trail))
    return (*trail[max(0, first - 1) :], (at, watts))


def _since(trail: _Trail, then: float) -> Iterator[float]:
    """Yield what was drawn at an instant and ever since."""
    first = bisect_right(trail, (then, math.inf)) - 1
    return (watts for _, watts in trail[max(0, first) :])


def _heard(memory: LateMemory, at: float, watts: float) -> LateMemory:
    """Note a sample; once a strip is full, look for the delay in it."""
    if memory.shown and at - memory.shown[-1][0] < _EVERY:
        return memory
    shown = (*memory.shown, (at, watts))
    if at - shown[0][0] < _STRIP:
        return replace(memory, shown=shown)
    delay = _find(shown, memory.drawn)
    found = memory.found if delay is None else (*memory.found, delay)[-_KEPT:]
    return replace(memory, shown=shown[-1:], found=found)


def _find(shown: _Trail, drawn: _Trail) -> float | None:
    """Return the shortest delay that explains a strip as well as any, `None` where it tells nothing."""
    pairs = tuple(_pairs([at for at, _ in shown]))
    left, moved = zip(*(_compared(shown, drawn, delay, pairs) for delay in _DELAYS), strict=True)
    least = min(left)
    best = left.index(least)
    owned = sum(step * step for step in moved[best])
    if max((abs(step) for step in moved[best]), default=0.0) < _LEAST or least > owned:
        return None
    if statistics.fmean(left) - least < _DISTINCT * owned:
        return None
    return float(next(delay for delay, rest in zip(_DELAYS, left, strict=True) if rest <= least + _AS_GOOD * owned))


def _pairs(times: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Yield each sample with the last one that is far enough before it."""
    before = 0
    for index, at in enumerate(times):
        if at - times[0] < _APART:
            continue
        while at - times[before + 1] >= _APART:
            before += 1
        yield before, index


def _compared(
    shown: _Trail, drawn: _Trail, delay: float, pairs: Iterable[tuple[int, int]]
) -> tuple[float, tuple[float, ...]]:
    """Return how much the house would have moved if the meter were so late, and the moves of the cars then."""
    times = [at for at, _ in drawn]
    own = [drawn[max(0, bisect_right(times, at - delay) - 1)][1] for at, _ in shown]
    moved = tuple(own[after] - own[before] for before, after in pairs)
    seen = (shown[after][1] - shown[before][1] for before, after in pairs)
    return sum((all_of_it - cars) ** 2 for all_of_it, cars in zip(seen, moved, strict=True)), moved
