"""What a way of charging comes to: the energy in each car, grid, home battery, and the price of it all."""

from collections.abc import Sequence
from dataclasses import dataclass
import itertools

from .battery import BatteryRun, follow, run
from .bill import bill, grid
from .curve import share_at
from .ground import Ground, Place
from .model import Stay

type Powers = list[list[float]]
"""For each place of the ground the wall W in each slot, negative to give."""

_NEARLY = 1.0
"""What a full car no longer takes, in Wh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Powers as the cars will really take them, and what follows.

    `cost` is in currency, beyond what the site costs when no car charges; `score` adds the
    preferences that no bill knows: late rather than early, ready before the slack, few starts.
    """

    powers: Powers
    energies: list[list[float]]
    missing: list[float]
    grid: tuple[float, ...]
    battery: BatteryRun | None
    cost: float
    score: float


def settle(place: Place, powers: Sequence[float], hours: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return what a car will take of these powers, and the energy in it after each slot.

    It takes less when it is nearly full and nothing when it is; it gives nothing below its reserve.
    """
    stay, energy = place.stay, place.stay.energy
    taken, energies = [0.0] * len(powers), [energy] * len(powers)
    for index in place.window:
        time = place.share[index] * hours[index]
        if time > 0 and powers[index] > 0:
            taken[index], into = _take(stay, powers[index], energy, place.lift[index], time)
            energy += into * time
        elif time > 0 and powers[index] < 0:
            taken[index], out = _give(place, -powers[index], energy, time)
            energy -= out * time
        energies[index] = energy
    energies[place.window.stop :] = [energy] * (len(powers) - place.window.stop)
    return taken, energies


def assess(ground: Ground, powers: Powers, battery: Sequence[float] | None = None) -> Outcome:
    """Follow a way of charging through the horizon, the home battery by its own rule or as planned."""
    problem, places = ground.problem, ground.places
    hours = [step.hours for step in ground.steps]
    settled = [settle(place, row, hours) for place, row in zip(places, powers, strict=True)]
    taken = [row for row, _ in settled]
    ends = [row[-1] if row else place.stay.energy for place, (_, row) in zip(places, settled, strict=True)]
    loads = [0.0] * len(hours)
    for place, row in zip(places, taken, strict=True):
        for index in place.window:
            loads[index] += place.share[index] * row[index]
    stored = _battery(ground, loads, battery)
    flows = grid(problem, loads, stored)
    own = sum(place.owed(end) + _wear(place, row, hours) for place, row, end in zip(places, taken, ends, strict=True))
    cost = own + bill(problem, flows, stored) - ground.base
    liked = sum(_preferences(place, row, hours) for place, row in zip(places, taken, strict=True))
    late = sum(step.impatience(load) for step, load in zip(ground.steps, loads, strict=True))
    return Outcome(
        powers=taken,
        energies=[row for _, row in settled],
        missing=[max(0.0, place.due - end) if place.window else 0.0 for place, end in zip(places, ends, strict=True)],
        grid=flows,
        battery=stored,
        cost=cost,
        score=cost + liked + late,
    )


def _take(stay: Stay, power: float, energy: float, lift: float, time: float) -> tuple[float, float]:
    """Return the wall W taken and the battery W it brings; preconditioning takes its part in between."""
    curve = stay.charge
    room = max(0.0, stay.capacity - energy)
    if room < _NEARLY and lift <= 0:
        return 0.0, 0.0
    power = min(power, curve.most)
    into = max(0.0, curve.at(power) - lift)
    accepted = max(curve.points[0][1], curve.points[-1][1] * share_at(stay.taper, _filled(stay, energy)))
    if into > min(accepted, room / time):
        into = min(accepted, room / time)
        power = min(power, curve.inverse(into + lift))
    return power, into


def _give(place: Place, wall: float, energy: float, time: float) -> tuple[float, float]:
    """Return the wall W given (negative) and the battery W it takes."""
    curve = place.stay.discharge
    if curve is None or not curve.usable:
        return 0.0, 0.0
    out = min(curve.inverse(wall), max(0.0, energy - place.keep) / time)
    return (0.0, 0.0) if out < curve.least or out <= 0 else (-curve.at(out), out)


def _filled(stay: Stay, energy: float) -> float:
    return energy / stay.capacity if stay.capacity > 0 else 1.0


def _battery(ground: Ground, loads: Sequence[float], planned: Sequence[float] | None) -> BatteryRun | None:
    battery = ground.problem.battery
    if battery is None:
        return None
    return run(battery, ground.slots, loads) if planned is None else follow(battery, ground.slots, planned)


def _wear(place: Place, powers: Sequence[float], hours: Sequence[float]) -> float:
    curve = place.stay.discharge
    if curve is None:
        return 0.0
    given = sum(
        curve.inverse(-powers[index]) * place.share[index] * hours[index] for index in place.window if powers[index] < 0
    )
    return given * place.stay.wear_price / 1000


def _preferences(place: Place, powers: Sequence[float], hours: Sequence[float]) -> float:
    hurried = sum(
        max(0.0, powers[index]) * place.share[index] * hours[index] * place.extra[index] for index in place.window
    )
    return hurried / 1000 + starts(place, powers) * place.stay.start_price


def starts(place: Place, powers: Sequence[float]) -> int:
    """Return how often charging begins."""
    on = [place.stay.running, *(powers[index] > 0 for index in place.window)]
    return sum(now and not before for before, now in itertools.pairwise(on))
