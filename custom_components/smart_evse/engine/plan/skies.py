"""What one more kWh in a car's battery now would save, over all the skies there may be.

Under one sky the answer is the price at which the cheapest energy of the stay meets what the car wants. Nobody knows
the sky: its value is the mean over bright days and dull ones. Nor does the sun stand still within a slot, and the house
less: what a mean of 1.2 kW brings to a charger that needs 1.4 kW is the sun of its better minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import math

from .board import Board
from .curve import Curve, concave
from .ground import Ground, Place, Step

_DAYS = (-1.47, -0.79, -0.37, 0.0, 0.37, 0.79, 1.47)
"""Equally likely days, in standard deviations of the forecast's error."""

_SIGMA = 3.0
"""The standard deviation of a day's sun for each unit of the forecast's mean absolute error.

A normal error has 1.25. But the errors of a day's hours go together, the house takes more than usual on some days, and
waiting for sun that stays away costs more than having taken a little of it too early.
"""

_BUSY = 0.4
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

_WIDTHS = (-500.0, -250.0, 0.0, 250.0, 500.0)
"""How much more or less the car may need, in Wh, so that a small change of what is expected changes little."""

type Lot = tuple[float, float]
"""A price per kWh in the battery, and the Wh to be had at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Car:
    """One car in a plan: what it may take beside the others."""

    board: Board
    index: int
    place: Place


def expected_value(board: Board, index: int) -> float:
    """Return the value of a kWh in a car's battery now, in currency per kWh."""
    place = board.ground.places[index]
    car = _Car(board=board, index=index, place=place)
    nights = tuple(_nights(board.ground))
    dark = [lot for slot in _present(place) if not _sunny(board.ground, slot) for lot in _lots(car, slot, 0.0)]
    found = [
        _meeting(place, lots, shift)
        for number in range(len(_DAYS))
        for lots in (sorted(dark + list(_lit(car, number, nights))),)
        for shift in _WIDTHS
    ]
    return sum(found) / len(found)


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


def _lit(car: _Car, number: int, nights: tuple[int, ...]) -> Iterator[Lot]:
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
            for price, gain in _lots(car, slot, more, 1 / len(_MINUTES)):
                yield price, gain * (_CAUGHT if price < expected.import_price else 1.0)


def _lognormal(kind: float, spread: float) -> float:
    return math.exp(spread * kind - spread * spread / 2)


def _lots(car: _Car, slot: int, more: float, part: float = 1.0) -> Iterator[Lot]:
    """Yield the energy to be had in a part of a slot with `more` W of sun than expected, each at its price."""
    board, place = car.board, car.place
    step, share = board.ground.steps[slot], place.share[slot]
    others = max(0.0, board.loads[slot] - max(0.0, board.powers[car.index][slot]) * share)
    most = board.room(car.index, slot)
    curve, lift, sold = place.stay.charge, place.lift[slot], board.ground.slots[slot].export_price
    if most < curve.least:
        return
    spent = _cost(step, others, more, sold)
    points = []
    for power in _powers(curve, most, _surplus(step, more) - others):
        gain = max(0.0, curve.at(power) - lift)
        if gain > 0:
            points.append((gain, spent - _cost(step, others + power * share, more, sold)))
    last, had = 0.0, 0.0
    for gain, saved in concave(((0.0, 0.0), *points))[1:]:
        time = share * step.hours
        yield (had - saved) * 1000 / ((gain - last) * time) + place.extra[slot], (gain - last) * time * part
        last, had = gain, saved


def _powers(curve: Curve, most: float, surplus: float) -> set[float]:
    powers = {power for power, _ in curve.points if power < most}
    return powers | {min(max(surplus, curve.least), most), min(most, curve.most)}


def _surplus(step: Step, more: float) -> float:
    return max(0.0, more - max(0.0, step.rest) + step.free)


def _cost(step: Step, load: float, more: float, sold: float) -> float:
    """Return what a load adds to the bill with `more` W of sun than expected: they come first, or are missed first."""
    extra = more - max(0.0, step.rest) if step.rest > 0 else more
    if extra < 0:
        missed = min(step.free, -extra) if step.rest <= 0 else 0.0
        return _bill(step, load + missed) - _bill(step, missed)
    own = min(load, extra)
    price = step.up[0].price if step.free > 0 and step.up else sold
    return own * price * step.hours / 1000 + _bill(step, load - own)


def _bill(step: Step, load: float) -> float:
    """Return what a load adds to the bill; what is preferred without being cheaper makes no energy worth more."""
    return step.cost(load) - step.impatience(load)


def _meeting(place: Place, lots: list[Lot], shift: float) -> float:
    """Return the price at which what is to be had meets what the car wants, with `shift` Wh more in it."""
    energy, last = place.stay.energy + shift, -math.inf
    for price, gain in lots:
        worth = place.worth(energy)
        if worth <= price:
            return max(worth, last)
        edge = place.until_worth_less(energy)
        if 0 < edge <= gain and place.worth(energy + edge + 1.0) <= price:
            return price
        energy, last = energy + gain, price
    return max(place.worth(energy), last)
