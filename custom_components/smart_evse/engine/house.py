"""What the house uses without the chargers: one grid sample, less what the chargers took of it.

A charger's reading is older than the grid sample, or its car is still following a limit. What it
took at the sample's time is then only known to lie between two bounds. Within them a change at the
grid is laid to the car and not to the house: otherwise each start of a car would look like a load
of the house and stop it again. What lies beyond them, and what the next reading denies, is the
house's at once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
import math

from .claims import Case
from .home_battery import battery_power, steady
from .model import GridReading, HouseMemory, Memory, PerPhase, SiteSettings, Snapshot
from .window import highest, most, slide

_OVERRUN = 1.1
_OFFSET = 0.5
"""A car may draw 10 % + 0.5 A more than it was offered."""

_FLOWING = 1.0
"""More than this is a charge and no standby, in A."""

_WANDER = 1.0
"""A car does not hold its current better than this, in A."""

type Bounds = tuple[float, float]
type Own = tuple[tuple[Case, Bounds], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The time of a grid sample, and of the one before it (monotonic s)."""

    sample: float
    before: float


def observe(memory: HouseMemory, snapshot: Snapshot, settings: SiteSettings, cases: Iterable[Case]) -> HouseMemory:
    """Take in a sample of the grid meter; the same sample a second time changes nothing."""
    grid = snapshot.grid
    if grid is None or grid.at == memory.at:
        return memory
    own = _own(memory, grid, cases)
    observed = _observe_currents(_recover(memory, own), grid, own, settings, snapshot.now)
    found = without(grid.power + battery_power(snapshot, settings), memory.base, _all_watts(own))
    return replace(observed, base=steady(found, memory, grid, snapshot.battery, cases))


def observe_circuits(
    snapshot: Snapshot, settings: SiteSettings, memory: Memory, below: Callable[[str], Iterable[Case]]
) -> tuple[tuple[str, HouseMemory], ...]:
    """Take in the samples of the meters below the main one; `below` names the connectors on each circuit."""
    known, metered = dict(memory.circuits), {circuit.id for circuit in settings.circuits if circuit.max_age is not None}
    for circuit, grid in snapshot.circuits:
        before = known.get(circuit, HouseMemory())
        if circuit in metered and grid.at != before.at:
            own = _own(before, grid, below(circuit))
            known[circuit] = _observe_currents(_recover(before, own), grid, own, settings, snapshot.now)
    return tuple((circuit, house) for circuit, house in known.items() if circuit in metered)


def grid_without_chargers(house: HouseMemory, snapshot: Snapshot, settings: SiteSettings) -> float | None:
    """Return what would flow at the grid connection if no charger took or gave anything, in W.

    The home battery goes on with what it does. `base` leaves it out too.
    """
    return None if house.base is None else house.base - battery_power(snapshot, settings)


def own_watts(memory: HouseMemory, grid: GridReading, cases: Iterable[Case]) -> Bounds:
    """Return the least and the most that all connectors together drew at a sample in W; `memory` is as of the last."""
    return _all_watts(_own(memory, grid, cases))


def _own(memory: HouseMemory, grid: GridReading, cases: Iterable[Case]) -> Own:
    span = Span(grid.at, -math.inf if memory.at is None else memory.at)
    return tuple((case, own_bounds(case, span)) for case in cases)


def _observe_currents(
    memory: HouseMemory, grid: GridReading, own: Own, settings: SiteSettings, now: float
) -> HouseMemory:
    silent = memory.at is not None and grid.at - memory.at > settings.grid_max_age
    observed = replace(memory, at=grid.at, recovered_at=now if silent else memory.recovered_at)
    currents = grid_currents(grid, settings)
    if currents is None:
        return replace(observed, currents=None, held=None, peaks=())
    house = PerPhase(*(without(currents[i], _before(memory, i), _phase_bounds(own, i)) for i in range(3)))
    peaks = slide(memory.peaks, house, now, settings.rise_hold, most)
    return replace(observed, currents=house, peaks=peaks, held=highest(peaks, most))


def _recover(memory: HouseMemory, own: Own) -> HouseMemory:
    """Forget what was kept free for a house that turns out to have been a charger which said nothing."""
    silent = frozenset(case.settings.id for case, _ in own if case.reading is None)
    if memory.silent - silent:
        return replace(memory, held=None, peaks=(), bases=(), filtered=None, silent=silent)
    return replace(memory, silent=silent)


def grid_currents(grid: GridReading, settings: SiteSettings) -> PerPhase | None:
    """Return the signed current of each phase, `None` where the meter leaves a phase out.

    On a one-phase site the only phase carries all the power. Where there are powers and no
    currents, the active power tells all but the reactive part, which the margin has to cover.
    """
    if grid.currents is not None:
        return grid.currents
    volts = grid.voltages or PerPhase(settings.voltage, settings.voltage, settings.voltage)
    if grid.powers is not None:
        return PerPhase(*(grid.powers[i] / (volts[i] or settings.voltage) for i in range(3)))
    if settings.phases == 1:
        return PerPhase(grid.power / (volts.l1 or settings.voltage))
    return None


def without(total: float, before: float | None, bounds: Bounds) -> float:
    """Return what flowed without the connectors: as near to what it was `before` as their bounds allow."""
    low, high = bounds
    if before is None:
        return total - low
    return total - min(max(total - before, low), high)


def _before(memory: HouseMemory, phase: int) -> float | None:
    return None if memory.currents is None else memory.currents[phase]


def own_bounds(case: Case, span: Span) -> Bounds:
    """Return the least and the most that a connector drew on each of its phases at a grid sample.

    A charger that is silent counts as part of the house: 0 either way.
    """
    if case.reading is None:
        return 0.0, 0.0
    measured = case.amps
    if not case.plugged and not measured:
        return 0.0, 0.0
    offered = case.memory.amps or 0.0
    seen = [offered if measured is None else measured]
    if span.sample < case.memory.changed_at + case.settings.settle:
        seen.append(offered)
        if not _has_left(case, span, seen[0]):
            seen.append(case.memory.previous)
    if case.reading.at <= span.before and seen[0] > -_FLOWING:
        # Older than the sample before: what has changed since may as well be the car. One that gives is no such
        # excuse: what the house draws beside it has to be given at once.
        seen += [0.0, _could_have_become(seen[0], offered)]
    if measured is None and not (case.reading.state is not None and case.reading.state.charging):
        seen.append(0.0)
    most = _allowed(case, span.sample)
    return min(*seen, most), min(max(seen), most)


def _has_left(case: Case, span: Span, drawn: float) -> bool:
    """Say whether a reading since the last change shows that the car came down: it does not go up again.

    A car that gave has come down when it gives less.
    """
    since = case.memory.changed_at < (case.reading.at if case.reading is not None else -math.inf) <= span.sample
    before = case.memory.previous
    return since and (drawn > before + _WANDER if before < 0 else drawn < before - _WANDER)


def _allowed(case: Case, sampled_at: float) -> float:
    """Return the most that counts as the connector's own: what overruns its limit is the house's.

    Otherwise a charger that ignores its limit would make room for others out of nothing.
    """
    if case.memory.amps is None:
        return math.inf
    settling = sampled_at < case.memory.changed_at + case.settings.settle
    offered = max(case.memory.amps, case.memory.previous) if settling else case.memory.amps
    return max(0.0, offered) * _OVERRUN + _OFFSET


def _could_have_become(drawn: float, offered: float) -> float:
    """Return the most that a car may draw since its reading; that it may have stopped is another matter.

    One that draws nothing may start at any moment. One that charges with less than it is offered
    is at a limit of its own, and what rises beside it is the house.
    """
    if drawn < _FLOWING:
        return max(drawn, offered)
    return max(drawn, min(offered, drawn + _WANDER))


def _all_watts(own: Own) -> Bounds:
    watts = [_watts(case, bounds) for case, bounds in own]
    return sum(low for low, _ in watts), sum(high for _, high in watts)


def _phase_bounds(own: Own, phase: int) -> Bounds:
    bounds = [known for case, known in own if phase in case.phases]
    return sum(low for low, _ in bounds), sum(high for _, high in bounds)


def _watts(case: Case, bounds: Bounds) -> Bounds:
    """Return the same bounds in W, tightened to the charger's own power where it stands still."""
    low, high = bounds
    watts = case.watts
    if watts is not None and low == high:
        return watts, watts
    return low * case.per_amp, high * case.per_amp
