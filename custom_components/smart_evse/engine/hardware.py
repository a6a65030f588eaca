"""What box, cable and car can take and give."""

from collections.abc import Iterator
from functools import lru_cache

from .claims import Case, ceiling, discharge, reason
from .model import Claim, Rank, ReasonKey
from .scene import Scene


def hardware_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the limits that are there whatever anyone wants."""
    box = case.settings
    yield from _rated(box.unattended, box.max_current, box.cable_current, box.vehicle.max_current, box.max_discharge)
    if case.reading is not None and case.reading.state is not None and case.reading.state.faulty:
        fault = reason(ReasonKey.CHARGER_FAULT, fault=case.reading.fault or case.reading.state.value)
        yield ceiling(Rank.SAFETY, 0.0, fault)
        yield discharge(Rank.SAFETY, 0.0, fault)
    elif case.reading is not None and not case.plugged:
        yield ceiling(Rank.VEHICLE, 0.0, reason(ReasonKey.NOT_CONNECTED))
        yield discharge(Rank.VEHICLE, 0.0, reason(ReasonKey.NOT_CONNECTED))


@lru_cache(maxsize=256)
def _rated(
    unattended: float | None, box: float, cable: float | None, vehicle: float | None, discharged: float
) -> tuple[Claim, ...]:
    """Return what box, cable and car are made for, in A; it is the same at every beat."""
    claims = []
    if unattended is not None:
        claims.append(ceiling(Rank.CHARGER, unattended, reason(ReasonKey.UNATTENDED, amps=unattended)))
    for rank, key, amps in (
        (Rank.CHARGER, ReasonKey.CHARGER_MAXIMUM, box),
        (Rank.CHARGER, ReasonKey.CABLE_MAXIMUM, cable),
        (Rank.VEHICLE, ReasonKey.VEHICLE_MAXIMUM, vehicle),
    ):
        if amps is not None:
            claims += [ceiling(rank, amps, reason(key, amps=amps)), discharge(rank, amps, reason(key, amps=amps))]
    gives = ReasonKey.CHARGER_MAXIMUM if discharged > 0 else ReasonKey.NOT_BIDIRECTIONAL
    figures = {"amps": discharged} if discharged > 0 else {}
    return (*claims, discharge(Rank.CHARGER, discharged, reason(gives, **figures)))
