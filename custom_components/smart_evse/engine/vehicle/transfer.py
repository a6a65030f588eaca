"""What a box, its cable and a car together bring into the battery, and out of it where they can."""

from ..model import ConnectorSettings
from ..plan.curve import Curve
from .efficiency import ac_curve, dc_charge, dc_discharge, switching_curve


def transfer(settings: ConnectorSettings, voltage: float, scale: float = 1.0) -> tuple[Curve, Curve | None]:
    """Return the curves of charging and, of a bidirectional connector, of discharging.

    `scale` is what the car was found to reach of the usual efficiency. Power of all phases, in W.
    """
    phases = _phases(settings)
    wall = settings.max_discharge * voltage * phases
    return _charging(settings, phases, voltage, scale), dc_discharge(wall, scale) if wall > 0 else None


def _charging(settings: ConnectorSettings, phases: int, voltage: float, scale: float) -> Curve:
    most = settings.maximum
    if settings.dc:
        return dc_charge(most * voltage * phases, scale)
    if settings.phase_switching and settings.auto_phases and phases == 3:
        return switching_curve(settings.minimum, most, voltage, scale)
    return ac_curve(phases, settings.minimum, most, voltage, scale)


def _phases(settings: ConnectorSettings) -> int:
    wired = len(settings.phase_map)
    return wired if settings.dc else min(wired, settings.vehicle.phases or wired)
