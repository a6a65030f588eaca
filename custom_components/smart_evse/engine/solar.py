"""Following the sun: when to start, when to stop, and how much to take in between.

Both questions are asked of energy and not of power: a start wants enough surplus above the minimum
gathered, a stop enough of the minimum imported. One cloud does neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .claims import Case, floor, reason, target
from .model import Claim, HouseMemory, Mode, Rank, Reason, ReasonKey, SolarMemory
from .resolve import toward_zero

_BAND = 0.2
"""A change smaller than this is not worth a command however fine the charger's step, in A."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sunshine:
    """What the sun leaves for one connector: its claims, and what to remember."""

    claims: tuple[Claim, ...] = ()
    memory: SolarMemory


def smooth(house: HouseMemory, seconds: float | None, rise_time: float) -> HouseMemory:
    """Return the house with its surplus filtered: a fall counts at once, a rise over `rise_time` s."""
    if house.base is None:
        return house
    if house.filtered is None or seconds is None or house.base >= house.filtered:
        return replace(house, filtered=house.base)
    weight = min(1.0, seconds / (rise_time + seconds)) if rise_time > 0 else 1.0
    return replace(house, filtered=house.filtered + weight * (house.base - house.filtered))


def follow(case: Case, available: float | None, seconds: float | None, now: float) -> Sunshine:
    """Say what the sun allows a connector.

    `available` is the surplus it may use in W, what it takes already included; `None` when that
    is not known. `seconds` is the time since the grid sample before, `None` when this sample is
    no news: then nothing changes.
    """
    memory = case.memory.solar
    if case.settings.mode not in (Mode.SOLAR, Mode.SOLAR_MIN):
        return Sunshine(memory=SolarMemory())
    if not case.plugged and case.reading is not None:
        return Sunshine(claims=(target(Rank.MODE, 0.0, reason(ReasonKey.NOT_CONNECTED)),), memory=SolarMemory())
    if case.memory.amps is None and (case.amps or 0.0) > 0:
        # Nothing was decided yet and the car charges: a restart must not end what it finds.
        memory = SolarMemory(running=True, changed_at=now)
    if seconds is not None and available is not None:
        memory = _advance(case, memory, available, seconds, now)
    return Sunshine(claims=tuple(_claims(case, memory, available, now)), memory=memory)


def _advance(case: Case, memory: SolarMemory, available: float, seconds: float, now: float) -> SolarMemory:
    wanted = available / case.per_amp
    memory = replace(memory, target=_track(case, memory.target, wanted, now))
    if case.settings.mode is Mode.SOLAR_MIN:
        return memory
    settings = case.settings.solar
    over = (available - case.settings.minimum * case.per_amp) * seconds / 3600
    if memory.running:
        energy = min(max(memory.energy - over, 0.0), settings.stop_energy)
        if energy >= settings.stop_energy and _since(memory, now) >= settings.min_on:
            return replace(memory, running=False, changed_at=now, energy=0.0)
        return replace(memory, energy=energy)
    energy = min(max(memory.energy + over, 0.0), settings.start_energy)
    if energy >= settings.start_energy and _since(memory, now) >= settings.min_off:
        return replace(memory, running=True, changed_at=now, energy=0.0)
    return replace(memory, energy=energy)


def _track(case: Case, current: float | None, wanted: float, now: float) -> float:
    """Follow at once downward, and upward once what was asked for last has been followed."""
    step = case.settings.step
    goal = toward_zero(max(wanted, 0.0), step)
    if current is None:
        return goal
    band = max(step, _BAND)
    if wanted < current - band / 2:
        return goal
    settled = now - case.memory.changed_at >= case.settings.settle
    return goal if settled and wanted >= current + band else current


def _claims(case: Case, memory: SolarMemory, available: float | None, now: float) -> Iterator[Claim]:
    minimum, watts = case.settings.minimum, available or 0.0
    wanted = memory.target or 0.0
    if case.settings.mode is Mode.SOLAR_MIN:
        yield floor(Rank.MODE, minimum, reason(ReasonKey.SOLAR_MINIMUM, amps=minimum))
        yield target(Rank.MODE, wanted, reason(ReasonKey.SOLAR_FOLLOWING, watts=watts))
    elif not memory.running:
        yield target(Rank.MODE, 0.0, _waiting(case, memory, watts, now))
    elif wanted >= minimum:
        yield target(Rank.MODE, wanted, reason(ReasonKey.SOLAR_FOLLOWING, watts=watts))
    else:
        yield target(Rank.MODE, minimum, _holding(case, memory, watts, now))


def _waiting(case: Case, memory: SolarMemory, watts: float, now: float) -> Reason:
    needed = case.settings.minimum * case.per_amp
    left = case.settings.solar.min_off - _since(memory, now)
    if memory.changed_at is not None and left > 0 and watts >= needed:
        return reason(ReasonKey.SOLAR_MIN_OFF, seconds=left)
    return reason(ReasonKey.SOLAR_WAITING, watts=watts, needed=needed)


def _holding(case: Case, memory: SolarMemory, watts: float, now: float) -> Reason:
    left = case.settings.solar.min_on - _since(memory, now)
    if memory.energy >= case.settings.solar.stop_energy and left > 0:
        return reason(ReasonKey.SOLAR_MIN_ON, seconds=left)
    return reason(ReasonKey.SOLAR_HOLDING, watts=watts, energy=memory.energy)


def _since(memory: SolarMemory, now: float) -> float:
    return float("inf") if memory.changed_at is None else now - memory.changed_at
