"""Sharing what the main fuse leaves over: everyone's minimum in order, then the rest level by level."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .claims import Case, ceiling, discharge, phase_name, reason
from .model import Claim, HouseMemory, PerPhase, Rank, ReasonKey, SiteSettings

_EPSILON = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a connector would take if the fuse were endless, in A on each of its phases."""

    case: Case
    amps: float


def share(demands: Iterable[Demand], headroom: PerPhase) -> dict[str, Claim]:
    """Split the headroom of each phase among those who want to charge.

    First everyone's minimum, by priority and those already charging before those who wait; then
    all rise together until their wish or a full phase stops them. The result is the same in
    whatever order the demands come.
    """
    ordered = sorted(
        (demand for demand in demands if demand.amps > 0),
        key=lambda demand: (-demand.case.settings.priority, not demand.case.running, demand.case.settings.id),
    )
    left = list(headroom)
    granted = _minima(ordered, left)
    _fill([demand for demand in ordered if demand.case.settings.id in granted], granted, left)
    return {demand.case.settings.id: _claim(demand, granted, left, headroom) for demand in ordered}


def export_claims(case: Case, house: HouseMemory, settings: SiteSettings) -> Iterator[Claim]:
    """Yield what a feeding connector may add before a phase is full in the other direction."""
    currents = house.currents
    if case.settings.max_discharge <= 0 or currents is None:
        return
    limit = settings.fuse - settings.margin
    phase = min(case.phases, key=lambda index: currents[index])
    room = limit + currents[phase]
    yield discharge(Rank.FUSE, room, reason(ReasonKey.MAIN_FUSE, phase=phase_name(phase), headroom=room))


def _minima(ordered: list[Demand], left: list[float]) -> dict[str, float]:
    granted: dict[str, float] = {}
    for demand in ordered:
        minimum = min(demand.case.settings.minimum, demand.amps)
        if all(left[phase] + _EPSILON >= minimum for phase in demand.case.phases):
            granted[demand.case.settings.id] = minimum
            for phase in demand.case.phases:
                left[phase] -= minimum
    return granted


def _fill(rising: list[Demand], granted: dict[str, float], left: list[float]) -> None:
    while rising := [demand for demand in rising if _room(demand, granted, left) > _EPSILON]:
        users = [sum(phase in demand.case.phases for demand in rising) for phase in range(3)]
        step = min(
            *(demand.amps - granted[demand.case.settings.id] for demand in rising),
            *(left[phase] / users[phase] for phase in range(3) if users[phase]),
        )
        for demand in rising:
            granted[demand.case.settings.id] += step
            for phase in demand.case.phases:
                left[phase] -= step


def _room(demand: Demand, granted: dict[str, float], left: list[float]) -> float:
    return min(demand.amps - granted[demand.case.settings.id], *(left[phase] for phase in demand.case.phases))


def _claim(demand: Demand, granted: dict[str, float], left: list[float], headroom: PerPhase) -> Claim:
    """State the share as a ceiling; what nobody wanted is still open to whoever has it."""
    phase = min(demand.case.phases, key=lambda index: (left[index], headroom[index]))
    amount = granted.get(demand.case.settings.id)
    amps = 0.0 if amount is None else amount + max(0.0, left[phase])
    return ceiling(
        Rank.FUSE, amps, reason(ReasonKey.MAIN_FUSE, phase=phase_name(phase), headroom=max(0.0, headroom[phase]))
    )
