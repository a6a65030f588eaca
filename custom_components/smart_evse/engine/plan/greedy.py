"""A usable plan within milliseconds: the cheapest energy first, then giving where it pays."""

import math

from .board import Board
from .cost import Outcome, Powers, assess
from .demands import meet
from .fill import fill
from .give import give
from .ground import Ground
from .runs import lengthen

_RISES = (0.0, 1000.0, 2000.0, 3000.0, 4500.0, 7000.0)
"""How far above the peak that is paid for anyway a plan may be tried, in W."""

_LITTLE = 1.0
_SHORT = 300.0
"""What may be missing before more is looked for where a car charges anyway, and anywhere, in Wh."""


def greedy(ground: Ground) -> Outcome:
    """Return the best of a few cheap ways of filling the cars."""
    return min((_attempt(ground, cap) for cap in _caps(ground)), key=lambda outcome: outcome.score)


def floors(ground: Ground) -> Powers:
    """Return the least power that each car must have in each slot, in W."""
    board = Board(ground)
    meet(board)
    return board.floor


def refill(ground: Ground, powers: Powers) -> Powers:
    """Fill up what powers that were found otherwise leave missing: first where a car charges anyway."""
    board = Board(ground, powers)
    cars = [index for index, place in enumerate(ground.places) if board.end(index) < place.due - _LITTLE]
    held = [(index, slot) for index in cars for slot in ground.places[index].window if powers[index][slot] == 0]
    most = [board.most[index][slot] for index, slot in held]
    for index, slot in held:
        board.hold(index, slot, 0.0)
    fill(board, cars)
    for (index, slot), power in zip(held, most, strict=True):
        board.hold(index, slot, power)
    short = [index for index in cars if board.end(index) < ground.places[index].due - _SHORT]
    fill(board, short)
    for index in short:
        lengthen(board, index)
    return board.powers


def _caps(ground: Ground) -> tuple[float, ...]:
    """Return the imports to try: endless, and with a capacity price those that keep the peak low."""
    tariff = ground.problem.capacity
    if tariff is None:
        return (math.inf,)
    paid = max(tariff.peak, *(tariff.weight(index) * flow for index, flow in enumerate(ground.flows)), 0.0)
    return (*(paid + rise for rise in _RISES), math.inf)


def _attempt(ground: Ground, cap: float) -> Outcome:
    together = _filled(ground, cap, one_by_one=False)
    if len(ground.places) < 2 or sum(together.missing) < _SHORT:
        return together
    return min(together, _filled(ground, cap, one_by_one=True), key=lambda outcome: outcome.score)


def _filled(ground: Ground, cap: float, *, one_by_one: bool) -> Outcome:
    board = Board(ground, cap=cap)
    cars = range(len(ground.places))
    meet(board)
    if one_by_one:
        for index in sorted(cars, key=lambda item: (ground.places[item].window.stop, item)):
            fill(board, (index,))
    else:
        fill(board, cars)
    for index in cars:
        lengthen(board, index)
    for index in cars:
        give(board, index)
    return assess(ground, board.powers)
