"""A problem that can be planned: what no forecast and no car can be is left out before anybody counts with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
import itertools
import math

from .curve import Curve
from .model import CapacityPrice, HomeBattery, Problem, Slot, Stay

_DAY = timedelta(days=1)


def sound(problem: Problem) -> Problem:
    """Return the problem without what makes no sense: the horizon ends where a figure is no number."""
    return replace(
        problem,
        slots=tuple(itertools.takewhile(_possible, problem.slots)),
        stays=tuple(_stays(problem)),
        battery=_battery(problem.battery),
        capacity=_tariff(problem.capacity),
        import_limit=_limit(problem.import_limit),
        export_limit=_limit(problem.export_limit),
        doubt=problem.doubt if _finite(problem.doubt) else 0.0,
    )


def _possible(slot: Slot) -> bool:
    figures = (slot.hours, slot.import_price, slot.export_price, slot.sun, slot.house)
    limits = (limit for limit in (slot.import_limit, slot.export_limit) if limit is not None)
    return _finite(*figures, *limits) and 0 < slot.hours <= 24


def _stays(problem: Problem) -> Iterator[Stay]:
    for stay in problem.stays:
        figures = (stay.energy, stay.target, stay.minimum, stay.reserve, stay.miss_price, stay.wear_price)
        more = (stay.start_price, stay.value_after, stay.min_run, stay.precondition, stay.precondition_hours)
        charge = _curve(stay.charge)
        if not _finite(*figures, *more) or math.isnan(stay.capacity) or charge is None:
            continue
        yield replace(
            stay,
            charge=charge,
            discharge=_curve(stay.discharge) if stay.discharge is not None else None,
            energy=max(0.0, stay.energy),
            target=max(0.0, stay.target),
            capacity=max(0.0, stay.capacity),
            start_price=max(0.0, stay.start_price),
            miss_price=max(0.0, stay.miss_price),
            precondition=max(0.0, stay.precondition),
            taper=tuple(sorted(point for point in stay.taper if _finite(*point))),
            slack=min(max(timedelta(0), stay.slack), _DAY),
        )


def _curve(curve: Curve) -> Curve | None:
    """Return a curve that rises all the way, or nothing."""
    points = curve.points
    rising = all(left[0] < right[0] and left[1] < right[1] for left, right in itertools.pairwise(points))
    real = all(_finite(*point) and point[0] > 0 and point[1] > 0 for point in points)
    return curve if points and rising and real else None


def _battery(battery: HomeBattery | None) -> HomeBattery | None:
    if battery is None:
        return None
    figures = (battery.energy, battery.capacity, battery.charge, battery.discharge, battery.efficiency)
    if not _finite(*figures, battery.wear, battery.floor, battery.until) or battery.efficiency <= 0.1:
        return None
    return replace(
        battery,
        energy=max(0.0, battery.energy),
        charge=max(0.0, battery.charge),
        discharge=max(0.0, battery.discharge),
        efficiency=min(1.0, battery.efficiency),
        wear=max(0.0, battery.wear),
    )


def _tariff(tariff: CapacityPrice | None) -> CapacityPrice | None:
    if tariff is None or not _finite(tariff.price, tariff.peak, tariff.window_hours, tariff.imported):
        return None
    if tariff.weights is not None and not _finite(*tariff.weights):
        return None
    return tariff if tariff.price > 0 and tariff.window_hours > 0 else None


def _limit(limit: float | None) -> float | None:
    return limit if limit is None or _finite(limit) else None


def _finite(*figures: float) -> bool:
    return all(math.isfinite(figure) for figure in figures)
