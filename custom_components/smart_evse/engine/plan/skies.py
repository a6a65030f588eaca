"""All the skies there may be: what a stay has for its car if the days are bright, dull or anything between.

Nor does the sun stand still within a slot, and the house less: what a mean of 1.2 kW brings to a charger that needs
1.4 kW is the sun of its better minutes, and what a car gives to a house that takes 400 W goes to its kettle.
"""

from collections.abc import Iterator
import math

from .ground import Ground, Place
from .lots import Car, Lot

_DAYS = (-1.47, -0.79, -0.37, 0.0, 0.37, 0.79, 1.47)
"""Equally likely days, in standard deviations of the forecast's error."""

_SIGMA = 3.0
"""The standard deviation of a day's sun for each unit of the forecast's mean absolute error.

A normal error has 1.25. But the errors of a day's hours go together, the house takes more than usual on some days, and
waiting for sun that stays away costs more than having taken a little of it too early.
"""

_BUSY = 0.2
"""How far a day's load of the house is off what it usually is, as a share of it."""

_STRIDES = (1, 3, 2, 5)
"""How the days after one another are paired: a dull one says nothing of the next."""

_MINUTES = ((-1.28, 1.05), (-0.52, 0.60), (0.0, 1.75), (0.52, 0.75), (1.28, 0.85))
"""Equally likely parts of a slot: the sun in standard deviations, and the house as a share of its mean."""

_RESTLESS = 0.25
"""How much the sun changes within a slot at least, as a share of it: even a perfect forecast is a mean."""

_CAUGHT = 0.9
"""The part of the sun's energy that a charger really catches: starts, clouds and whole amperes cost the rest."""

_KNOWN = 0.3
"""The part of a day's error that shows at once; the rest shows with the hours (e-fold after `_FORGETS` h)."""

_FORGETS = 4.0


def skies(car: Car) -> Iterator[list[Lot]]:
    """Yield what there is for a car under each sky, the cheapest first. Without sun all are the same night."""
    place, ground = car.place, car.board.ground
    nights = tuple(_nights(ground))
    dark = [lot for slot in _present(place) if not _sunny(ground, slot) for lot in _dark(car, slot)]
    for number in range(len(_DAYS)):
        yield sorted(dark + list(_lit(car, number, nights)))


def _present(place: Place) -> Iterator[int]:
    return (slot for slot in place.window if place.share[slot] > 0)


def _sunny(ground: Ground, slot: int) -> bool:
    return ground.slots[slot].sun > 0


def _nights(ground: Ground) -> Iterator[int]:
    """Yield how many nights away each slot is."""
    nights, dark = 0, False
    for slot in ground.slots:
        if slot.sun > 0 and dark:
            nights += 1
        dark = slot.sun <= 0
        yield nights


def _dark(car: Car, slot: int) -> Iterator[Lot]:
    """Yield what there is in a slot without sun: only the house is now more, now less."""
    yield from car.to_take(slot, 0.0)
    for _, house in _MINUTES if car.gives else ():
        yield from _kept(car, slot, car.board.ground.slots[slot].house * (1 - house))


def _lit(car: Car, number: int, nights: tuple[int, ...]) -> Iterator[Lot]:
    """Yield what there is in the slots with sun if the days were of this kind."""
    ground = car.board.ground
    spread = max(0.0, ground.problem.doubt) * _SIGMA
    busy = _lognormal(_DAYS[(number * 4 + 2) % len(_DAYS)], _BUSY)
    for slot in _present(car.place):
        if not _sunny(ground, slot):
            continue
        expected, away = ground.slots[slot], nights[slot]
        hours = (expected.start - ground.problem.now).total_seconds() / 3600
        error = spread * (1 - (1 - _KNOWN) * math.exp(-max(0.0, hours) / _FORGETS))
        kind = _DAYS[(number * _STRIDES[away % len(_STRIDES)] + 3 * away) % len(_DAYS)]
        day = expected.sun * _lognormal(kind, error)
        for sun, house in _MINUTES:
            real = day * _lognormal(sun, max(_RESTLESS, spread))
            more = real - expected.sun - expected.house * (house * busy - 1)
            for price, energy, *_ in car.to_take(slot, more):
                caught = _CAUGHT if price < expected.import_price else 1.0
                yield Lot(price, energy * caught / len(_MINUTES), slot)
            yield from _kept(car, slot, more)


def _kept(car: Car, slot: int, more: float) -> Iterator[Lot]:
    """Yield what is to be kept in a part of a slot."""
    for lot in car.to_keep(slot, more):
        yield Lot(lot.price, lot.energy / len(_MINUTES), slot, kept=True)


def _lognormal(kind: float, spread: float) -> float:
    return math.exp(spread * kind - spread * spread / 2)
