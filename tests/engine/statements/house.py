"""A house whose drivers charge: sessions to make statements of."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from custom_components.smart_evse.engine.sessions.model import Ends, Interval, Mark, SessionRecord
from custom_components.smart_evse.engine.statements.charged import ChargedSession, Valuation, Value, Wanted
from custom_components.smart_evse.engine.statements.model import Certification, Fact, Meter, Party
from custom_components.smart_evse.engine.statements.span import month
from custom_components.smart_evse.engine.statements.worth import worths
from custom_components.smart_evse.engine.tariffs.model import Dimension, Priced, PricedLine

ZONE = "Europe/Brussels"
PLACE = ZoneInfo(ZONE)
QUARTER = timedelta(minutes=15)
METER = Meter(charger="garage", number="SN-1", certification=Certification.MID, year=2025, point="541448")
ANNA = Party(name="Anna Ångström", address=("Kerkstraat 1",), postcode="1000", city="Brussel", country="BE")
COMPANY = Party(
    name="Company NV",
    address=("Laan 2",),
    postcode="2000",
    city="Antwerpen",
    country="BE",
    vat_number="BE0123456749",
    account="BE68539007547034",
)


def at(text: str) -> datetime:
    """Return a time of the house's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=PLACE).astimezone(UTC)


def quarters(start: datetime, energies: list[int], driver: str | None = None) -> tuple[Interval, ...]:
    """Quarters of an hour with so many Wh each, a quarter of it from the sun."""
    return tuple(
        Interval(
            start=start + number * QUARTER,
            end=start + (number + 1) * QUARTER,
            energy_in=energy,
            from_sun=energy // 4,
            from_grid=energy - energy // 4,
            import_price=Decimal("0.30"),
            export_price=Decimal("0.05"),
            driver=driver,
        )
        for number, energy in enumerate(energies)
    )


def priced(intervals: tuple[Interval, ...], price: str = "0.33", vat: str | None = "21") -> Priced:
    """What a flat price, VAT included, makes of intervals: a line for each, as tariffs have it."""
    rate = 1 + Decimal(vat or 0) / 100
    lines = []
    for each in intervals:
        if each.energy_in:
            quantity = Decimal(each.energy_in) / 1000
            gross = quantity * Decimal(price)
            lines.append(
                PricedLine(
                    dimension=Dimension.ENERGY,
                    start=each.start,
                    end=each.end,
                    quantity=quantity,
                    price=Decimal(price),
                    vat=None if vat is None else Decimal(vat),
                    net=(gross / rate).quantize(Decimal("1e-12")),
                    gross=gross,
                )
            )
    return Priced(tariff="home", currency="EUR", lines=tuple(lines))


def charged(
    name: str,
    intervals: tuple[Interval, ...],
    *,
    driver: str | None = "anna",
    vehicle: str | None = "van",
    values: tuple[Value, ...] | None = None,
    marks: frozenset[Mark] = frozenset(),
) -> ChargedSession:
    """A session of these intervals, priced at 33 cents."""
    energy = sum(each.energy_in for each in intervals)
    record = SessionRecord(
        id=name,
        connector="garage",
        started=intervals[0].start,
        ended=intervals[-1].end,
        energy_in=energy,
        taken=Ends(start=1_000_000.0, stop=1_000_000.0 + energy),
        driver=driver,
        vehicle=vehicle,
        marks=marks,
    )
    own = (Value(valuation=Valuation.TARIFF, priced=priced(intervals)), *worths(intervals, "EUR"))
    return ChargedSession(
        record=record,
        intervals=intervals,
        meter=METER,
        values=own if values is None else values,
        names=(("anna", "Anna"), ("ben", "Ben")),
        vehicle="Van",
        plate="1-ABC-234",
        card="blue",
    )


def wanted(preset: str = "neutral", **changes: object) -> Wanted:
    """March of 2026."""
    since, until = month(2026, 3, PLACE)
    known: dict[str, object] = {
        "id": "s1",
        "preset": preset,
        "issuer": ANNA,
        "recipient": COMPANY,
        "since": since,
        "until": until,
        "zone": ZONE,
        "currency": "EUR",
        "made_on": date(2026, 4, 1),
        **changes,
    }
    return Wanted(**known)  # type: ignore[arg-type]


def fact(key: str, value: str, unit: str = "EUR/kWh", **dates: date) -> Fact:
    return Fact(key=key, value=Decimal(value), unit=unit, source="contract", **dates)
