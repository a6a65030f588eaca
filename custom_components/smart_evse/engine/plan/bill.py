"""What the site's own flows come to: import and export, the peak, the home battery's wear and content."""

from collections.abc import Sequence

from .battery import BatteryRun, worth_left
from .model import CapacityPrice, Problem, Slot

UNLIMITED = 1e6
"""More than any connection carries, in W."""


def import_limit(problem: Problem, slot: Slot) -> float:
    """Return the most the site may import in a slot, in W."""
    return _least(problem.import_limit, slot.import_limit)


def feed_limit(problem: Problem, slot: Slot) -> float:
    """Return the most the site may feed in in a slot, in W."""
    return _least(problem.export_limit, slot.export_limit)


def grid(problem: Problem, loads: Sequence[float], battery: BatteryRun | None) -> tuple[float, ...]:
    """Return the mean grid power of each slot beside these cars, in W; sun that may not be fed in is lost."""
    stored = battery.powers if battery else (0.0,) * len(problem.slots)
    return tuple(
        max(slot.house - slot.sun + load - power, -feed_limit(problem, slot))
        for slot, load, power in zip(problem.slots, loads, stored, strict=True)
    )


def bill(problem: Problem, flows: Sequence[float], battery: BatteryRun | None) -> float:
    """Return what these grid powers cost, in currency."""
    energy = sum(
        (slot.import_price if flow > 0 else slot.export_price) * flow * slot.hours / 1000
        for slot, flow in zip(problem.slots, flows, strict=True)
    )
    return energy + _peak(problem, flows) + _battery(problem, battery)


def windows(tariff: CapacityPrice, slots: Sequence[Slot]) -> tuple[tuple[int, ...], ...]:
    """Return the slots of each window whose mean import can set a peak."""
    groups: dict[int, list[int]] = {}
    length = max(tariff.window_hours, 1 / 60) * 3600
    for index, slot in enumerate(slots):
        if tariff.weight(index) > 0:
            groups.setdefault(int(slot.start.timestamp() // length), []).append(index)
    return tuple(tuple(group) for group in groups.values())


def imported_before(tariff: CapacityPrice, group: tuple[int, ...]) -> float:
    """Return what a window holds already in Wh: only the running one holds anything."""
    return tariff.imported if 0 in group else 0.0


def highest_mean(problem: Problem, flows: Sequence[float]) -> float | None:
    """Return the highest mean import of a window as it counts, or what is paid anyway if that is more, in W.

    `None` where no peak is paid for.
    """
    tariff = problem.capacity
    if tariff is None:
        return None
    means = (
        (imported_before(tariff, group) + sum(max(0.0, flows[i]) * problem.slots[i].hours for i in group))
        / tariff.window_hours
        * tariff.weight(group[0])
        for group in windows(tariff, problem.slots)
    )
    return max((tariff.peak, *means))


def _peak(problem: Problem, flows: Sequence[float]) -> float:
    tariff, highest = problem.capacity, highest_mean(problem, flows)
    return 0.0 if tariff is None or highest is None else (highest - tariff.peak) / 1000 * tariff.price


def _battery(problem: Problem, run: BatteryRun | None) -> float:
    if run is None or problem.battery is None or not run.powers:
        return 0.0
    out = sum(max(0.0, power) * slot.hours for power, slot in zip(run.powers, problem.slots, strict=True))
    left = run.energies[-1] - problem.battery.floor
    return (out * problem.battery.wear - left * worth_left(problem.battery, problem.slots)) / 1000


def _least(*limits: float | None) -> float:
    return max(0.0, min((limit for limit in limits if limit is not None), default=UNLIMITED))
