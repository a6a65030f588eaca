"""What has to stay in a car: for its driver, for a power cut, for the next departure.

What its departure needs is a plan's word: a driver who tells a car to give passes it, and is told so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .claims import Case, discharge, reason
from .model import Claim, Rank, Reason, ReasonKey
from .plan.curve import share_at
from .plan.model import TAPER
from .planned import slot_now, staying
from .scene import Scene
from .vehicle.distance import USUAL_CONSUMPTION
from .vehicle.transfer import transfer
from .wishes import active_override

_HYSTERESIS = 2.0
"""A battery that stopped at its reserve recovers a little by itself, in % of state of charge."""

_READY = timedelta(minutes=15)
"""A car has to be ready so long before it departs: fuses and clouds take their share of full power."""

_FOR_DEPARTURE = ReasonKey.DEPARTURE_RESERVE

_PARTS = 12
"""In how many parts the time to the departure is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """How full a car has to stay in %, and for what."""

    soc: float
    key: ReasonKey


def reserve_of(case: Case, scene: Scene) -> Reserve:
    """Return the largest of what driver, backup and the next departure need of a car's charge now."""
    box = case.settings
    needs = (
        Reserve(soc=max(box.reserve_soc, box.minimum_soc, _of_distance(case)), key=ReasonKey.RESERVE),
        Reserve(soc=box.giving.backup_soc, key=ReasonKey.BACKUP_RESERVE),
        Reserve(soc=0.0 if _is_told_to_give(case, scene) else _of_departure(case, scene), key=_FOR_DEPARTURE),
    )
    return max(needs, key=lambda need: need.soc)


def reserved(case: Case, scene: Scene) -> Reason | None:
    """Return why a car may give nothing of what it holds, `None` where it may."""
    soc = case.memory.giving.soc
    if soc is None:
        return reason(ReasonKey.RESERVE_UNKNOWN)
    reserve = reserve_of(case, scene)
    giving = (case.memory.amps or 0.0) < 0
    if soc <= reserve.soc or (not giving and soc <= reserve.soc + _HYSTERESIS):
        return reason(reserve.key, soc=soc, reserve=reserve.soc)
    return None


def missed_by_giving(case: Case, scene: Scene) -> datetime | None:
    """Return the departure that a car will not be ready for as its driver lets it give, `None` while it can be."""
    stay, soc = staying(case, scene), case.memory.giving.soc
    if stay is None or soc is None or not _is_told_to_give(case, scene):
        return None
    return stay.departs if soc <= _of_departure(case, scene) else None


def reserve_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield what keeps a car from giving what has to stay in it."""
    if case.settings.max_discharge > 0 and (why := reserved(case, scene)) is not None:
        yield discharge(Rank.VEHICLE, 0.0, why)


def _is_told_to_give(case: Case, scene: Scene) -> bool:
    override = active_override(case.settings.override, scene.snapshot.utc)
    return override is not None and override.amps < 0


def _of_distance(case: Case) -> float:
    vehicle, distance = case.settings.vehicle, case.settings.giving.reserve_km
    if distance <= 0:
        return 0.0
    if vehicle.capacity is None:
        # Nobody can tell what part of the battery a way takes.
        return 100.0
    return min(100.0, distance * (vehicle.consumption or USUAL_CONSUMPTION) / vehicle.capacity * 100)


def _of_departure(case: Case, scene: Scene) -> float:
    """Return the least charge from which full power still brings what is wanted by the departure, in %."""
    stay, capacity = staying(case, scene), case.settings.vehicle.capacity
    if stay is None or stay.departs is None:
        return 0.0
    hours = max(0.0, (stay.departs - _READY - scene.snapshot.utc) / timedelta(hours=1))
    charge, _ = transfer(case.settings, scene.settings.voltage)
    most = charge.at(charge.most)
    if capacity is None:
        slot = slot_now(case, scene)
        held = stay.target if slot is None else slot.energy
        return 100.0 if held + most * hours < stay.target else 0.0
    energy = min(stay.target, capacity)
    for _ in range(_PARTS):
        if energy <= 0:
            return 0.0
        energy -= most * share_at(TAPER, energy / capacity) * hours / _PARTS
    return max(0.0, energy / capacity * 100)
