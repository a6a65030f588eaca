"""A mixed-integer linear program, column by column and row by row."""

from collections.abc import Iterable
from dataclasses import dataclass, field
import math

type Term = tuple[int, float]
"""A column and its coefficient."""


@dataclass(slots=True)
class Program:
    """Minimise `costs * x` with `lows <= x <= highs` and `floors <= A x <= tops`, some of x whole."""

    costs: list[float] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)
    tops: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def column(self, low: float = 0.0, high: float = math.inf, cost: float = 0.0) -> int:
        """Add a continuous variable and return its number."""
        self.costs.append(cost)
        self.lows.append(low)
        self.highs.append(max(low, high))
        return len(self.costs) - 1

    def binary(self, *, low: float = 0.0, high: float = 1.0, cost: float = 0.0) -> int:
        """Add a variable that is 0 or 1 and return its number."""
        number = self.column(low, high, cost)
        self.whole.append(number)
        return number

    def at_most(self, top: float, terms: Iterable[Term]) -> None:
        """Require that the terms sum up to at most `top`."""
        self._row(-math.inf, top, terms)

    def at_least(self, floor: float, terms: Iterable[Term]) -> None:
        """Require that the terms sum up to at least `floor`."""
        self._row(floor, math.inf, terms)

    def equal(self, value: float, terms: Iterable[Term]) -> None:
        """Require that the terms sum up to `value`."""
        self._row(value, value, terms)

    def _row(self, floor: float, top: float, terms: Iterable[Term]) -> None:
        for column, value in terms:
            self.columns.append(column)
            self.values.append(value)
        self.starts.append(len(self.columns))
        self.floors.append(floor)
        self.tops.append(top)
