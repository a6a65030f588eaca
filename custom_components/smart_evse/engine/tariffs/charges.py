"""What of a session each price of a tariff is charged for, before it is stepped and turned into money."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from .applies import applies
from .model import Component, Dimension, Source, Stretch, Tariff
from .moving import price_at
from .pieces import Piece, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A price and what it is charged for: Wh, s or 1. `price` is `None` while it is not known."""

    component: Component
    price: Decimal | None
    start: datetime
    end: datetime
    quantity: Fraction
    source: Source | None = None


def charges(tariff: Tariff, session: Iterable[Piece]) -> Iterator[Charge]:
    """Yield what is charged, in order of time; what follows on within a stretch at one price is one charge."""
    by_source = any(element.restrictions.sources for element in tariff.elements)
    flat = False
    for _, of_stretch in groupby(session, key=lambda piece: id(piece.stretch)):
        found: list[Charge] = []
        for piece in of_stretch:
            if not flat and (fee := _charge(tariff, Dimension.FLAT, piece, Fraction(1))) is not None:
                flat = True
                yield replace(fee, end=fee.start)
            found.extend(_of_time(tariff, piece))
            found.extend(_of_energy(tariff, piece, by_source=by_source))
        yield from _joined(found)


def _of_time(tariff: Tariff, piece: Piece) -> Iterator[Charge]:
    stretch = piece.stretch
    dimension = Dimension.TIME if stretch.charging else Dimension.IDLE
    quantity = seconds(stretch.start, stretch.end) * piece.share
    charge = None if stretch.waiting else _charge(tariff, dimension, piece, quantity)
    if charge is not None and quantity:
        yield charge


def _of_energy(tariff: Tariff, piece: Piece, *, by_source: bool) -> Iterator[Charge]:
    sources = _sources(piece.stretch) if by_source else ((None, piece.stretch.energy),)
    for source, energy in sources:
        charge = _charge(tariff, Dimension.ENERGY, piece, energy * piece.share, source) if energy else None
        if charge is not None:
            yield charge


def _sources(stretch: Stretch) -> Sequence[tuple[Source | None, int]]:
    """Return the Wh from each source; what none is told for counts as bought."""
    sun, battery = stretch.from_sun, stretch.from_battery
    return ((Source.SUN, sun), (Source.BATTERY, battery), (Source.GRID, stretch.energy - sun - battery))


def _charge(
    tariff: Tariff, dimension: Dimension, piece: Piece, quantity: Fraction, source: Source | None = None
) -> Charge | None:
    """Return the charge by the first element that has a price for the dimension and applies."""
    for element in tariff.elements:
        component = next((each for each in element.components if each.dimension is dimension), None)
        if component is not None and applies(element.restrictions, piece, source):
            return Charge(
                component=component,
                price=price_at(component, piece.stretch),
                start=piece.start,
                end=piece.end,
                quantity=quantity,
                source=source,
            )
    return None


def _joined(of_stretch: list[Charge]) -> Iterator[Charge]:
    """Yield charges of one stretch; those that follow on without a change are one."""
    whole: list[Charge] = []
    for charge in of_stretch:
        place = next((at for at, other in enumerate(whole) if _follows_on(other, charge)), None)
        if place is None:
            whole.append(charge)
        else:
            before = whole[place]
            whole[place] = replace(before, end=charge.end, quantity=before.quantity + charge.quantity)
    yield from whole


def _follows_on(before: Charge, after: Charge) -> bool:
    same = before.component is after.component and before.source is after.source
    return same and before.price == after.price and before.end == after.start
