"""Several series as one: roofs that shine together, meters that count together."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from ..engine.forecast.series import Series, Step


def total(series: Iterable[Series], signs: Sequence[float] = ()) -> Series:
    """Add up what is known at each time; one that says nothing of a time adds nothing to it.

    `signs` weighs the series, in their order; 1 without.
    """
    known = list(series)
    weights = [*signs, *([1.0] * (len(known) - len(signs)))]
    steps = _steps(known)
    columns = [one.in_force(steps) for one in known]
    values = [_sum([column[index] for column in columns], weights) for index in range(len(steps))]
    return Series.of_steps(steps, values)


def _steps(known: list[Series]) -> Sequence[Step]:
    edges = sorted({edge for one in known for span in one.spans for edge in (span.start, span.end)})
    return tuple(pairwise(edges))


def _sum(values: Sequence[float | None], weights: Sequence[float]) -> float | None:
    there = [value * weight for value, weight in zip(values, weights, strict=True) if value is not None]
    return sum(there) if there else None


def common(series: Sequence[Series], signs: Sequence[float]) -> Series:
    """Add up where *all* of them are known: a balance with a term missing is no balance."""
    steps = _steps(list(series))
    columns = [one.in_force(steps) for one in series]
    values: list[float | None] = []
    for index in range(len(steps)):
        terms = [column[index] for column in columns]
        known = [value for value in terms if value is not None]
        whole = len(known) == len(terms)
        values.append(sum(value * sign for value, sign in zip(known, signs, strict=True)) if whole else None)
    return Series.of_steps(steps, values)
