"""What box, cable and car can take and give."""

from collections.abc import Iterator

from .claims import Case, ceiling, discharge, reason
from .model import Claim, Rank, ReasonKey
from .scene import Scene


def hardware_claims(case: Case, scene: Scene) -> Iterator[Claim]:
    """Yield the limits that are there whatever anyone wants."""
    box = case.settings
    if box.unattended is not None:
        yield ceiling(Rank.CHARGER, box.unattended, reason(ReasonKey.UNATTENDED, amps=box.unattended))
    for rank, key, amps in (
        (Rank.CHARGER, ReasonKey.CHARGER_MAXIMUM, box.max_current),
        (Rank.CHARGER, ReasonKey.CABLE_MAXIMUM, box.cable_current),
        (Rank.VEHICLE, ReasonKey.VEHICLE_MAXIMUM, box.vehicle.max_current),
    ):
        if amps is not None:
            yield ceiling(rank, amps, reason(key, amps=amps))
            yield discharge(rank, amps, reason(key, amps=amps))
    if box.max_discharge > 0:
        yield discharge(Rank.CHARGER, box.max_discharge, reason(ReasonKey.CHARGER_MAXIMUM, amps=box.max_discharge))
    else:
        yield discharge(Rank.CHARGER, 0.0, reason(ReasonKey.NOT_BIDIRECTIONAL))
    if case.reading is not None and case.reading.state is not None and case.reading.state.faulty:
        fault = reason(ReasonKey.CHARGER_FAULT, fault=case.reading.fault or case.reading.state.value)
        yield ceiling(Rank.SAFETY, 0.0, fault)
        yield discharge(Rank.SAFETY, 0.0, fault)
    elif case.reading is not None and not case.plugged:
        yield ceiling(Rank.VEHICLE, 0.0, reason(ReasonKey.NOT_CONNECTED))
        yield discharge(Rank.VEHICLE, 0.0, reason(ReasonKey.NOT_CONNECTED))
