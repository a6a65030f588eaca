"""A ledger with something in it: three sessions of two drivers, one of nobody known."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from custom_components.smart_evse.engine.access.model import Driver
from custom_components.smart_evse.engine.sessions.model import Ends, Interval, Mark, Rung, SessionRecord
from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionsBook

ADA = Driver(id="driver-ada", name="Ada", person="person.ada")
BEN = Driver(id="driver-ben", name="Ben", person="person.ben")
QUARTER = timedelta(minutes=15)
NOVEMBER = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def quarter(start: datetime, *, sun: int = 0, grid: int = 0, price: str | None = "0.30", **more: object) -> Interval:
    """Return a quarter of an hour."""
    return Interval(
        start=start,
        end=start + QUARTER,
        energy_in=sun + grid,
        from_sun=sun,
        from_grid=grid,
        mean_power=4.0 * (sun + grid),
        import_price=None if price is None else Decimal(price),
        export_price=Decimal("0.05"),
        co2=200.0,
        **more,  # type: ignore[arg-type]
    )


def session(
    key: str, connector: str, start: datetime, intervals: tuple[Interval, ...], **more: object
) -> SessionRecord:
    """Return a session over its intervals."""
    energy = sum(each.energy_in for each in intervals)
    known: dict[str, object] = {
        "energy_in": energy,
        "taken": Ends(start=100_000.0, stop=100_000.0 + energy),
        "currency": "EUR",
        **more,
    }
    return SessionRecord(
        id=key,
        connector=connector,
        started=start,
        ended=start + QUARTER * len(intervals),
        **known,  # type: ignore[arg-type]
    )


def fill(ledger: Ledger, connector: str, vehicle: str | None = None) -> None:
    """Put it on record."""
    people, book = PeopleBook(ledger), SessionsBook(ledger)
    for driver in (ADA, BEN):
        people.put_driver(driver, at=NOVEMBER)
    first = (quarter(NOVEMBER, sun=1_000, grid=500), quarter(NOVEMBER + QUARTER, sun=1_500))
    book.close_session(
        session("s-ada", connector, NOVEMBER, first, driver=ADA.id, vehicle=vehicle, known_by=Rung.CARD), first
    )
    start = NOVEMBER + timedelta(days=1)
    second = (quarter(start, grid=2_000), quarter(start + QUARTER, grid=1_000, price=None))
    book.close_session(
        session("s-ben", connector, start, second, driver=BEN.id, marks=frozenset({Mark.PROVISIONAL})), second
    )
    start = NOVEMBER + timedelta(days=2)
    third = (quarter(start, grid=4_000, price="0.25"),)
    book.close_session(session("s-none", connector, start, third), third)
