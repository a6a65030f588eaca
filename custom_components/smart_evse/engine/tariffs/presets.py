"""Tariffs that people have in mind, made of a few numbers. Prices are per kWh, h or session in the currency."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from .model import Basis, Component, Dimension, Element, Follows, Restrictions, Source, Step, Subscription, Tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What every tariff says beside its prices: `vat` in %, and whether the prices hold it already."""

    id: str
    name: str
    currency: str
    vat: Decimal | None = None
    vat_included: bool = True
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    subscription: Subscription | None = None


_ZERO = Decimal(0)
_SUN = Restrictions(sources=frozenset({Source.SUN}))
_WEEKEND = Restrictions(weekdays=frozenset({5, 6}))


def flat_price(heading: Heading, price: Decimal) -> Tariff:
    """The same price for every kWh."""
    return _tariff(heading, _energy(heading, price))


def dynamic_price(
    heading: Heading,
    more: Decimal,
    *,
    factor: Decimal = Decimal(1),
    least: Decimal | None = None,
    most: Decimal | None = None,
) -> Tariff:
    """What a kWh costs the site at the time, times a factor, and `more` on top; never beyond `least` and `most`."""
    follows = Follows(basis=Basis.SITE_PRICE, factor=factor, least=least, most=most)
    return _tariff(heading, _energy(heading, more, follows=follows))


def night_and_day(  # noqa: PLR0913
    heading: Heading, day: Decimal, night: Decimal, begins: time, ends: time, *, weekend: bool = False
) -> Tariff:
    """Another price at night; with `weekend` on Saturdays and Sundays all day, too."""
    at_night = Restrictions(start_time=begins, end_time=ends)
    elements = [_energy(heading, night, at_night)]
    if weekend:
        elements.append(_energy(heading, night, _WEEKEND))
    return _tariff(heading, *elements, _energy(heading, day))


def sun_and_grid(heading: Heading, grid: Decimal, sun: Decimal, battery: Decimal | None = None) -> Tariff:
    """Another price for what comes from the sun; what the home battery gives costs as the grid, if nothing is told."""
    elements = [_energy(heading, sun, _SUN)]
    if battery is not None:
        elements.append(_energy(heading, battery, Restrictions(sources=frozenset({Source.BATTERY}))))
    return _tariff(heading, *elements, _energy(heading, grid))


def sun_at_feed_in(heading: Heading, more: Decimal) -> Tariff:
    """The sun for what feeding it in would have earned, the rest for what it costs the site; `more` on top of both."""
    sun = _energy(heading, more, _SUN, follows=Follows(basis=Basis.FEED_IN))
    return _tariff(heading, sun, _energy(heading, more, follows=Follows(basis=Basis.SITE_PRICE)))


def by_demand(heading: Heading, price: Decimal, steps: tuple[Step, ...]) -> Tariff:
    """A price that rises with the share that is taken of what there is."""
    return _tariff(heading, _energy(heading, price, follows=Follows(basis=Basis.DEMAND, steps=steps)))


def free(heading: Heading) -> Tariff:
    """Nothing, and said so."""
    return _tariff(heading, Element(components=(Component(dimension=Dimension.FLAT, price=_ZERO, vat=heading.vat),)))


def start_energy_idle(  # noqa: PLR0913
    heading: Heading, start: Decimal, energy: Decimal, idle: Decimal, *, idle_step: int = 1, idle_from: int = 0
) -> Tariff:
    """A fee for the session, a price for a kWh, and one for each hour plugged in without charging.

    `idle` is charged for in steps of `idle_step` s, and from `idle_from` s after plug-in on.
    """
    session = (
        Component(dimension=Dimension.FLAT, price=start, vat=heading.vat),
        Component(dimension=Dimension.ENERGY, price=energy, vat=heading.vat),
    )
    blocking = Component(dimension=Dimension.IDLE, price=idle, vat=heading.vat, step=idle_step)
    late = Restrictions(min_duration=idle_from) if idle_from else Restrictions()
    return _tariff(heading, Element(components=session), Element(components=(blocking,), restrictions=late))


def _energy(
    heading: Heading, price: Decimal, restrictions: Restrictions | None = None, follows: Follows | None = None
) -> Element:
    component = Component(dimension=Dimension.ENERGY, price=price, vat=heading.vat, follows=follows)
    return Element(components=(component,), restrictions=restrictions or Restrictions())


def _tariff(heading: Heading, *elements: Element) -> Tariff:
    return Tariff(
        id=heading.id,
        name=heading.name,
        currency=heading.currency,
        elements=elements,
        subscription=heading.subscription,
        vat_included=heading.vat_included,
        valid_from=heading.valid_from,
        valid_until=heading.valid_until,
    )
