"""Where the energy of a car comes from: the house first, then the chargers; what is in the battery, by perfect mixing."""

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
