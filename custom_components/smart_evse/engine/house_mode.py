"""Mode `house`: a bidirectional car holds the grid connection at nothing, both ways.

What the house draws beyond the sun is given to it, what the sun leaves over is taken. A fresh sample
that asks for less is followed at once and in full: nothing given may reach the grid. One that asks for more is
followed once box and car have followed the last, however long that takes: what the house does is reckoned
without the car, so nothing swings.
"""

from collections.abc import Iterator
from dataclasses import replace

from .claims import Case, floor, reason, target
from .giving import least
from .house_need import may_export, most, refusal
from .memory import GivingMemory
from .model import Claim, ConnectorMemory, Mode, Rank, Reason, ReasonKey
from .planned import slot_now
from .relief import serving
from .resolve import toward_zero
from .scene import Scene
from .settings import BatteryPolicy

_BAND = 0.2
"""A rise by less is not worth a command however fine the charger's step, in A."""

_TREMBLE = 0.04
"""What a house trembles by from second to second, as a part of it: the car stays at the lower end."""

_SHORT = 0.1
"""A fine step is left this far below the need, so that the house may tremble, in A."""

_PAUSE = 10.0
"""The pause before it begins again, in s; each start within the hour adds as much."""

_LONGEST = 600.0
_HANDOVER = 300.0
"""The least that is taken over from a home battery at a time, in W: it takes its time to back off."""

_FOLLOWED = 0.1
_OFFSET = 0.5
"""A car has followed when it is within a tenth and half an ampere of what it was told."""


def house_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield what a connector in mode `house` gives, or that it rests."""
    if case.settings.mode is Mode.SMART:
        yield from _planned_claims(case, scene)
        return
    if case.settings.mode is not Mode.HOUSE:
        return
    if case.reading is None or not case.plugged:
        yield target(Rank.MODE, 0.0, reason(ReasonKey.NOT_CONNECTED))
        return
    given = scene.giving.get(case.settings.id, 0.0)
    if given <= 0:
        yield target(Rank.MODE, 0.0, _resting(case, scene))
    elif (why := _pause(case, scene, giving=True)) is not None:
        yield target(Rank.MODE, 0.0, why)
    else:
        amps = _handed_over(case, scene, follow(case, given / case.per_amp, scene, giving=True))
        yield target(Rank.MODE, -amps, reason(ReasonKey.HOUSE_GIVING, watts=amps * case.per_amp))


def _planned_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield what a car in mode `smart` gives while that saves more than it costs; it has no word else."""
    given = scene.giving.get(case.settings.id, 0.0)
    begins = case.memory.smart.gives or (case.memory.amps or 0.0) < 0
    slot = slot_now(case, scene)
    if slot is not None and slot.power < 0 and may_export(case, scene):
        given, begins = max(given, -slot.power), True
    if given <= 0 or not begins or case.reading is None or not case.plugged:
        return
    if _pause(case, scene, giving=True) is not None:
        return
    amps = _handed_over(case, scene, follow(case, given / case.per_amp, scene, giving=True))
    price = scene.snapshot.import_price or 0.0
    yield target(Rank.PLAN, -amps, reason(ReasonKey.PLAN_GIVING, price=price))


def taking_claims(case: Case, available: float | None, scene: Scene) -> Iterator[Claim]:
    """Yield what it takes of the sun; `available` is the sun's W for it."""
    if case.settings.mode is not Mode.HOUSE or not case.plugged or available is None:
        return
    amps = available / case.per_amp
    enough = case.settings.minimum if case.running else case.settings.minimum + _BAND
    if amps < enough or available < case.settings.giving.min_power:
        return
    if _pause(case, scene, giving=False) is not None:
        return
    amps = follow(case, amps, scene, giving=False)
    yield floor(Rank.MODE, amps, reason(ReasonKey.HOUSE_TAKING, watts=amps * case.per_amp))


def follow(case: Case, wanted: float, scene: Scene, *, giving: bool) -> float:
    """Return the next current toward `wanted` A, both as amounts: down at once, up once the last was followed."""
    told, step = case.memory.amps or 0.0, case.settings.step
    before = max(0.0, -told if giving else told)
    goal = toward_zero(max(0.0, wanted - (_SHORT if step < _OFFSET else 0.0)), step)
    goal = max(goal, min(toward_zero(wanted, step), case.settings.minimum))
    if before == 0.0 or wanted < before:
        return goal
    if (
        wanted < before + step + max(_BAND, _TREMBLE * before)
        or scene.seconds is None
        or not _has_followed(case, scene)
    ):
        return before
    return max(before, goal)


def envelope(memory: ConnectorMemory, settle: float, now: float) -> float:
    """Return the limit that box and car may still be leaving when a new one is set, in A.

    Of several limits within their time to follow it is the most that was to be given: what comes of it late
    must not look like the house's.
    """
    last = memory.amps or 0.0
    return min(memory.previous, last) if last < 0 and now - memory.changed_at < settle else last


def note_start(memory: GivingMemory, before: float, amps: float, now: float) -> GivingMemory:
    """Note that a connector begins to give or to take."""
    return replace(memory, starts=(*memory.starts, now)) if before == 0 != amps else memory


def _has_followed(case: Case, scene: Scene) -> bool:
    return scene.now - case.memory.changed_at >= case.settings.settle or _is_following(case)


def _is_following(case: Case) -> bool:
    told, flows = case.memory.amps or 0.0, case.amps
    if case.reading is None or flows is None or case.reading.at <= case.memory.changed_at:
        return False
    return abs(flows - told) <= abs(told) * _FOLLOWED + _OFFSET


def _handed_over(case: Case, scene: Scene, amps: float) -> float:
    """Take over from a home battery piece by piece: what it has not backed off from yet would be fed in.

    A box that takes half a minute to begin gets no second piece before it gives the first: the battery serves the
    house meanwhile, and all pieces at once would come on top of it.
    """
    battery, grid, before = serving(scene), scene.snapshot.grid, max(0.0, -(case.memory.amps or 0.0))
    if battery is None or grid is None or battery.power <= _HANDOVER or amps <= before:
        return amps
    if scene.settings.battery.policy is not BatteryPolicy.CAR_FIRST:
        return amps
    if before > 0 and (not _is_following(case) or grid.power < -_HANDOVER / 2):
        return before
    piece = max(0.0, grid.power) + max(battery.power / 4, _HANDOVER)
    return min(amps, max(before + toward_zero(piece / case.per_amp, case.settings.step), case.settings.minimum))


def _pause(case: Case, scene: Scene, *, giving: bool) -> Reason | None:
    """Return what is left of the pause between taking and giving, or before the same begins again."""
    told, memory = case.memory.amps or 0.0, case.memory.giving
    if (told < 0) if giving else (told > 0):
        return None
    same, other = (memory.gave_at, memory.took_at) if giving else (memory.took_at, memory.gave_at)
    again = min(_LONGEST, _PAUSE * len(memory.starts))
    left = max(again - (scene.now - same), case.settings.giving.dead_time - (scene.now - other))
    return reason(ReasonKey.DEAD_TIME, seconds=left) if left > 0 else None


def _resting(case: Case, scene: Scene) -> Reason:
    """Say why nothing is given: something forbids it, the house needs too little, or it is about to take."""
    need, house = scene.memory.relief.need or 0.0, scene.memory.house.base or 0.0
    if -house >= case.settings.minimum * case.per_amp and (why := _pause(case, scene, giving=False)) is not None:
        return why
    asked = min(need, most(case, scene))
    enough = asked - case.settings.giving.ceiling >= least(case) or case.settings.max_discharge <= 0
    refused = refusal(case, scene, asked) if enough else None
    return reason(ReasonKey.HOUSE_RESTING, watts=need) if refused is None else refused
