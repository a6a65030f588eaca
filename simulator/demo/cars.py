"""Who lives here: the chargers of the demo, and the car at each of them."""

from dataclasses import dataclass, field
from typing import Final

from .client import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Bay:
    """A charger, the car that stands there, and what its driver wants.

    `charger` is what the simulated house calls it, `about_charger` and `about_car` what its forms are answered.
    `soc` is how full the car comes home, in %.
    """

    charger: str
    name: str
    icon: str
    color: str
    mode: str
    car: str
    model: str
    soc: float
    about_charger: Json = field(default_factory=dict)
    about_car: Json = field(default_factory=dict)


BAYS: Final = (
    Bay(
        charger="keba",
        name="Garage",
        icon="mdi:garage",
        color="green",
        mode="smart",
        car="Zappy",
        model="zappy",
        soc=40,
        about_charger={"unit": 255, "phase_map": "123", "max_current": 32, "auto_phases": True, "priority": 2},
        about_car={
            "phases": "3",
            "max_current": 32,
            "min_current": 6,
            "capacity": 52,
            "consumption": 16,
            "target_soc": 80,
            "leaves_workdays": "07:30:00",
            "leaves_weekend": "07:30:00",
        },
    ),
    Bay(
        charger="alfen",
        name="Carport",
        icon="mdi:home-roof",
        color="teal",
        mode="smart",
        car="Sedan",
        model="sedan",
        soc=55,
        about_charger={"unit": 1, "phase_map": "123", "max_current": 16, "auto_phases": True, "priority": 1},
        about_car={
            "phases": "3",
            "max_current": 16,
            "min_current": 6,
            "capacity": 77,
            "consumption": 18,
            "target_soc": 80,
            "leaves_workdays": "09:00:00",
            "leaves_weekend": "09:00:00",
        },
    ),
    Bay(
        charger="quasar",
        name="Driveway",
        icon="mdi:home-battery",
        color="indigo",
        mode="house",
        car="Van",
        model="van",
        soc=60,
        about_charger={"unit": 1, "phase_map": "1", "max_current": 32, "reserve_soc": 30},
        about_car={
            "phases": "1",
            "max_current": 32,
            "min_current": 6,
            "capacity": 75,
            "consumption": 22,
            "target_soc": 50,
            "reserve_soc": 30,
            "leaves_workdays": "08:15:00",
            "leaves_weekend": "08:15:00",
        },
    ),
)
"""Two cars that follow a plan, one of them with three phases up to 32 A, and one that serves the house."""

BATTERY: Final[Json] = {
    "capacity": 10,
    "charge_power": 4000,
    "discharge_power": 4000,
    "efficiency": 90,
}
"""What its owner knows of the home battery: kWh, W, W and %."""

PLANNED: Final = frozenset({"smart", "cheap", "house"})
"""The modes in which a car has a plan."""
