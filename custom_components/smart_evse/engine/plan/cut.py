"""Slots that end where a car should be ready and where it leaves: the quarter-hour around may still be full of sun."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
import itertools

from .model import Problem, Slot, Stay

_LEAST = timedelta(minutes=1)
"""What is cut off is at least this long."""


def cut(problem: Problem) -> Problem:
    """Return the problem with slots cut at what the stays have ahead: what is said of a slot holds for its parts."""
    edges = sorted({edge for stay in problem.stays for edge in _edges(stay)})
    parts = [(index, part) for index, slot in enumerate(problem.slots) for part in _parts(slot, edges)]
    capacity = problem.capacity
    if capacity is not None and capacity.weights is not None:
        capacity = replace(capacity, weights=tuple(capacity.weight(index) for index, _ in parts))
    return replace(problem, slots=tuple(part for _, part in parts), capacity=capacity)


def _edges(stay: Stay) -> Iterator[datetime]:
    """Yield from when a car is heated, when it should be ready, and when it leaves."""
    if stay.departs is not None:
        if stay.precondition > 0:
            yield stay.departs - timedelta(hours=stay.precondition_hours)
        yield stay.departs - stay.slack
        yield stay.departs


def _parts(slot: Slot, edges: list[datetime]) -> Iterator[Slot]:
    inner = [edge for edge in edges if slot.start + _LEAST <= edge <= slot.end - _LEAST]
    for start, end in itertools.pairwise((slot.start, *inner, slot.end)):
        yield replace(slot, start=start, hours=(end - start) / timedelta(hours=1))
