"""What is not a matter of price: a least energy as soon as possible, and warmth before departure."""

from .board import Board


def meet(board: Board) -> None:
    """Put what must be into the plan, and remember it as each slot's floor."""
    for index in range(len(board.ground.places)):
        warm(board, index)
    for index in sorted(range(len(board.ground.places)), key=lambda item: _lacking(board, item)):
        _reach_minimum(board, index)


def _lacking(board: Board, index: int) -> tuple[int, float]:
    """Who leaves first and lacks most goes first."""
    place = board.ground.places[index]
    return place.window.stop, place.stay.energy - place.stay.minimum


def warm(board: Board, index: int) -> None:
    """Precondition a car before it leaves, from the wall."""
    place = board.ground.places[index]
    for slot in place.window:
        if place.lift[slot] > 0:
            _at_least(board, index, slot, place.stay.charge.inverse(place.lift[slot]))


def _reach_minimum(board: Board, index: int) -> None:
    place, energy = board.ground.places[index], board.ground.places[index].stay.energy
    wanted = min(place.stay.minimum, place.stay.capacity)
    for slot in place.window:
        if energy >= wanted - 1e-6:
            break
        time = place.share[slot] * board.hours[slot]
        if time > 0:
            enough = place.stay.charge.inverse((wanted - energy) / time + place.lift[slot])
            _at_least(board, index, slot, min(enough, board.room(index, slot)))
            board.settle(index)
            energy = board.energies[index][slot]


def _at_least(board: Board, index: int, slot: int, power: float) -> None:
    own = board.powers[index][slot]
    least = board.ground.places[index].stay.charge.least
    if power > own and least <= power <= board.room(index, slot) + 1e-6:
        board.put(index, slot, power)
        board.floor[index][slot] = power
