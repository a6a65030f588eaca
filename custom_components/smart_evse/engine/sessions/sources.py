"""Where the energy of a car comes from.

The house is served first, then the chargers in proportion to what they take: by the sun, by the home battery, by the
grid. What the home battery holds is mixed perfectly: each Wh of it is as much sun as any other.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The sources of what a connector takes, each 0 to 1. What is missing to 1 comes from nobody knows where."""

    sun: float = 0.0
    battery: float = 0.0
    grid: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What the home battery gives: the share of the sun in it (0 to 1), and its cost in currency per kWh."""

    sun: float
    price: float | None = None
