"""One stay as a linear program: power off or within its range, losses, taper, reserve, runs, the departure."""

from dataclasses import dataclass, field
import itertools

from .curve import Line, concave, share_at
from .ground import Ground, Place
from .program import Program, Term

KILO = 1000.0
"""The program counts in kW and kWh, so that its figures stay near 1."""


@dataclass(slots=True)
class StayColumns:
    """A stay's variables by slot: wall kW taken, battery kW given, the wall kW that makes, and whether it does."""

    take: dict[int, int] = field(default_factory=dict)
    on: dict[int, int] = field(default_factory=dict)
    out: dict[int, int] = field(default_factory=dict)
    wall: dict[int, int] = field(default_factory=dict)
    giving: dict[int, int] = field(default_factory=dict)


def add_stay(program: Program, ground: Ground, place: Place, floor: list[float]) -> StayColumns:
    """Add one stay; `floor` is the least it must take in each slot, in W."""
    columns, stay = StayColumns(), place.stay
    low = min(place.keep, stay.energy) / KILO if stay.discharge else stay.energy / KILO
    energy = program.column(stay.energy / KILO, stay.energy / KILO)
    for slot in place.window:
        if place.share[slot] <= 0:
            continue
        time = place.share[slot] * ground.steps[slot].hours
        paid = any(piece.price < 0 for piece in ground.steps[slot].up)
        extra = place.extra[slot] * time
        columns.take[slot] = program.column(floor[slot] / KILO, stay.charge.most / KILO, extra)
        columns.on[slot] = program.binary(low=1.0 if floor[slot] > 0 else 0.0)
        into = _charge(program, place, columns, slot, paid=paid)
        _taper(program, place, into, energy)
        before, energy = energy, program.column(low, max(stay.capacity, stay.energy) / KILO)
        terms = [(energy, 1.0), (before, -1.0), (into, -time)]
        if stay.discharge is not None and stay.discharge.usable and place.lift[slot] <= 0:
            terms.append((_discharge(program, place, columns, slot), time))
            if place.keep > stay.energy:
                program.at_least(0.0, [(energy, 1.0), (columns.giving[slot], -place.keep / KILO)])
        program.equal(0.0, terms)
    _departure(program, place, energy)
    _runs(program, ground, place, columns)
    return columns


def _charge(program: Program, place: Place, columns: StayColumns, slot: int, *, paid: bool) -> int:
    """Hold charging to its range and return the variable of what reaches the battery, in kW.

    Where taking is paid for, a car must not be thought to burn what it cannot store.
    """
    curve, lift = place.stay.charge, place.lift[slot] / KILO
    take, on = columns.take[slot], columns.on[slot]
    into = program.column(0.0, curve.points[-1][1] / KILO)
    program.at_most(0.0, [(take, 1.0), (on, -curve.most / KILO)])
    program.at_least(0.0, [(take, 1.0), (on, -curve.least / KILO)])
    for intercept, slope in curve.hull():
        program.at_most(0.0, [(into, 1.0), (on, lift - intercept / KILO), (take, -slope)])
    if paid:
        intercept, slope = _chord(place)
        program.at_least(0.0, [(into, 1.0), (on, lift - intercept / KILO), (take, -slope)])
    return into


def _chord(place: Place) -> Line:
    (left, low), (right, high) = place.stay.charge.points[0], place.stay.charge.points[-1]
    slope = (high - low) / (right - left) if right > left else low / left
    return low - slope * left, slope


def _taper(program: Program, place: Place, into: int, energy: int) -> None:
    """Let a car that is nearly full take less, but never less than it can take at all."""
    stay = place.stay
    if not stay.taper or not 0 < stay.capacity < float("inf"):
        return
    most, least = stay.charge.points[-1][1] / KILO, stay.charge.points[0][1] / KILO
    places = (0.0, *(where for where, _ in stay.taper if 0 < where < 1), 1.0)
    corners = concave((where, max(share_at(stay.taper, where), least / most)) for where in places)
    for (left, high), (right, low) in itertools.pairwise(corners):
        slope = (low - high) / (right - left)
        if low < 1.0:
            program.at_most(most * (high - slope * left), [(into, 1.0), (energy, -most * slope * KILO / stay.capacity)])


def _discharge(program: Program, place: Place, columns: StayColumns, slot: int) -> int:
    """Add giving in a slot and return the variable of what leaves the battery."""
    curve = place.stay.discharge
    assert curve is not None  # noqa: S101  # who calls has looked
    out = program.column(0.0, curve.most / KILO)
    wall = program.column(0.0, curve.points[-1][1] / KILO)
    giving = program.binary()
    program.at_most(0.0, [(out, 1.0), (giving, -curve.most / KILO)])
    program.at_least(0.0, [(out, 1.0), (giving, -curve.least / KILO)])
    for intercept, slope in curve.hull():
        program.at_most(0.0, [(wall, 1.0), (giving, -intercept / KILO), (out, -slope)])
    columns.out[slot], columns.wall[slot], columns.giving[slot] = out, wall, giving
    return out


def _departure(program: Program, place: Place, energy: int) -> None:
    """Price what lacks at the end, what can still be bought later, and what is left over."""
    stay = place.stay
    due = min(max(0.0, place.due), stay.target) / KILO
    lacks = program.column(0.0, due, stay.miss_price)
    later = program.column(0.0, max(0.0, stay.target / KILO - due), min(place.later_price, stay.miss_price))
    beyond = program.column(cost=-place.worth(stay.target))
    program.equal(stay.target / KILO, [(energy, 1.0), (lacks, 1.0), (later, 1.0), (beyond, -1.0)])


def _runs(program: Program, ground: Ground, place: Place, columns: StayColumns) -> None:
    """Price each start, and hold a run for as long as it must last."""
    stay = place.stay
    lengths = {slot: place.share[slot] * ground.steps[slot].hours for slot in columns.on}
    if stay.start_price <= 0 and stay.min_run <= min(lengths.values(), default=0.0) + 1e-6:
        return
    begins: dict[int, int] = {}
    for slot, on in columns.on.items():
        before = columns.on.get(slot - 1)
        if before is None and stay.running:
            continue
        begins[slot] = program.column(0.0, 1.0, max(0.0, stay.start_price))
        terms: list[Term] = [(begins[slot], 1.0), (on, -1.0)]
        program.at_least(0.0, terms if before is None else [*terms, (before, 1.0)])
    for slot, on in columns.on.items():
        length, held = 0.0, []
        for earlier in range(slot - 1, place.window.start - 1, -1):
            length += lengths.get(earlier, 0.0)
            if length >= stay.min_run - 1e-6:
                break
            held += [(begins[earlier], 1.0)] if earlier in begins else []
        if held:
            program.at_most(0.0, [*held, (on, -1.0)])
