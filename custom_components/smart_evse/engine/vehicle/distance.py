"""Kilometres and percents into Wh of a battery and back: the one place where they meet."""

from dataclasses import dataclass
from enum import StrEnum

USUAL_CONSUMPTION = 180.0
"""What a car uses at its battery in Wh per km where nobody said: a mid-size car over the year."""


class Unit(StrEnum):
    """How a driver says how full a car should be."""

    PERCENT = "percent"
    KILOMETRES = "km"
    KILOWATT_HOURS = "kwh"


@dataclass(frozen=True, slots=True)
class Amount:
    """How much a driver wants: % of the battery or km of range in it, or kWh brought into it in this stay."""

    value: float
    unit: Unit = Unit.PERCENT

    def energy(self, capacity: float | None, consumption: float | None = None) -> float | None:
        """The Wh that it means, never more than the `capacity` in Wh.

        `None` for a percentage of a battery whose capacity nobody knows. `consumption` in Wh per km.
        """
        if self.unit is Unit.PERCENT:
            return None if capacity is None else capacity * min(max(self.value, 0.0), 100.0) / 100
        per_unit = 1000.0 if self.unit is Unit.KILOWATT_HOURS else consumption or USUAL_CONSUMPTION
        energy = max(0.0, self.value) * per_unit
        return energy if capacity is None else min(energy, capacity)


def percent(energy: float, capacity: float) -> float:
    """The share of a battery of `capacity` Wh that `energy` Wh fill, in %."""
    return min(max(energy / capacity * 100, 0.0), 100.0)


def kilometres(energy: float, consumption: float | None) -> float:
    """How far `energy` in Wh takes a car that uses `consumption` Wh per km."""
    return max(0.0, energy) / (consumption or USUAL_CONSUMPTION)
