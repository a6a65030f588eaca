"""One statement for each preset, and some that a page has trouble with; their sums follow the rules of statements."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Final

from custom_components.smart_evse.engine.statements.charged import Exact
from custom_components.smart_evse.engine.statements.model import (
    Certification,
    Evidence,
    Fact,
    Line,
    Meter,
    Party,
    Statement,
    StatementKind,
    StatementSession,
)
from custom_components.smart_evse.engine.statements.rounding import Till
from custom_components.smart_evse.engine.tariffs.model import Dimension, Source

CENT: Final = Decimal("0.01")

HOME = Party(
    name="Jana Müller-Østergård",
    address=("Straße der Einheit 12 a",),
    postcode="04109",
    city="Leipzig",
    country="DE",
    account="DE89370400440532013000",
    bic="COBADEFFXXX",
    contact="jana@example.org",
    reference="P-4711",
)
EMPLOYER = Party(
    name="Beispiel Werke GmbH & Co. KG",
    address=("Lohnbuchhaltung", "Industriestraße 100"),
    postcode="04317",
    city="Leipzig",
    country="DE",
    reference="P-4711",
)
GARAGE = Meter(charger="Garage", number="1EBZ0101234567", certification=Certification.MID, year=2024)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def line(
    what: Dimension | str,
    quantity: str,
    unit: str,
    price: str,
    vat: str | None = None,
    *,
    with_vat: bool = True,
    source: Source | None = None,
) -> Line:
    """Round once, here, as a statement does."""
    rate = Decimal(vat or 0) / 100
    shown = cents(Decimal(quantity) * Decimal(price))
    net, gross = (cents(shown / (1 + rate)), shown) if with_vat else (shown, cents(shown * (1 + rate)))
    return Line(
        what=what,
        quantity=Decimal(quantity),
        unit=unit,
        price=Decimal(price),
        vat=None if vat is None else Decimal(vat),
        net=net,
        gross=gross,
        source=source,
        tariff="standard",
    )


def session(number: int, start: datetime, energy: int, lines: tuple[Line, ...], **more: object) -> StatementSession:
    register = 4_512_300 + number * 40_000
    made = StatementSession(
        id=f"s{number:04}",
        started=start,
        ended=start + timedelta(hours=3, minutes=17 + number % 40),
        energy=energy,
        meter=GARAGE,
        register_start=register,
        register_stop=register + energy,
        from_sun=energy // 3,
        vehicle="ID.4",
        plate="L-JM 234E",
        driver=HOME.name,
        driver_id="driver-1",
        lines=lines,
        net=sum((each.net for each in lines), Decimal(0)),
        gross=sum((each.gross for each in lines), Decimal(0)),
        evidence=Evidence.VERIFIED,
    )
    return replace(made, **more)


type Pricing = Callable[[int, int], tuple[Line, ...]]


def sessions(count: int, pricing: Pricing, **more: object) -> tuple[StatementSession, ...]:
    made = []
    for number in range(count):
        start = datetime(2026, 10, 1, 16, 5, tzinfo=UTC) + timedelta(hours=number * (690 // max(count, 1)))
        energy = 7_123 + 1_731 * (number % 9)
        made.append(session(number, start, energy, pricing(number, energy), **more))
    return tuple(made)


def flat(price: str, vat: str | None = None, *, with_vat: bool = True) -> Pricing:
    """Everything at one price."""

    def priced(number: int, energy: int) -> tuple[Line, ...]:
        return (line(Dimension.ENERGY, str(Decimal(energy) / 1000), "kWh", price, vat, with_vat=with_vat),)

    return priced


def guest_prices(number: int, energy: int, *, with_vat: bool = True) -> tuple[Line, ...]:
    """Sun and grid have prices of their own, standing has another rate of VAT on every third session."""
    sun = Decimal(energy // 3) / 1000
    made = partial(line, with_vat=with_vat)
    lines = (
        made(Dimension.ENERGY, str(sun), "kWh", "0.2499", "19", source=Source.SUN),
        made(
            Dimension.ENERGY, str(Decimal(energy) / 1000 - sun), "kWh", f"0.39{number % 10}7", "19", source=Source.GRID
        ),
        made(Dimension.FLAT, "1", "1", "0.50", "19"),
    )
    return (*lines, made(Dimension.IDLE, "1.25", "h", "1.20", "7")) if number % 3 == 0 else lines


def booked(till: Till, each: Line) -> Line:
    """Let a line through the till that makes the lines of real statements."""
    exact = Exact(
        what=each.what,
        quantity=each.quantity,
        unit=each.unit,
        price=each.price,
        vat=each.vat,
        net=each.net,
        gross=each.gross,
        source=each.source,
        tariff=each.tariff,
        driver=each.driver,
        with_vat=till.prices_with_vat,
    )
    return till.line(exact)


def statement(
    preset: str,
    kind: StatementKind,
    charged: tuple[StatementSession, ...],
    *,
    exemption: str | None = None,
    **more: object,
) -> Statement:
    made = Statement(
        id="st-0007",
        kind=kind,
        preset=preset,
        issuer=HOME,
        recipient=EMPLOYER,
        currency="EUR",
        zone="Europe/Berlin",
        since=datetime(2026, 9, 30, 22, 0, tzinfo=UTC),
        until=datetime(2026, 10, 31, 23, 0, tzinfo=UTC),
        made_on=date(2026, 11, 2),
        language="de",
        number=None if kind is StatementKind.LIST else "2026-0007",
        due_on=date(2026, 11, 16),
        driver="driver-1",
        vehicle="vehicle-1",
        sessions=charged,
        reference="RF18539007547034",
    )
    made = replace(made, **more)
    till = Till(CENT, made.prices_with_vat, exemption)
    stated = tuple(
        replace(one, lines=shown, net=_sum(each.net for each in shown), gross=_sum(each.gross for each in shown))
        for one, shown in ((one, tuple(booked(till, each) for each in one.lines)) for one in charged)
    )
    others = tuple(booked(till, each) for each in made.lines)
    return replace(
        made,
        sessions=stated,
        lines=others,
        vat=till.rows(),
        net=till.net(),
        total=till.gross(),
        energy=sum(one.energy for one in charged),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def de_employer() -> Statement:
    fact = Fact(
        key="de_flat_price",
        value=Decimal("0.34"),
        unit="EUR/kWh",
        source="BMF 11.11.2025, Destatis 61243-0001",
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 12, 31),
    )
    notes = ("rounding", "certification", "evidence")
    return statement("de_employer", StatementKind.REIMBURSEMENT, sessions(11, flat("0.34")), facts=(fact,), notes=notes)


def be_employer() -> Statement:
    fact = Fact(
        key="be_cap_flanders",
        value=Decimal("0.3225"),
        unit="EUR/kWh",
        source="CREG, CREG_Tariff_EV.csv",
        valid_from=date(2026, 10, 1),
        valid_until=date(2026, 12, 31),
    )
    issuer = Party(
        name="Liesbeth Vandenbroucke",
        address=("Kortrijksesteenweg 1001 bus 3",),
        postcode="9000",
        city="Gent",
        country="BE",
        account="BE68539007547034",
        bic="GKCCBEBB",
    )
    meter = replace(GARAGE, charger="Oprit", point="541448820001234567")
    return statement(
        "be_employer",
        StatementKind.REIMBURSEMENT,
        sessions(8, flat("0.3225"), meter=meter, card="04A2…7F", driver=issuer.name, evidence=None),
        issuer=issuer,
        recipient=replace(
            EMPLOYER, name="Voorbeeld NV", address=("Havenlaan 86C",), postcode="1000", city="Brussel", country="BE"
        ),
        facts=(fact,),
        zone="Europe/Brussels",
        language="nl",
        notes=("rounding", "certification"),
    )


def nl_employer() -> Statement:
    issuer = Party(
        name="Sjoerd van der Heijden",
        address=("Prinsengracht 263-2",),
        postcode="1016 GV",
        city="Amsterdam",
        country="NL",
        account="NL91ABNA0417164300",
    )
    return statement(
        "nl_employer",
        StatementKind.REIMBURSEMENT,
        sessions(14, lambda number, energy: flat(f"0.2{number:02}45")(number, energy), evidence=None),
        issuer=issuer,
        recipient=replace(
            EMPLOYER, name="Voorbeeld B.V.", address=("Zuidas 1",), postcode="1082 MD", country="NL", city="Amsterdam"
        ),
        language="nl",
        zone="Europe/Amsterdam",
        lines=(line("base_fee", "1", "month", "3.15"),),
        notes=("rounding", "certification"),
    )


def uk_employer() -> Statement:
    issuer = Party(
        name="Siân O\N{RIGHT SINGLE QUOTATION MARK}Connor",
        address=("Flat 3", "221b Baker Street"),
        postcode="NW1 6XE",
        city="London",
        country="GB",
        account="GB29NWBK60161331926819",
    )
    return statement(
        "uk_employer",
        StatementKind.REIMBURSEMENT,
        sessions(6, flat("0.2703"), odometer=12_345, plate="AB12 CDE", evidence=None),
        issuer=issuer,
        recipient=replace(
            EMPLOYER,
            name="Example Works Ltd",
            address=("1 Dock Road",),
            postcode="E16 2AB",
            city="London",
            country="GB",
        ),
        currency="GBP",
        language="en",
        zone="Europe/London",
        notes=("rounding",),
    )


def association(country: str) -> Statement:
    """Twelve sessions of three flats."""
    flats = tuple(
        replace(
            each,
            driver=f"Lgh {1101 + number % 3}",
            driver_id=f"flat-{number % 3}",
            evidence=None,
            meter=replace(GARAGE, charger=f"Plats {number % 3 + 7}"),
        )
        for number, each in enumerate(sessions(12, flat("2.15", "25")))
    )
    swedish = country == "SE"
    issuer = Party(
        name="Brf Solgården" if swedish else "Borettslaget Fjordgløtt",
        address=("Västerlånggatan 44",),
        postcode="111 29",
        city="Stockholm" if swedish else "Oslo",
        country=country,
        company_number="716400-1234",
    )
    return statement(
        "se_association" if swedish else "no_association",
        StatementKind.LIST,
        flats,
        issuer=issuer,
        recipient=Party(
            name="Fastighetsförvaltning AB", address=("Box 100",), postcode="111 20", city="Stockholm", country=country
        ),
        currency="SEK" if swedish else "NOK",
        language="sv",
        zone="Europe/Stockholm",
        due_on=None,
        driver=None,
        vehicle=None,
        reference=None,
        notes=("rounding",),
    )


def plain_invoice() -> Statement:
    return statement(
        "neutral",
        StatementKind.INVOICE,
        sessions(5, flat("0.30")),
        issuer=replace(
            HOME,
            name="Hélène Lefèvre",
            country="FR",
            city="Besançon",
            postcode="25000",
            address=("8, rue de l\N{RIGHT SINGLE QUOTATION MARK}Église",),
        ),
        recipient=Party(
            name="Noël Çelik", address=("12, allée des Cœurs",), postcode="21000", city="Dijon", country="FR"
        ),
        language="fr",
        zone="Europe/Paris",
        exemption="small_business",
        notes=("rounding",),
    )


SELLER = replace(
    HOME,
    name="Gasthof Löwen, Jana Müller",
    vat_number="DE123456788",
    tax_number="231/123/12345",
    reference=None,
)
GUEST = Party(name="Åsa Lindström", address=("Sveavägen 12",), postcode="111 57", city="Stockholm", country="SE")


def guest_invoice(*, with_vat: bool = True, count: int = 4) -> Statement:
    """Two rates of VAT, prices that hold it or not."""
    return statement(
        "guest",
        StatementKind.INVOICE,
        sessions(count, partial(guest_prices, with_vat=with_vat)),
        issuer=SELLER,
        recipient=GUEST,
        prices_with_vat=with_vat,
        lines=(line("administration", "1", "1", "2.50", "19", with_vat=with_vat),),
        language="de",
        notes=("rounding", "certification", "evidence"),
        payment_terms="Bitte innerhalb von 14 Tagen bezahlen.",
    )


def credit_note(of: Statement) -> Statement:
    """Take all of it back."""

    def back(each: Line) -> Line:
        return replace(each, quantity=-each.quantity, net=-each.net, gross=-each.gross)

    taken = tuple(
        replace(each, lines=tuple(map(back, each.lines)), net=-each.net, gross=-each.gross) for each in of.sessions
    )
    rows = tuple(replace(row, net=-row.net, vat=-row.vat, gross=-row.gross) for row in of.vat)
    return replace(
        of,
        id="st-0008",
        number="2026-0008",
        corrects=of.id,
        sessions=taken,
        lines=tuple(map(back, of.lines)),
        vat=rows,
        net=-of.net,
        total=-of.total,
        due_on=None,
        payment_terms=None,
    )


PRESETS: Final[dict[str, Callable[[], Statement]]] = {
    "de_employer": de_employer,
    "be_employer": be_employer,
    "nl_employer": nl_employer,
    "uk_employer": uk_employer,
    "se_association": partial(association, "SE"),
    "no_association": partial(association, "NO"),
    "invoice": plain_invoice,
    "guest": guest_invoice,
}
