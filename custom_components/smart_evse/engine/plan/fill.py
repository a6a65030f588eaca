"""Filling the cars from the cheapest energy up, until the next kWh costs more than it is worth."""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from .board import Board, Offer

_ROUNDS = 8
"""How often to fill again what a nearly full car did not take."""

_ENOUGH = 1.0
"""What nobody fills again for, in Wh."""

type Entry = tuple[float, int, int]
"""Price, car and slot."""


def fill(board: Board, cars: Iterable[int]) -> None:
    """Fill these cars side by side; the cheapest kWh of all goes first."""
    refused = dict.fromkeys(cars, 0.0)
    for _ in range(_ROUNDS):
        before = {index: board.end(index) for index in refused}
        # Who is nearly full took less than was put there: the more is asked for elsewhere, since that too tapers it.
        ends = {index: before[index] - extra for index, extra in refused.items()}
        asked = {index: max(0.0, board.ground.places[index].until_worth_less(end)) for index, end in ends.items()}
        _pass(board, ends)
        for index in ends:
            board.settle(index)
            _trim(board, index)
        refused = {
            index: refused[index] + ends[index] - board.end(index)
            for index in ends
            if asked[index] > _ENOUGH
            and ends[index] - board.end(index) > _ENOUGH
            and abs(board.end(index) - before[index]) > _ENOUGH
        }
        if not refused:
            return


def _pass(board: Board, ends: dict[int, float]) -> None:
    heap = [
        (offer.price, index, slot)
        for index in ends
        for slot in board.ground.places[index].window
        if (offer := board.offer(index, slot)) is not None
    ]
    heapify(heap)
    while heap:
        price, index, slot = heappop(heap)
        place = board.ground.places[index]
        left = place.until_worth_less(ends[index])
        offer = board.offer(index, slot, gain=left) if left > _ENOUGH else None
        if offer is None or ends[index] + offer.gain > place.stay.capacity + _ENOUGH:
            continue
        if heap and offer.price > price + 1e-9 and (offer.price, index, slot) > heap[0]:
            if offer.price < place.worth(ends[index]):
                heappush(heap, (offer.price, index, slot))
            continue
        if offer.price < place.worth(ends[index]):
            _take(board, index, slot, offer, heap)
            ends[index] += offer.gain


def _take(board: Board, index: int, slot: int, offer: Offer, heap: list[Entry]) -> None:
    """Take an offer, and hear the next ones: of this slot, and of those beside it that need no start now."""
    started = board.powers[index][slot] <= 0
    place = board.ground.places[index]
    board.put(index, slot, offer.power)
    again = [slot]
    if started and place.stay.start_price > 0:
        again += [near for near in (slot - 1, slot + 1) if near in place.window and board.powers[index][near] <= 0]
    for each in again:
        following = board.offer(index, each)
        if following is not None:
            heappush(heap, (following.price, index, each))


def _trim(board: Board, index: int) -> None:
    """Take back, where it is dearest, what the last least power brought beyond what was worth it."""
    place = board.ground.places[index]
    curve, row = place.stay.charge, board.powers[index]
    over = board.end(index) - max(place.stay.target, place.stay.energy)
    slots = sorted(
        (slot for slot in place.window if row[slot] > max(curve.least, board.floor[index][slot])),
        key=lambda slot: (-_marginal(board, index, slot), slot),
    )
    for slot in slots:
        if over <= _ENOUGH or _marginal(board, index, slot) <= place.worth(board.end(index) + _ENOUGH):
            break
        time = place.share[slot] * board.hours[slot]
        wanted = curve.at(row[slot]) - over / time
        power = max(curve.inverse(wanted), board.floor[index][slot])
        over -= (curve.at(row[slot]) - curve.at(power)) * time
        board.put(index, slot, power)
    board.settle(index)


def _marginal(board: Board, index: int, slot: int) -> float:
    """Return what the last kWh in the battery cost there, per kWh."""
    place, step = board.ground.places[index], board.ground.steps[slot]
    power, load = board.powers[index][slot], board.loads[slot]
    slope = place.stay.charge.slope(power - 1.0)
    if slope <= 0:
        return 0.0
    return (step.cost(load) - step.cost(load - 1.0)) * 1000 / step.hours / slope + place.extra[slot]
