"""What the grid meter says: the truth, in the steps of a meter, through whatever is wrong with it."""

from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Protocol

from ..house import House
from ..recording import Watts


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A meter's display. `watts` positive on import, `volts`, `amps` without a sign; registers in Wh."""

    at: datetime
    watts: Watts
    volts: Watts
    amps: tuple[int, int, int]
    imported: float
    exported: float

    @property
    def power(self) -> float:
        return sum(self.watts)


class Readable(Protocol):
    """What a port wants of a meter."""

    @property
    def silent(self) -> bool: ...

    def reading(self) -> Reading: ...


class Meter:
    """A meter of type DSMR 5: it shows the current of each phase in whole amperes, the rest left out."""

    def __init__(self, house: House, *, imported: float = 4_711_000.0, exported: float = 2_093_000.0) -> None:
        self._house = house
        self._offset = imported, exported
        self._frozen: Reading | None = None
        self._repeated: Reading | None = None

    @property
    def silent(self) -> bool:
        return self._house.meter.silent

    def reading(self) -> Reading:
        """Read it now. A frozen one keeps its values, one that repeats itself its clock as well."""
        mood, present = self._house.meter, self._read()
        self._frozen = (self._frozen or present) if mood.frozen else None
        self._repeated = (self._repeated or present) if mood.repeating else None
        if self._repeated is not None:
            return self._repeated
        if self._frozen is not None:
            kept = self._frozen
            return Reading(
                at=present.at,
                watts=kept.watts,
                volts=kept.volts,
                amps=kept.amps,
                imported=kept.imported,
                exported=kept.exported,
            )
        return present

    def _read(self) -> Reading:
        house, grid = self._house, self._house.grid
        sign = -1 if house.meter.flipped else 1
        l1, l2, l3 = (sign * round(watts) for watts in grid.watts)
        a1, a2, a3 = (floor(abs(amps)) for amps in grid.amps)
        counted = house.record.imported, house.record.exported
        imported, exported = counted[::sign]
        return Reading(
            at=house.clock,
            watts=(l1, l2, l3),
            volts=grid.volts,
            amps=(a1, a2, a3),
            imported=self._offset[0] + imported,
            exported=self._offset[1] + exported,
        )
