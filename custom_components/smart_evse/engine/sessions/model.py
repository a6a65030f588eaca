"""What a session puts on record.

Energies are whole Wh: registers are rounded where they are read, so that intervals add up to the session exactly.
Powers are W, prices `Decimal` in the session's currency per kWh, times aware UTC. "Not known" is `None`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Mark(StrEnum):
    """What is not as it was measured, or not known yet."""

    ESTIMATED = "estimated"
    """No lifetime register: power was summed up."""
    RECONSTRUCTED = "reconstructed"
    """The register tells the energy, nobody saw when it flowed."""
    GAP = "gap"
    """Something may be missing, and nothing was invented for it."""
    REGISTER_BACKWARDS = "register_backwards"
    REGISTER_LEAPT = "register_leapt"
    """The register ran faster than the charger can charge: reset or another meter."""
    CLOCK = "clock"
    """The clock was set while the session ran."""
    VEHICLE = "vehicle"
    """The car itself reported the energy."""
    PROVISIONAL = "provisional"
    """A price is not known yet."""
    IMPORTED = "imported"
    """The charger kept the session itself, it was read later."""


class Rung(StrEnum):
    """How driver and vehicle of a session came to be known, the surest first."""

    CORRECTED = "corrected"
    CARD = "card"
    VEHICLE_ID = "vehicle_id"
    PLUG = "plug"
    ONLY_ONE = "only_one"
    DEFAULT = "default"
    ASKED = "asked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What flowed within a quarter of an hour on the clock, or a part of it.

    `energy_in` is `from_sun + from_battery + from_grid + unattributed`, to the Wh. `export_price` is the feed-in price
    foregone for the sun that was used. `co2` is the intensity of the grid in g/kWh. `vehicle_energy` is what the
    car says it has taken. `battery_price` is what the energy in the home battery had cost, `battery_sun` the share
    of it (0 to 1) that once was sun. `demand` is the mean share (0 to 1) that was imported of all
    that the main fuse lets through. `driver` and `tariff` are `None` where they are the session's.
    """

    start: datetime
    end: datetime
    energy_in: int = 0
    energy_out: int = 0
    from_sun: int = 0
    from_battery: int = 0
    from_grid: int = 0
    unattributed: int = 0
    mean_power: float | None = None
    peak_power: float | None = None
    vehicle_energy: int | None = None
    import_price: Decimal | None = None
    export_price: Decimal | None = None
    co2: float | None = None
    battery_price: Decimal | None = None
    battery_sun: float | None = None
    demand: float | None = None
    driver: str | None = None
    tariff: str | None = None
    marks: frozenset[Mark] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """A register or a reading at the beginning and at the end of a session."""

    start: float | None = None
    stop: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """One stay of one car at one connector. `ended` is `None` while it is there.

    `id` is the same whenever the same session is told again: it is made of connector, register and time.
    `taken` and `given` are the charger's registers in Wh, `soc` in %, `odometer` in km. `driver`, `card` and `vehicle`
    are ids, never names or numbers.
    """

    id: str
    connector: str
    started: datetime
    ended: datetime | None = None
    energy_in: int = 0
    energy_out: int = 0
    taken: Ends = Ends()
    given: Ends = Ends()
    soc: Ends = Ends()
    odometer: Ends = Ends()
    vehicle: str | None = None
    driver: str | None = None
    card: str | None = None
    known_by: Rung = Rung.UNKNOWN
    tariff: str | None = None
    currency: str | None = None
    marks: frozenset[Mark] = frozenset()
