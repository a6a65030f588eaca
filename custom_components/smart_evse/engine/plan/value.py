"""What one more kWh in a car's battery now would save.

Had a car a little more, the plan would leave out the dearest thing it does for its energy; had it a little
less, it would do the cheapest thing it leaves out. Between the two lies the value. Nobody knows
the sun to the last kWh: both are means over what the forecast may be off, so that a small change of the
forecast is a small change of the value. Of a car that only takes it is known better (`skies`).
"""

from collections.abc import Iterator
import math

from .board import Board
from .cost import Outcome
from .give import sale_at
from .ground import Ground, Place
from .skies import expected_value

_LEAST_WIDTH = 500.0
"""The width of the mean when no sun is planned for, in Wh: less than one slot of charging."""

_NEARLY = 5.0
"""What a plan may leave missing without meaning it, in Wh."""

_FULL = 50.0
"""How near to its capacity a car counts as full, in Wh."""

type Deal = tuple[float, float]
"""A price per kWh in the battery, and the Wh to be had or left out at it."""


def values(ground: Ground, outcome: Outcome) -> tuple[float, ...]:
    """Return the value of a kWh in each car now, in currency per kWh."""
    board = Board(ground, outcome.powers)
    return tuple(_value(board, index) for index in range(len(ground.places)))


def _value(board: Board, index: int) -> float:
    place = board.ground.places[index]
    if not place.window:
        return place.worth(place.stay.energy)
    if place.stay.discharge is None:
        return expected_value(board, index)
    done, left = _deals(board, index)
    end = board.end(index)
    if _full_at(board, index) is None:
        done.append((place.worth(end + _NEARLY), math.inf))
    if _empty_at(board, index) is None:
        left += _at_the_end(place, end)
    width = max(_LEAST_WIDTH, board.ground.problem.doubt * _sun(board, index))
    less = _mean(sorted(done, reverse=True), width)
    more = _mean(sorted(left), width)
    known = [price for price in (less, more) if price is not None]
    return sum(known) / len(known) if known else place.worth(end)


def _deals(board: Board, index: int) -> tuple[list[Deal], list[Deal]]:
    """Return what the plan does for the car's energy, and what it could still do."""
    place = board.ground.places[index]
    full, empty = _full_at(board, index), _empty_at(board, index)
    done: list[Deal] = []
    left: list[Deal] = []
    for slot in place.window:
        if place.share[slot] <= 0:
            continue
        taken, following = board.ladder(index, slot)
        sale = _sale(board, index, slot)
        if full is None or slot <= full:
            done += [(offer.price, offer.gain) for offer in taken if board.floor[index][slot] < offer.power]
            done += [sale] if sale is not None and board.powers[index][slot] == 0 else []
        if empty is None or slot <= empty:
            left += [(following.price, following.gain)] if following is not None else []
            left += [sale] if sale is not None and board.powers[index][slot] < 0 else []
    return done, left


def _sale(board: Board, index: int, slot: int) -> Deal | None:
    """Return what giving in a slot earns, whether the plan does it or not."""
    place, power = board.ground.places[index], board.powers[index][slot]
    curve = place.stay.discharge
    if curve is None or not curve.usable or power > 0 or place.lift[slot] > 0 or board.taking[slot]:
        return None
    board.put(index, slot, 0.0)
    sale = sale_at(board, index, slot, curve)
    board.put(index, slot, power)
    return (sale.earns, sale.energy) if sale is not None else None


def _full_at(board: Board, index: int) -> int | None:
    """Return the first slot that ends with a full car: energy from now can do nothing later than that."""
    place = board.ground.places[index]
    brim = place.stay.capacity - _FULL
    return next((slot for slot in place.window if board.energies[index][slot] >= brim), None)


def _empty_at(board: Board, index: int) -> int | None:
    """Return the first slot that ends with nothing left to give: what lacks now must be made up for by then."""
    place, row = board.ground.places[index], board.powers[index]
    rest = place.keep + _FULL
    return next((slot for slot in place.window if row[slot] < 0 and board.energies[index][slot] <= rest), None)


def _at_the_end(place: Place, end: float) -> Iterator[Deal]:
    """Yield what leaving with less would cost, from the least loss on."""
    while end > 1e-3:
        edges = [edge for edge in (place.stay.target, place.due) if edge < end - 1e-3]
        lower = max(edges, default=0.0)
        yield place.worth(end - 1e-3), end - max(lower, 0.0)
        end = lower


def _sun(board: Board, index: int) -> float:
    """Return how much sun the plan means to put into this car, in Wh."""
    place, row = board.ground.places[index], board.powers[index]
    return sum(
        row[slot] * place.share[slot] * step.hours * min(1.0, step.free / max(1.0, board.loads[slot]))
        for slot in place.window
        if row[slot] > 0 and (step := board.ground.steps[slot]).free > 0
    )


def _mean(deals: list[Deal], width: float) -> float | None:
    """Return the mean price of the first Wh; of those there are, where there are fewer."""
    found = spent = 0.0
    for price, amount in deals:
        part = min(amount, width - found)
        spent += part * price
        found += part
        if found >= width:
            break
    return spent / found if found > 0 else None
