"""What arrives in a battery at a current: the table that cars look up each second."""

from typing import Final

import numpy as np

from benchmarks.plant.car import Intake
from benchmarks.worlds.efficiency import VOLTAGE, battery_power

_HUNDREDTHS = 3_300


def intake() -> Intake:
    """Return W into the battery by phases (0 to 3) and hundredths of an ampere."""
    amps = (np.arange(_HUNDREDTHS) + 0.5) / 100.0
    nothing = [0.0] * _HUNDREDTHS
    return (nothing, *(battery_power(amps * VOLTAGE * phases, phases).tolist() for phases in (1, 2, 3)))


AVERAGE: Final = intake()
