"""Capacity tariffs of some countries, to begin with: every figure may be edited, prices have to be.

Network operators change them every year, and each has its own. `source` is where rule and price were read, `as_of`
when they were valid; a figure that was read nowhere says so in its note.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .capacity_tariff import CapacityTariff

_NIGHT = frozenset({22, 23, 0, 1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A tariff with where it comes from; its price is in `currency` for each kW and month."""

    tariff: CapacityTariff
    currency: str
    source: str
    as_of: str
    note: str


PRESETS: Mapping[str, Preset] = {
    "belgium_flanders": Preset(
        tariff=CapacityTariff(minutes=15, top=1, floor=2_500.0, price=4.4, zone="Europe/Brussels"),
        currency="EUR",
        source="Fluvius, questions on the capaciteitstarief for households (fluvius.be): rule and price of 2023",
        as_of="2023",
        note=(
            "The month's highest quarter of an hour, at least 2.5 kW. What is billed is the mean of the last twelve "
            "months' peaks at a price for each kW and year: a kW more in one month costs a twelfth of it, spread over "
            "a year. It was 40.4 EUR a year without VAT on average in 2023, and another figure in each network area; "
            "the price here is about that of 2025, from no source that could be read: take your own."
        ),
    ),
    "sweden_ellevio": Preset(
        tariff=CapacityTariff(
            minutes=60,
            top=3,
            distinct_days=True,
            weights=tuple((hour, 0.5) for hour in sorted(_NIGHT)),
            price=81.25,
            zone="Europe/Stockholm",
        ),
        currency="SEK",
        source="Ellevio, elnätspriser privat (ellevio.se), fuses of 16 to 63 A, as taken down in a registry of tariffs",
        as_of="2025-01-01",
        note=(
            "The mean of the three highest hours of a month, each of another day. From 22 to 6 an hour counts by half. "
            "Other operators count working days or winter only: edit hours, weekdays and months."
        ),
    ),
    "norway": Preset(
        tariff=CapacityTariff(
            minutes=60,
            top=3,
            distinct_days=True,
            steps=(2_000.0, 5_000.0, 10_000.0, 15_000.0, 20_000.0, 25_000.0),
            price=25.0,
            zone="Europe/Oslo",
        ),
        currency="NOK",
        source="Rakkestad Energi, prices below 100 000 kWh (rakkestadenergi.no): the steps that most operators have",
        as_of="2024-07-01",
        note=(
            "The mean of the three highest hours of a month, each of another day, falls into a step with a fixed "
            "price. The price for each kW is what the steps come to on average: 100 NOK from the one around 3.5 kW to "
            "that around 7.5 kW."
        ),
    ),
}
