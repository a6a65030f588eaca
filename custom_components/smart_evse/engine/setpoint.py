"""From the claims on a connector to what it is told: nothing, 0, or a limit, and in whose words."""

from dataclasses import dataclass
from typing import Final

from .admission import is_refused, refusal
from .claims import Case, reason
from .memory import SmartMemory
from .model import (
    AcLimit,
    Claim,
    HouseMemory,
    Limit,
    PowerLimit,
    Rank,
    Reason,
    ReasonKey,
    Setpoint,
    SiteSettings,
    SiteState,
    Snapshot,
    SolarMemory,
    VehicleState,
)
from .phases import Switching
from .resolve import Verdict, resolve
from .scene import Scene
from .smart import Course
from .solar import Sunshine
from .trust import Trust

_GIVING = -100.0
"""More than this into the house is a discharge and no meter's offset, in W."""

_NO_SUN: Final = Sunshine(memory=SolarMemory())
_NO_PLAN: Final = Course(memory=SmartMemory())


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A connector on its way to a setpoint: who it is, and every claim heard so far."""

    case: Case
    claims: tuple[Claim, ...]
    switching: Switching
    sunshine: Sunshine = _NO_SUN
    course: Course = _NO_PLAN

    def verdict(self) -> Verdict:
        """Combine the claims heard so far."""
        return resolve(self.claims, minimum=self.case.settings.minimum, step=self.case.settings.step)


def conclude(draft: Draft, verdict: Verdict, scene: Scene, trust: Trust) -> Setpoint:
    """Say what a connector is told, its claims come to `verdict`.

    While the site is starting a running charge is left alone and a discharge ended. A charger that
    is silent is told nothing, but to stop when it gives or when its share of the house overloads the fuse. Whoever may
    not charge is stopped in any case.
    """
    case, snapshot, settings = draft.case, scene.snapshot, scene.settings
    if trust.state is SiteState.STARTING and trust.reason is not None:
        return _leave(draft, snapshot, settings, trust.reason, at_once=_is_giving(case))
    if case.reading is None:
        age = snapshot.since_start if case.last is None else snapshot.now - case.last.at
        why = reason(ReasonKey.CHARGER_SILENT, age=age)
        # Nobody can tell what a silent car still has to give, nor take back what it takes.
        at_once = (case.memory.amps or 0.0) < 0 or _overloaded(case, scene.house, settings)
        return _leave(draft, snapshot, settings, why, at_once=at_once)
    return Setpoint(
        connector=case.settings.id,
        limit=_limit(case, verdict.amps, draft.switching.phases),
        expires=snapshot.now + settings.lifetime,
        reason=_overall(case, verdict, snapshot),
        limited_by=verdict.limited_by,
        chain=draft.claims,
        urgent=_is_urgent(case, verdict),
    )


def _leave(draft: Draft, snapshot: Snapshot, settings: SiteSettings, why: Reason, *, at_once: bool) -> Setpoint:
    stop = at_once or _is_let_in(draft.case)
    return Setpoint(
        connector=draft.case.settings.id,
        limit=_limit(draft.case, 0.0, draft.switching.phases) if stop else None,
        expires=snapshot.now + settings.lifetime,
        reason=why,
        limited_by=why,
        chain=draft.claims,
        # Whoever was given nothing since the start is told so again at growing pauses, not every second.
        urgent=at_once or (stop and draft.case.memory.amps is not None),
    )


def _limit(case: Case, amps: float, phases: int) -> Limit:
    return PowerLimit(float(int(amps * case.per_amp))) if case.settings.dc else AcLimit(amps, phases)


def _is_let_in(case: Case) -> bool:
    """Say whether a connector may still have what it was told when somebody else was there."""
    return is_refused(case) and case.memory.amps != 0


def _is_giving(case: Case) -> bool:
    return (case.memory.amps or 0.0) < 0 or (case.watts or 0.0) < _GIVING


def _overloaded(case: Case, house: HouseMemory, settings: SiteSettings) -> bool:
    if case.last is None or house.held is None:
        return False
    return any(house.held[phase] > settings.fuse - settings.margin for phase in case.phases)


def _is_urgent(case: Case, verdict: Verdict) -> bool:
    """Say whether this is a reduction for safety: it waits for no spacing and no budget."""
    before = case.memory.amps
    if before is None:
        return verdict.amps == 0 and (verdict.rank <= Rank.FUSE or is_refused(case))
    return verdict.rank <= Rank.FUSE and abs(verdict.amps) < abs(before)


def _overall(case: Case, verdict: Verdict, snapshot: Snapshot) -> Reason:
    reading = case.reading
    if reading is None or verdict.rank <= Rank.FUSE:
        return verdict.limited_by
    if not case.plugged and not (reading.state is not None and reading.state.faulty):
        return reason(ReasonKey.NOT_CONNECTED)
    if is_refused(case):
        return refusal(case)
    offered = verdict.amps > 0 and snapshot.now - case.memory.changed_at > case.settings.settle
    if offered and reading.state is VehicleState.CONNECTED and verdict.amps == case.memory.amps:
        return reason(ReasonKey.VEHICLE_NOT_CHARGING)
    # What box or car cannot exceed is no news: what is wanted says more about why it charges.
    clipped_by_hardware = verdict.amps != 0 and verdict.rank in (Rank.CHARGER, Rank.VEHICLE)
    # What the house takes of it matters less than that the car will not be ready.
    is_missed = verdict.amps < 0 and verdict.wanted.key is ReasonKey.OVERRIDE_MISSES
    return verdict.wanted if clipped_by_hardware or is_missed else verdict.limited_by
