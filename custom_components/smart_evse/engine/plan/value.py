"""What one more kWh in a car's battery now would save.

Under one sky the answer is the price at which the cheapest energy of the stay, what is kept instead of given among it,
meets what the car wants. Nobody knows the sky: the value is the mean over bright days and dull ones, so that a small
change of the forecast is a small change of the value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import math

from .board import Board
from .cost import Outcome
from .ground import Ground, Place
from .lots import Lot, Supply
from .skies import Sky, skies, supplies

_WIDTHS = (-500.0, -250.0, 0.0, 250.0, 500.0)
"""How much more or less the car may need, in Wh, so that a small change of what is expected changes little."""

_NEARLY = 50.0
"""How near to its capacity a car counts as full, and to its reserve as empty, in Wh."""


@dataclass(frozen=True, slots=True, order=True)
class _Edge:
    """The first slot at whose end the plan finds the car full, or with nothing left to give; `energy` in Wh.

    What is to be had later is of no use before it.
    """

    slot: int
    full: bool
    energy: float


def values(ground: Ground, outcome: Outcome) -> tuple[float, ...]:
    """Return the value of a kWh in each car now, in currency per kWh."""
    board, above = Board(ground, outcome.powers), skies(ground)
    return tuple(_value(board, index, above) for index in range(len(ground.places)))


def _value(board: Board, index: int, above: tuple[Sky, ...]) -> float:
    place = board.ground.places[index]
    if not place.window:
        return place.worth(place.stay.energy)
    edges = sorted(_edges(board, index), reverse=True)
    found = [price for lots in supplies(board, index, above) for price in _prices(place, lots, edges)]
    return sum(found) / len(found)


def _edges(board: Board, index: int) -> Iterator[_Edge]:
    place, row, energies = board.ground.places[index], board.powers[index], board.energies[index]
    if place.stay.discharge is None or not place.stay.discharge.usable:
        return
    brim, rest = place.stay.capacity, place.keep
    full = next((slot for slot in place.window if energies[slot] >= brim - _NEARLY), None)
    if full is not None:
        yield _Edge(full, full=True, energy=brim)
    empty = next((slot for slot in place.window if row[slot] < 0 and energies[slot] <= rest + _NEARLY), None)
    if empty is not None:
        yield _Edge(empty, full=False, energy=rest)


def _prices(place: Place, lots: list[Lot], edges: list[_Edge]) -> Iterator[float]:
    """Yield at which price what is to be had meets what is wanted at the end, or at an edge on the way there."""
    whole = Supply.of(lots)
    before = [(edge, Supply.of([lot for lot in lots if lot.slot <= edge.slot])) for edge in edges]
    for shift in _WIDTHS:
        energy = place.stay.energy + shift
        value = _meeting(place, whole, energy)
        for edge, supply in before:
            price = supply.price(edge.energy - energy)
            if math.isfinite(price):
                value = min(value, price) if edge.full else max(value, price)
        yield value


def _meeting(place: Place, supply: Supply, energy: float) -> float:
    """Return the price at which what is to be had meets what the car wants that holds `energy` Wh."""
    missing, later, beyond = place.worths
    wanted = min(later, max(supply.price(place.stay.target - energy), beyond))
    return min(missing, max(supply.price(place.due - energy), wanted))
