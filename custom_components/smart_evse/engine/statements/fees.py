"""What a statement asks for beside its sessions: administration, business miles, monthly fees."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from .charged import Exact, Extra, Wanted
from .errors import FigureChanges
from .figures import PER_CENT, PER_DRIVER, PER_KWH, UK_HOME, UK_PUBLIC, figure, needed, stretches
from .model import Fact, StatementSession

ADMINISTRATION = "administration"
MILES = {UK_HOME: "home_miles", UK_PUBLIC: "public_miles"}
"""The words' keys of miles by where they were charged."""

_KWH = Decimal(1000)
_TENTH = Decimal("0.1")
_PER_CENT = Decimal(100)


def extra(one: Extra, *, with_vat: bool) -> Exact:
    """Return an amount of the owner's as it is before rounding."""
    amount = one.quantity * one.price
    factor = (_PER_CENT + (one.vat or 0)) / _PER_CENT
    return Exact(
        what=one.what,
        quantity=one.quantity,
        unit=one.unit,
        price=one.price,
        vat=one.vat,
        net=amount / factor if with_vat else amount,
        gross=amount if with_vat else amount * factor,
        driver=one.driver,
        with_vat=with_vat,
    )


def administration(sessions: Sequence[StatementSession], wanted: Wanted) -> tuple[list[Extra], list[Fact]]:
    """Return what administration costs each driver, and the owner's figures it was reckoned with.

    It has the VAT of the energy that it is for.
    """
    day = wanted.since.astimezone(ZoneInfo(wanted.zone)).date()
    known = {key: fact for key in (PER_KWH, PER_CENT, PER_DRIVER) if (fact := figure(key, day, wanted.facts))}
    found: list[Extra] = []
    for driver in dict.fromkeys(one.driver_id for one in sessions) if known else ():
        mine = [one for one in sessions if one.driver_id == driver]
        rates = [line.vat for one in mine for line in one.lines if line.vat is not None]
        vat = max(rates, default=None)
        for quantity, unit, price in _administration(mine, known, with_vat=wanted.prices_with_vat):
            found.append(Extra(what=ADMINISTRATION, quantity=quantity, unit=unit, price=price, vat=vat, driver=driver))
    return found, list(known.values())


def _administration(
    sessions: Sequence[StatementSession], known: dict[str, Fact], *, with_vat: bool
) -> Iterator[tuple[Decimal, str, Decimal]]:
    if PER_KWH in known:
        yield Decimal(sum(one.energy for one in sessions)) / _KWH, "kWh", known[PER_KWH].value
    if PER_CENT in known:
        amount = sum((one.gross if with_vat else one.net for one in sessions), Decimal(0))
        yield Decimal(1), "1", amount * known[PER_CENT].value / _PER_CENT
    if PER_DRIVER in known:
        yield Decimal(1), "1", known[PER_DRIVER].value


def miles(home_energy: int, wanted: Wanted) -> tuple[list[Extra], list[Fact]]:
    """Return business miles, shared by the energy that was taken at home and elsewhere, at the rate of each.

    `FigureChanges` where a rate changes within the span: nobody knows how many miles were driven before.
    """
    driven, energy = wanted.business_miles or Decimal(0), home_energy + wanted.public_energy
    home = (driven * home_energy / energy).quantize(_TENTH) if energy else driven
    found, facts = [], []
    for key, quantity in ((UK_HOME, home), (UK_PUBLIC, driven - home)):
        if quantity:
            fact = _steady(key, wanted)
            facts.append(fact)
            found.append(Extra(what=MILES[key], quantity=quantity, unit="mile", price=fact.value))
    return found, facts


def _steady(key: str, wanted: Wanted) -> Fact:
    zone = ZoneInfo(wanted.zone)
    days = [day for _, _, day in stretches(key, wanted.since, wanted.until, zone, wanted.facts)]
    found = [needed(key, day, wanted.facts) for day in days]
    for day, fact in zip(days, found, strict=True):
        if fact.value != found[0].value:
            raise FigureChanges(key, day)
    return found[-1]


def exacts(extras: Iterable[Extra], *, with_vat: bool) -> Iterator[Exact]:
    """Yield amounts as they are before rounding."""
    return (extra(one, with_vat=with_vat) for one in extras)
