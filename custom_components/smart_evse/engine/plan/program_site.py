"""The whole site as a linear program: what the cars take and give together, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass
import itertools

from .battery import worth_left
from .bill import imported_before, windows
from .cost import Powers
from .ground import Ground, Piece, Place
from .model import HomeBattery
from .program import Program, Term
from .program_stay import KILO, StayColumns, add_stay

type Battery = tuple[tuple[int, int], ...]
"""The home battery's variables by slot: kW in and kW out; none where it is not planned along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProgram:
    """The program and the variables that make a plan."""

    program: Program
    stays: tuple[StayColumns, ...]
    battery: Battery


def write(ground: Ground, floors: Powers) -> SiteProgram:
    """Write a problem as a program; `floors` is what each car must take in each slot, in W."""
    program = Program()
    stays = tuple(add_stay(program, ground, place, floor) for place, floor in zip(ground.places, floors, strict=True))
    home = ground.problem.battery if ground.steered else None
    battery = _battery(program, ground, home) if home else ()
    bought = [_slot(program, ground, slot, stays, battery) for slot in range(len(ground.steps))]
    _circuits(program, ground, stays)
    _peak(program, ground, bought)
    return SiteProgram(program=program, stays=stays, battery=battery)


def _slot(program: Program, ground: Ground, slot: int, stays: Sequence[StayColumns], battery: Battery) -> list[Term]:
    """Balance a slot over the prices of what is taken and given, and return what of it is import."""
    step = ground.steps[slot]
    there = _there(ground, stays, slot)
    takes = [(stay.take[slot], place.share[slot]) for place, stay in there]
    gives = [(stay.wall[slot], place.share[slot]) for place, stay in there if slot in stay.wall]
    if battery:
        takes, gives = [*takes, (battery[slot][0], 1.0)], [*gives, (battery[slot][1], 1.0)]
    if not takes and not gives:
        return []
    up = [program.column(0.0, piece.width / KILO, piece.price * step.hours) for piece in step.up]
    down = [program.column(0.0, piece.width / KILO, -piece.price * step.hours) for piece in step.down] if gives else []
    minus = [(column, -share) for column, share in gives] + [(column, -1.0) for column in up]
    program.equal(0.0, [*takes, *minus, *((column, 1.0) for column in down)])
    if any(place.share[slot] < 1 for place, _ in there):
        program.at_most(step.room / KILO, [(stay.take[slot], 1.0) for _, stay in there])
    _in_order(program, step.up, up, sum(place.stay.charge.most for place, _ in there))
    if gives:
        _indoors(program, ground, slot, stays, battery)
        _one_way(program, ground, slot, stays, battery)
    bought = [(column, 1.0) for piece, column in zip(step.up, up, strict=True) if piece.start >= step.free - 1e-6]
    return bought + ([(down[0], -1.0)] if down and step.rest > 0 else [])


def _there(ground: Ground, stays: Sequence[StayColumns], slot: int) -> list[tuple[Place, StayColumns]]:
    return [(place, stay) for place, stay in zip(ground.places, stays, strict=True) if slot in stay.take]


def _in_order(program: Program, pieces: Sequence[Piece], columns: Sequence[int], most: float) -> None:
    """Where the sun would sell for more than the grid asks, the cars still take the sun first."""
    for (left, first), (right, second) in itertools.pairwise(zip(pieces, columns, strict=True)):
        if left.price > right.price:
            beyond = program.binary()
            program.at_least(0.0, [(first, 1.0), (beyond, -left.width / KILO)])
            program.at_most(0.0, [(second, 1.0), (beyond, -min(right.width, most + left.width) / KILO)])


def _indoors(program: Program, ground: Ground, slot: int, stays: Sequence[StayColumns], battery: Battery) -> None:
    """Hold what may not be sold to what the house needs; a home battery may serve the cars if it is told to."""
    there = _there(ground, stays, slot)
    terms = [
        (stay.wall[slot], place.share[slot]) for place, stay in there if slot in stay.wall and not place.stay.exports
    ]
    if battery:
        terms.append((battery[slot][1], 1.0))
        if ground.problem.battery is not None and ground.problem.battery.feeds_cars:
            terms += [(stay.take[slot], -place.share[slot]) for place, stay in there]
    if terms:
        program.at_most(ground.steps[slot].house / KILO, terms)


def _one_way(program: Program, ground: Ground, slot: int, stays: Sequence[StayColumns], battery: Battery) -> None:
    """Nobody charges from another car: while one gives, none takes."""
    there = _there(ground, stays, slot)
    givers = [stay.giving[slot] for _, stay in there if slot in stay.giving]
    if givers:
        giving = program.binary()
        for giver in givers:
            program.at_most(0.0, [(giver, 1.0), (giving, -1.0)])
        for _, stay in there:
            program.at_most(1.0, [(stay.on[slot], 1.0), (giving, 1.0)])
        if battery and ground.problem.battery is not None:
            most = ground.problem.battery.charge / KILO
            program.at_most(most, [(battery[slot][0], 1.0), (giving, most)])


def _circuits(program: Program, ground: Ground, stays: Sequence[StayColumns]) -> None:
    for limit, members in ground.limits:
        for slot in range(len(ground.steps)):
            takes = [(stays[index].take[slot], 1.0) for index in members if slot in stays[index].take]
            gives = [(stays[index].wall[slot], 1.0) for index in members if slot in stays[index].wall]
            for terms in (takes, gives):
                if terms:
                    program.at_most(limit / KILO, terms)


def _battery(program: Program, ground: Ground, home: HomeBattery) -> Battery:
    """Let the home battery store sun or grid power, and serve the house."""
    content = program.column(home.energy / KILO, home.energy / KILO)
    low = min(home.floor, home.energy) / KILO
    chosen = []
    for step in ground.steps:
        into = program.column(0.0, home.charge / KILO)
        out = program.column(0.0, home.discharge / KILO, home.wear * step.hours)
        before, content = content, program.column(low, max(home.capacity, home.energy) / KILO)
        stored = [(into, -home.efficiency * step.hours), (out, step.hours / home.efficiency)]
        program.equal(0.0, [(content, 1.0), (before, -1.0), *stored])
        chosen.append((into, out))
    program.costs[content] -= worth_left(home, ground.slots)
    return tuple(chosen)


def _peak(program: Program, ground: Ground, bought: Sequence[Sequence[Term]]) -> None:
    """Price the highest mean import beyond the peak that is paid already."""
    tariff = ground.problem.capacity
    if tariff is None or tariff.price <= 0:
        return
    above = program.column(cost=tariff.price)
    for group in windows(tariff, ground.slots):
        steps = [ground.steps[slot] for slot in group]
        held = imported_before(tariff, group) + sum(max(0.0, step.rest) * step.hours for step in steps)
        part = tariff.weight(group[0]) / tariff.window_hours
        terms = [
            (column, factor * ground.steps[slot].hours * part) for slot in group for column, factor in bought[slot]
        ]
        program.at_most((tariff.peak - held * part) / KILO, [*terms, (above, -1.0)])
