"""Giving where it is dear, and charging again where it is cheap, if that pays for losses and wear."""

from dataclasses import dataclass

from .board import Board
from .curve import Curve

_MOST_GIVES = 48
"""How many of the dearest slots are looked at: a plan within milliseconds has no time for more."""

_WORTH_WHILE = 0.005
"""What giving must earn beyond its cost, in currency per kWh."""


@dataclass(frozen=True, slots=True, order=True)
class Sale:
    """Giving in a slot: what a kWh out of the battery earns, the wall W, and the Wh it takes."""

    earns: float
    slot: int
    wall: float
    energy: float


type Source = tuple[int, float]
"""A slot and the power to charge at there; slot -1 stands for what is left at the end."""


def give(board: Board, index: int) -> None:
    """Let a car give in the dearest slots first, each with the energy that comes cheapest."""
    curve = board.ground.places[index].stay.discharge
    if curve is None or not curve.usable:
        return
    for sale in _sales(board, index, curve)[:_MOST_GIVES]:
        if board.powers[index][sale.slot] != 0.0 or board.taking[sale.slot] or _sell(board, index, sale):
            continue
        rest = _with_what_is_left(board, index, sale, curve)
        if rest is not None:
            _sell(board, index, rest)


def _with_what_is_left(board: Board, index: int, sale: Sale, curve: Curve) -> Sale | None:
    """Return the same sale with no more than the car can spare without charging again."""
    place = board.ground.places[index]
    later = board.energies[index][sale.slot :]
    spare = min(min(later) - place.keep, later[-1] - max(place.stay.target, place.due))
    out = spare / (place.share[sale.slot] * board.hours[sale.slot])
    if not curve.least <= out < curve.inverse(sale.wall):
        return None
    step, load, wall = board.ground.steps[sale.slot], board.loads[sale.slot], curve.at(out)
    saved = step.cost(load) - step.cost(load - wall * place.share[sale.slot])
    return Sale(saved * 1000 / spare - place.stay.wear_price, sale.slot, wall, spare)


def _sales(board: Board, index: int, curve: Curve) -> list[Sale]:
    place = board.ground.places[index]
    found = (
        _sale_at(board, index, slot, curve)
        for slot in place.window
        if place.share[slot] > 0 and place.lift[slot] <= 0 and board.powers[index][slot] == 0 and not board.taking[slot]
    )
    return sorted((sale for sale in found if sale is not None), reverse=True)


def _sale_at(board: Board, index: int, slot: int, curve: Curve) -> Sale | None:
    """Return the best way of giving in a slot: the power at which a kWh earns most."""
    place, step = board.ground.places[index], board.ground.steps[slot]
    load, share = board.loads[slot], place.share[slot]
    top = min(curve.at(curve.most), _outlet(board, index, slot))
    walls = {top, *(piece.start + load for piece in step.down[1:])}
    sales = []
    for wall in walls:
        out = curve.inverse(wall)
        if wall > top + 1e-6 or out < curve.least or curve.at(out) > wall + 1e-6 or out <= 0:
            continue
        energy = out * share * step.hours
        saved = step.cost(load) - step.cost(load - wall * share)
        sales.append(Sale(saved * 1000 / energy - place.stay.wear_price, slot, wall, energy))
    return max(sales, key=lambda sale: sale.earns * sale.energy, default=None)


def _outlet(board: Board, index: int, slot: int) -> float:
    stay, step = board.ground.places[index].stay, board.ground.steps[slot]
    room = (step.outlet if stay.exports else step.house) + board.watts[slot]
    for limit, members in board.ground.limits:
        if index in members:
            room = min(room, limit + sum(board.powers[other][slot] for other in members))
    return room


def _sell(board: Board, index: int, sale: Sale) -> bool:
    """Give, and put back before or after it what the car needs; leave it where that costs too much."""
    kept = list(board.powers[index])
    board.put(index, sale.slot, -sale.wall)
    cost = _restore(board, index, sale)
    if cost is None or cost + _WORTH_WHILE * sale.energy / 1000 > sale.earns * sale.energy / 1000:
        for slot, power in enumerate(kept):
            if board.powers[index][slot] != power:
                board.put(index, slot, power)
        board.settle(index)
        return False
    return True


def _restore(board: Board, index: int, sale: Sale) -> float | None:
    """Charge again what was given, from the cheapest slots that can hold it; return the cost."""
    place = board.ground.places[index]
    energies = [
        energy - (sale.energy if slot >= sale.slot else 0.0) for slot, energy in enumerate(board.energies[index])
    ]
    lacks = max(0.0, min(sale.energy, max(place.stay.target, place.due) - energies[-1]))
    cost = (sale.energy - lacks) * place.worth(place.stay.target + 1.0) / 1000
    offers = sorted(
        (offer.price, slot)
        for slot in place.window
        if slot != sale.slot and (offer := board.offer(index, slot)) is not None
    )
    for price, slot in offers:
        if lacks <= 1.0 and min(energies[sale.slot :]) >= place.keep - 1e-6:
            break
        if price >= sale.earns:
            return None
        room = _room_before(energies, slot, sale.slot, place.stay.capacity)
        offer = board.offer(index, slot, gain=max(1.0, lacks))
        if offer is None or offer.gain > room or not _keeps_reserve(energies, sale.slot, slot, place.keep):
            continue
        board.put(index, slot, offer.power)
        cost += offer.price * offer.gain / 1000
        lacks -= offer.gain
        energies[slot:] = [energy + offer.gain for energy in energies[slot:]]
    if lacks > 1.0 or min(energies[sale.slot :]) < place.keep - 1e-6:
        return None
    board.settle(index)
    return cost


def _room_before(energies: list[float], slot: int, sold: int, capacity: float) -> float:
    """Return how much more the car can hold from a slot until it gives, or until the end, in Wh."""
    span = energies[slot:sold] if slot < sold else energies[slot:]
    return capacity - max(span, default=0.0)


def _keeps_reserve(energies: list[float], sold: int, slot: int, reserve: float) -> bool:
    """Say whether the car has enough to give now and charge only then."""
    return slot < sold or min(energies[sold:slot], default=reserve) >= reserve - 1e-6
