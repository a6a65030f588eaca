"""Following the sun: what it leaves a connector, in claims with their reasons.

When it starts and stops is `sun_run.py`, which current it takes in between `tracking.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .claims import Case, floor, reason, target
from .gentle import recent
from .home_battery import waited_for
from .model import Claim, HouseMemory, Mode, Rank, Reason, ReasonKey, SolarMemory
from .phase_choice import choose_phases
from .scene import Scene
from .sun_run import advance, is_gathered, is_spared, is_worth, needed, since, stop_energy
from .sun_turns import is_waiting_its_turn
from .tracking import track
from .window import highest, slide


@dataclass(frozen=True, slots=True, kw_only=True)
class Sunshine:
    """What the sun leaves for one connector: its claims, and what to remember."""

    claims: tuple[Claim, ...] = ()
    memory: SolarMemory


def smooth(house: HouseMemory, now: float, rise_time: float) -> HouseMemory:
    """Return the house with its surplus filtered: a fall counts at once, a rise after `rise_time` s above."""
    if house.base is None:
        return house
    bases = slide(house.bases, house.base, now, rise_time, max)
    return replace(house, bases=bases, filtered=highest(bases, max))


def follow(case: Case, available: float | None, scene: Scene, *, yields: bool = False) -> Sunshine:
    """Say what the sun allows a connector.

    `available` is the surplus it may use in W, what it takes already included; `None` when that
    is not known. One that `yields` makes room for another car's turn.
    """
    memory = case.memory.solar
    if case.settings.mode not in (Mode.SOLAR, Mode.SOLAR_MIN):
        return Sunshine(memory=SolarMemory())
    if not case.plugged and case.reading is not None:
        return Sunshine(claims=(target(Rank.MODE, 0.0, reason(ReasonKey.NOT_CONNECTED)),), memory=SolarMemory())
    if case.memory.amps is None and (case.amps or 0.0) > 0:
        # Nothing was decided yet and the car charges: a restart must not end what it finds.
        memory = SolarMemory(running=True, changed_at=scene.now)
    if yields:
        memory = replace(memory, running=False, changed_at=scene.now, energy=0.0, waiting_since=scene.now)
        return Sunshine(claims=(target(Rank.MODE, 0.0, reason(ReasonKey.SUN_TURN)),), memory=memory)
    if scene.seconds is not None and available is not None:
        memory = track(case, memory, available, scene.seconds, scene)
        memory = choose_phases(case, memory, available, scene.seconds, scene)
        if case.settings.mode is Mode.SOLAR:
            memory = advance(case, memory, available, scene.seconds, scene)
    return Sunshine(claims=tuple(_claims(case, memory, available, scene)), memory=memory)


def without_plan(case: Case) -> Case:
    """Return a connector in mode `smart` as one that follows the sun, until there is a plan.

    A car that charges is not stopped for it: it goes on as if bridging a cloud.
    """
    memory = case.memory
    if case.running and not memory.solar.running:
        memory = replace(memory, solar=SolarMemory(running=True, changed_at=memory.changed_at))
    return replace(case, settings=replace(case.settings, mode=Mode.SOLAR), memory=memory)


def _claims(case: Case, memory: SolarMemory, available: float | None, scene: Scene) -> Iterator[Claim]:
    minimum, watts = case.settings.minimum, available or 0.0
    wanted = memory.target or 0.0
    if case.settings.mode is Mode.SOLAR_MIN:
        yield floor(Rank.MODE, minimum, reason(ReasonKey.SOLAR_MINIMUM, amps=minimum))
        yield target(Rank.MODE, wanted, reason(ReasonKey.SOLAR_FOLLOWING, watts=watts))
    elif not memory.running:
        yield target(Rank.MODE, 0.0, _waiting(case, memory, watts, scene))
    elif wanted >= minimum:
        yield target(Rank.MODE, wanted, reason(ReasonKey.SOLAR_FOLLOWING, watts=watts))
    else:
        yield target(Rank.MODE, minimum, _holding(case, memory, watts, scene.now))


def _waiting(case: Case, memory: SolarMemory, watts: float, scene: Scene) -> Reason:
    least = needed(case, scene)
    left = case.settings.solar.min_off - since(memory, scene.now)
    if memory.changed_at is not None and left > 0 and watts >= least:
        return reason(ReasonKey.SOLAR_MIN_OFF, seconds=left)
    if is_gathered(case, memory, scene.now) and not is_worth(case, memory, watts, scene):
        return reason(ReasonKey.SOLAR_NOT_WORTH, watts=watts)
    if is_waiting_its_turn(case, scene, watts):
        return reason(ReasonKey.SUN_TURN)
    if watts < least and (soc := waited_for(scene)) is not None:
        return reason(ReasonKey.BATTERY_FIRST, soc=soc)
    return reason(ReasonKey.SOLAR_WAITING, watts=watts, needed=least)


def _holding(case: Case, memory: SolarMemory, watts: float, now: float) -> Reason:
    left = case.settings.solar.min_on - since(memory, now)
    if memory.energy >= stop_energy(case, memory, now) and left > 0:
        return reason(ReasonKey.SOLAR_MIN_ON, seconds=left)
    if is_spared(case, memory, now):
        return reason(ReasonKey.STARTS_SPENT, count=len(recent(case.memory.starts, now)))
    return reason(ReasonKey.SOLAR_HOLDING, watts=watts, energy=memory.energy)
