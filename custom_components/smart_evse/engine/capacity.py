"""Capacity tariffs: a budget for the running window, so that charging sets no peak that costs.

Only the mean of a window counts, not the moment. What is left of the energy that a window may hold, spread over the
time that is left, is what the site may import; a kettle is made up for by the car within the window. Three
things keep that smooth. What the house draws is taken as it was lately and not as it is this second. What was
saved is spent over no less than a third of a window, or its last minutes would turn it into a burst. And whoever
is not charging starts only on what would hold for a window in full: nobody starts on the scraps of one to be
stopped in the next. A car that charges is stopped when its minimum would raise the peak: a start is cheaper than one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
import math
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .calm import calmed
from .capacity_tariff import CapacityTariff
from .claims import Case, reason
from .house import grid_without_chargers
from .memory import CapacityMemory
from .model import GridReading, Mode, Rank, ReasonKey
from .plan.model import CapacityPrice, Slot
from .rooms import Room, power_room
from .scene import Scene
from .wishes import active_override

_AIM = 0.98
"""What of the allowed peak is aimed at: our clock and our meter are not quite those that are billed."""

_SPEND = 1 / 3
"""What was saved is spent over no less than this part of a window."""

_LAST = 1 / 15
"""In this last part of a window corrections grow no more: what they could still save is less than they cost."""

_LATELY = 1 / 3
_LEAST_LATELY = 30.0
"""The house is averaged over this part of the time that is left, and over no less than so many s."""

_OVER = 0.5
"""A mean that is missed by half a step for the moment is made up for in the end, in steps of the chargers."""

_QUARTER = 15
"""Meters that tell the mean and the month's peak themselves do so for quarters of an hour."""

type Peaks = tuple[tuple[datetime, float], ...]


def observe_capacity(memory: CapacityMemory, scene: Scene) -> CapacityMemory:
    """Take in a grid sample: the energy of the running window, and the peaks of the running month."""
    tariff, grid, utc = scene.settings.capacity, scene.snapshot.grid, scene.snapshot.utc
    if tariff is None:
        return CapacityMemory()
    window = window_start(tariff, utc)
    if memory.window is None:
        memory = CapacityMemory(window=window, energy=_unseen(scene, tariff, window))
    elif window > memory.window:
        memory = replace(memory, window=window, energy=0.0, peaks=_peaks(memory, tariff, window))
    if grid is None or grid.at == memory.at:
        return memory
    seconds = 0.0 if memory.at is None else max(0.0, grid.at - memory.at)
    elapsed = max(0.0, (utc - window).total_seconds())
    energy = memory.energy + max(0.0, grid.power) * min(seconds, elapsed) / 3600
    energy, peaks = _told(replace(memory, energy=energy), tariff, grid, elapsed)
    house = _lately(memory, scene, seconds, tariff.minutes * 60 - elapsed)
    return replace(memory, at=grid.at, energy=energy, peaks=peaks, house=house)


def capacity_rooms(scene: Scene) -> Iterator[Room]:
    """Yield the room that the budget leaves beside the house; a driver's own word passes it."""
    allowed, budget, house = allowed_peak(scene), capacity_budget(scene), scene.memory.capacity.house
    if allowed is None or budget is None or house is None:
        return
    said = frozenset(case.settings.id for case in scene.cases if _passes(case, scene))
    running = frozenset(case.settings.id for case in scene.cases if case.running)
    why = reason(ReasonKey.CAPACITY, watts=max(0.0, budget))
    yield calmed(power_room(scene, budget - house, Rank.CAPACITY, why, exempt=said), scene, over=_OVER)
    yield power_room(scene, min(budget, allowed * _AIM) - house, Rank.CAPACITY, why, exempt=said | running)


def _passes(case: Case, scene: Scene) -> bool:
    """Say whether a connector heeds no peak: on its driver's word, or the owner's where it follows no plan."""
    said = active_override(case.settings.override, scene.snapshot.utc) is not None
    return said or (scene.settings.may_set_new_peak and case.settings.mode is not Mode.SMART)


def capacity_budget(scene: Scene) -> float | None:
    """Return what the site may import on average until the window ends in W, `None` where nothing limits it."""
    tariff, memory, allowed = scene.settings.capacity, scene.memory.capacity, allowed_peak(scene)
    if tariff is None or memory.window is None or allowed is None:
        return None
    length = tariff.minutes / 60
    elapsed = min(max(0.0, (scene.snapshot.utc - memory.window).total_seconds() / 3600), length)
    left = max(length - elapsed, length * _LAST)
    saved = allowed * _AIM * elapsed - memory.energy
    return allowed * _AIM + saved / (left if saved < 0 else max(left, length * _SPEND))


def allowed_peak(scene: Scene) -> float | None:
    """Return the mean import that the running window may have, in W; `None` where it is free.

    That costs nothing more. Where cars may set a new peak it is as high as the plan found worth its price.
    """
    tariff, memory, settings = scene.settings.capacity, scene.memory.capacity, scene.settings
    if tariff is None or memory.window is None:
        return None
    weight = _weight(tariff, memory.window)
    if weight <= 0:
        return None
    allowed = max(_free(tariff, memory.peaks, memory.window), settings.accepted_peak)
    if settings.may_set_new_peak:
        plan, followed = scene.snapshot.plan, any(case.settings.mode is Mode.SMART for case in scene.cases)
        if plan is None or plan.peak is None or not followed:
            return None
        allowed = max(allowed, plan.peak)
    return allowed / weight


def capacity_price(
    tariff: CapacityTariff, memory: CapacityMemory, slots: Iterable[Slot] = (), *, accepted: float = 0.0
) -> CapacityPrice:
    """Return what a plan has to know: a kW more in one window raises a mean of several by its part only."""
    starts = [slot.start for slot in slots]
    window = memory.window if memory.window is not None else next(iter(starts), None)
    free = tariff.floor if window is None else _free(tariff, memory.peaks, window)
    return CapacityPrice(
        price=tariff.price / max(1, tariff.top),
        peak=max(free, accepted),
        window_hours=tariff.minutes / 60,
        imported=memory.energy,
        weights=tuple(_weight(tariff, window_start(tariff, start)) for start in starts) or None,
    )


def below_peak(slots: Iterable[Slot], capacity: CapacityPrice) -> tuple[Slot, ...]:
    """Keep slots under the peak that is paid for already, as far as the house itself does."""
    return tuple(
        slot if weight <= 0 else slot.limited(max(capacity.peak / weight, slot.house - slot.sun))
        for index, slot in enumerate(slots)
        for weight in (capacity.weight(index),)
    )


def window_start(tariff: CapacityTariff, utc: datetime) -> datetime:
    """Return when the running window began, in UTC: windows lie on the clock of the meter."""
    local = _local(tariff, utc)
    since = (local.hour * 60 + local.minute) % max(1, tariff.minutes)
    return utc - timedelta(minutes=since, seconds=local.second, microseconds=local.microsecond)


def _unseen(scene: Scene, tariff: CapacityTariff, window: datetime) -> float:
    """Return what a window that nobody saw begin is taken to hold, in Wh: neither saved nor spent."""
    allowed = max(_free(tariff, (), window), scene.settings.accepted_peak) * _AIM
    return allowed * (scene.snapshot.utc - window).total_seconds() / 3600


def _told(memory: CapacityMemory, tariff: CapacityTariff, grid: GridReading, elapsed: float) -> tuple[float, Peaks]:
    """Return energy and peaks as a meter with a memory of its own tells them.

    Its running mean is the energy so far over the whole window (COSEM demand register). Its clock is not
    ours: about the turn of a window it may still speak of the last one, or already of the next.
    """
    if tariff.minutes != _QUARTER:
        return memory.energy, memory.peaks
    energy, peaks = memory.energy, memory.peaks
    if grid.quarter_hour_average is not None and elapsed >= _QUARTER * 60 * _LAST:
        energy = max(energy, grid.quarter_hour_average * _QUARTER / 60)
    window = memory.window
    if grid.month_peak is not None and window is not None and tariff.top == 1 and not _opens_month(tariff, window):
        peaks = _with(peaks, tariff, window, grid.month_peak)
    return energy, peaks


def _opens_month(tariff: CapacityTariff, window: datetime) -> bool:
    return _local(tariff, window).month != _local(tariff, window - timedelta(minutes=tariff.minutes)).month


def _lately(memory: CapacityMemory, scene: Scene, seconds: float, left: float) -> float | None:
    now = grid_without_chargers(scene.house, scene.snapshot, scene.settings)
    if now is None or memory.house is None:
        return now
    weight = seconds / (max(_LEAST_LATELY, left * _LATELY) + seconds)
    return memory.house + weight * (now - memory.house)


def _peaks(memory: CapacityMemory, tariff: CapacityTariff, window: datetime) -> Peaks:
    """Return the peaks of the period that `window` lies in, the one that just closed among them."""
    month = _local(tariff, window).replace(day=1).date()
    closed, peaks = memory.window, memory.peaks
    if closed is not None and (weight := _weight(tariff, closed)) > 0:
        peaks = _with(peaks, tariff, closed, memory.energy / (tariff.minutes / 60) * weight)
    return tuple(peak for peak in peaks if _local(tariff, peak[0]).replace(day=1).date() == month)


def _with(peaks: Peaks, tariff: CapacityTariff, start: datetime, mean: float) -> Peaks:
    """Return the highest windows, a new one among them; of one day only the highest where days count."""
    best: dict[object, tuple[datetime, float]] = {}
    for known, value in sorted((*peaks, (start, mean)), key=lambda peak: (-peak[1], peak[0])):
        best.setdefault(_local(tariff, known).date() if tariff.distinct_days else known, (known, value))
    return tuple(best.values())[: max(1, tariff.top)]


def _free(tariff: CapacityTariff, peaks: Peaks, window: datetime) -> float:
    """Return the weighted mean that a window may have at no cost, in W.

    What is paid anyway is the floor or the rest of the price step. Beyond, a window costs nothing as long as
    it does not enter the mean of the highest: below the last of them, or below that of its own day.
    """
    values = [value for _, value in peaks]
    mean = max(sum(values) / len(values), tariff.floor) if values else tariff.floor
    paid = min((bound for bound in tariff.steps if bound >= mean), default=mean if tariff.steps else tariff.floor)
    today = _local(tariff, window).date()
    own = (value for start, value in peaks if tariff.distinct_days and _local(tariff, start).date() == today)
    last = min(values) if len(values) >= max(1, tariff.top) else 0.0
    return max(paid, last, next(own, 0.0))


def _weight(tariff: CapacityTariff, start: datetime) -> float:
    """Return what a window's mean counts, 0 for one that does not."""
    local = _local(tariff, start)
    counts = local.hour in tariff.hours and local.weekday() in tariff.weekdays and local.month in tariff.months
    weight = dict(tariff.weights).get(local.hour, 1.0) if counts else 0.0
    return weight if math.isfinite(weight) else 1.0


def _local(tariff: CapacityTariff, utc: datetime) -> datetime:
    return utc.astimezone(_zone(tariff.zone))


@lru_cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError, ValueError, OSError:
        return ZoneInfo("UTC")
