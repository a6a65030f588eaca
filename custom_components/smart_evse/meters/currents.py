"""What flows in a phase, made of what meters tell of it.

A smart meter tells an unsigned current, on Dutch meters in whole amperes (DSMR P1 5.0.2, table 6-1:
format F3(0,0)), beside the phase's active power in steps of 1 W. The current is apparent: it holds
the reactive part that the power does not. The power is fine: |P| / U can never be more than the
current that really flows. So the larger of the two is taken: what was rounded down to a whole ampere
is lifted to what the power proves, and what the power cannot see is kept. What is left of the
rounding (at most 1 A) is what the site's margin is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..engine.model import VOLTAGE, PerPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase as a meter tells it: power in W, positive on import; current in A of any sign; V."""

    power: float | None = None
    current: float | None = None
    voltage: float | None = None

    @property
    def signed_current(self) -> float | None:
        """The current, signed like the power; `None` where the meter tells no power.

        Without a current it is the active part only. Without power to import or export, what
        flows is counted as import. A measured voltage is never far from the nominal one, but one
        of 0 (a phase that failed) would make any current of a little power.
        """
        if self.power is None:
            return None
        told = abs(self.current) if self.current is not None else 0.0
        if self.voltage is not None or self.current is None:
            voltage = max(self.voltage or VOLTAGE, VOLTAGE / 2)
            told = max(told, abs(self.power) / voltage)
        return -told if self.power < 0 else told


def per_phase(values: Sequence[float | None], phases: int) -> PerPhase | None:
    """Put together the values of all `phases` of the site; `None` when one of them is not known."""
    known = [value for value in values[:phases] if value is not None]
    if len(known) < phases:
        return None
    return PerPhase(*known)
