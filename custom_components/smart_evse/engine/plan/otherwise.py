"""What it would cost otherwise: every car charges in full from the moment it is plugged in."""

from .board import Board
from .cost import Outcome, assess
from .demands import warm
from .ground import Ground


def plug_in_and_go(ground: Ground) -> Outcome:
    """Charge every car at once up to its target; who came first goes first."""
    board = Board(ground)
    for index in sorted(range(len(ground.places)), key=lambda item: (ground.places[item].stay.arrives, item)):
        warm(board, index)
        place, energy = ground.places[index], ground.places[index].stay.energy
        for slot in place.window:
            time = place.share[slot] * board.hours[slot]
            wanted = max(place.stay.target, place.stay.minimum) - energy
            if wanted <= 1.0 or time <= 0:
                continue
            power = min(place.stay.charge.inverse(wanted / time + place.lift[slot]), board.room(index, slot))
            if power >= place.stay.charge.least:
                board.put(index, slot, power)
                board.settle(index)
                energy = board.energies[index][slot]
    return assess(ground, board.powers)
