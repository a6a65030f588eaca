"""Sessions as a house has them, to put on record."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from custom_components.smart_evse.engine.sessions.model import Ends, Interval, Mark, Rung, SessionRecord

ZONE = "Europe/Amsterdam"
EVENING = datetime(2026, 3, 14, 19, 5, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def quarters(start: datetime, count: int, *, energy: int = 1000) -> tuple[Interval, ...]:
    """Quarters of an hour in which the sun gives 400 Wh, the battery 100 and the grid the rest."""
    return tuple(
        Interval(
            start=start + number * QUARTER,
            end=start + (number + 1) * QUARTER,
            energy_in=energy + number,
            from_sun=400,
            from_battery=100,
            from_grid=energy + number - 500,
            mean_power=4000.5,
            peak_power=7360.0,
            import_price=Decimal("0.28734"),
            export_price=Decimal("0.0713"),
            battery_price=Decimal("0.11"),
            co2=281.5,
            marks=frozenset({Mark.VEHICLE}) if number % 2 else frozenset(),
        )
        for number in range(count)
    )


def session(
    name: str,
    intervals: tuple[Interval, ...],
    *,
    driver: str | None = "anna",
    vehicle: str | None = "van",
    connector: str = "garage",
    ended: bool = True,
) -> SessionRecord:
    """A session that these intervals make up."""
    energy = sum(one.energy_in for one in intervals)
    return SessionRecord(
        id=name,
        connector=connector,
        started=intervals[0].start,
        ended=intervals[-1].end if ended else None,
        energy_in=energy,
        energy_out=sum(one.energy_out for one in intervals),
        taken=Ends(start=1_234_567.0, stop=1_234_567.0 + energy),
        soc=Ends(start=20.0, stop=61.5),
        driver=driver,
        vehicle=vehicle,
        card="card1",
        known_by=Rung.CARD,
        tariff="home",
        currency="EUR",
        marks=frozenset({Mark.RECONSTRUCTED, Mark.GAP}),
    )


def evenings(count: int, *, begin: datetime = EVENING) -> Iterator[tuple[SessionRecord, tuple[Interval, ...]]]:
    """A session an evening, by drivers and cars in turn."""
    for number in range(count):
        intervals = quarters(begin + timedelta(days=number), 4 + number % 5, energy=1000 + 7 * number)
        yield session(f"s{number:03}", intervals, driver=("anna", "ben", None)[number % 3]), intervals
