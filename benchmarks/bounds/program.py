"""A linear program put together from arrays, and solved by HiGHS."""

from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]
type Indices = NDArray[np.int32]


@dataclass(slots=True, eq=False)
class Program:
    """Minimise the cost of columns between bounds, under rows between bounds."""

    _columns: list[tuple[Floats, Floats, Floats]] = field(default_factory=list)
    _rows: list[tuple[Floats, Floats]] = field(default_factory=list)
    _cells: list[tuple[Indices, Indices, Floats]] = field(default_factory=list)
    _width: int = 0
    _height: int = 0
    _worth: Floats = field(default_factory=lambda: np.zeros(0))

    def columns(
        self, count: int, *, cost: ArrayLike = 0.0, lower: ArrayLike = 0.0, upper: ArrayLike = np.inf
    ) -> Indices:
        """Add columns; each of the arguments is one number for all or one for each."""
        each = [np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)) for value in (cost, lower, upper)]
        self._columns.append((each[0], each[1], each[2]))
        self._width += count
        return np.arange(self._width - count, self._width, dtype=np.int32)

    def rows(self, count: int, *, lower: ArrayLike = -np.inf, upper: ArrayLike = np.inf) -> Indices:
        """Add rows."""
        each = [np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)) for value in (lower, upper)]
        self._rows.append((each[0], each[1]))
        self._height += count
        return np.arange(self._height - count, self._height, dtype=np.int32)

    def put(self, rows: Indices, columns: Indices, values: ArrayLike) -> None:
        """Set coefficients, pair by pair."""
        values = np.broadcast_to(np.asarray(values, dtype=np.float64), columns.shape)
        self._cells.append((np.broadcast_to(rows, columns.shape).astype(np.int32), columns, values))

    def solve(self, *, amid: bool = False) -> tuple[float, Floats]:
        """Return the least cost and the columns that have it; `amid` of all that have it rather than at a corner."""
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        if amid:
            solver.setOptionValue("solver", "ipm")
            solver.setOptionValue("run_crossover", "off")
        solver.passModel(self._model())
        solver.run()
        status = solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal and not amid:
            raise ValueError(f"no optimum: {status}")
        self._worth = np.array(solver.getSolution().row_dual)
        return float(solver.getObjectiveValue()), np.array(solver.getSolution().col_value)

    def worth(self, rows: Indices) -> Floats:
        """Return what a unit more on the right-hand side of each row adds to the least cost that was found."""
        return np.asarray(self._worth[rows])

    def _model(self) -> highspy.HighsLp:
        rows, columns, values = (np.concatenate([cell[i] for cell in self._cells]) for i in range(3))
        order = np.argsort(columns, kind="stable")
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self._width, self._height
        model.col_cost_, model.col_lower_, model.col_upper_ = (
            np.concatenate([column[i] for column in self._columns]) for i in range(3)
        )
        model.row_lower_, model.row_upper_ = (np.concatenate([row[i] for row in self._rows]) for i in range(2))
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.searchsorted(columns[order], np.arange(self._width + 1)).astype(np.int32)
        model.a_matrix_.index_ = rows[order].astype(np.int32)
        model.a_matrix_.value_ = values[order]
        return model
