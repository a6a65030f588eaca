"""What box, cable and car can take and give."""

from collections.abc import Iterator

from .claims import Case, ceiling, discharge, reason
from .model import Claim, Rank, ReasonKey


def hardware_claims(case: Case) -> Iterator[Claim]:
    """Yield the limits that are there whatever anyone wants."""
    box = case.settings
    yield ceiling(Rank.CHARGER, box.max_current, reason(ReasonKey.CHARGER_MAXIMUM, amps=box.max_current))
    if box.unattended is not None:
        yield ceiling(Rank.CHARGER, box.unattended, reason(ReasonKey.UNATTENDED, amps=box.unattended))
    if box.cable_current is not None:
        yield ceiling(Rank.CHARGER, box.cable_current, reason(ReasonKey.CABLE_MAXIMUM, amps=box.cable_current))
    if (car := box.vehicle.max_current) is not None:
        yield ceiling(Rank.VEHICLE, car, reason(ReasonKey.VEHICLE_MAXIMUM, amps=car))
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
