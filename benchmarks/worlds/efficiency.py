"""What of the power at the wall reaches the battery, and what of the battery's reaches the house.

AC: the mean of the cars in ev2gym 2.0.0 (MIT, `ev_ac_efficiency_by_current`): the car's own electronics make low
currents dear. DC: one-way efficiency 0 below 0.3 kW, 85 % at 1 kW, 93 % from 4 kW on, and a converter that needs 30 W
while on; the curve is an estimate. Both are tables, straight between their rows, so that a bound can be exact.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

VOLTAGE: Final = 230.0

ELECTRONICS: Final = 200.0
"""What a car takes for itself before anything reaches the battery, in W: only felt while a current ramps up."""

AMPS: Final = (6.0, 8.0, 10.0, 12.0, 14.0, 16.0)
AC_EFFICIENCY: Final = {
    1: (0.761, 0.795, 0.821, 0.836, 0.859, 0.863),
    3: (0.878, 0.885, 0.904, 0.904, 0.904, 0.904),
}
BEST_AC: Final = max(AC_EFFICIENCY[3])

DC_MOST: Final = 10_000.0
DC_STANDBY: Final = 30.0
_DC_LEAST = 300.0
_DC_ROWS: Final = np.concatenate(([0.0], np.arange(_DC_LEAST, 4_000.0, 50.0), [4_000.0, DC_MOST]))
_DC_THROUGH: Final = _DC_ROWS * np.interp(_DC_ROWS, (_DC_LEAST, 1_000.0, 4_000.0), (0.0, 0.85, 0.93))


def ac_rows(phases: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows of the AC table from 6 A on: W at the wall, and W into the battery."""
    wall = VOLTAGE * phases * np.array(AMPS)
    return wall, wall * np.array(AC_EFFICIENCY[phases])


def battery_power(wall: ArrayLike, phases: int) -> NDArray[np.float64]:
    """Return what reaches the battery over AC, in W. Two phases lie between one and three."""
    power = np.asarray(wall, dtype=np.float64)
    if phases == 2:
        return (battery_power(power / 2, 1) * 2 + battery_power(power * 1.5, 3) / 1.5) / 2
    walls, batteries = ac_rows(phases)
    inside = np.interp(power, (ELECTRONICS, *walls), (0.0, *batteries))
    return np.where(power > walls[-1], power * AC_EFFICIENCY[phases][-1], inside)


def dc_rows() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows of a bidirectional DC charger, discharge (negative) first: W at the wall, W into the battery.

    In between it idles on its standby; nothing small gets through.
    """
    into, through = _DC_ROWS[_DC_ROWS >= _DC_LEAST], _DC_THROUGH[_DC_ROWS >= _DC_LEAST]
    out = through > DC_STANDBY
    wall = np.concatenate((DC_STANDBY - through[out][::-1], [DC_STANDBY], into + DC_STANDBY))
    return wall, np.concatenate((-into[out][::-1], [0.0], through))


def dc_battery_power(wall: ArrayLike) -> NDArray[np.float64]:
    """Return what a DC charger puts into the battery (+) or takes out of it (-) for a power at the wall, in W.

    The converter is on; what is off takes and gives nothing.
    """
    walls, batteries = dc_rows()
    return np.interp(np.asarray(wall, dtype=np.float64), walls, batteries)
