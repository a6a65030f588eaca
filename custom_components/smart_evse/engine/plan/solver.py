"""The best plan that a mixed-integer solver finds in the time it is given."""

from collections.abc import Sequence

from .cost import Outcome, assess
from .greedy import floors, refill
from .ground import Ground, Place
from .program import Program
from .program_site import SiteProgram, write
from .program_stay import KILO, StayColumns

_OPTIONS: dict[str, float | bool] = {
    "output_flag": False,
    "threads": 1,
    # Good enough: this share, or this much currency, above the best there can be.
    "mip_rel_gap": 0.005,
    "mip_abs_gap": 0.003,
}


def solve(ground: Ground, start: Outcome, seconds: float) -> Outcome | None:
    """Return a better plan than `start`, or `None`: there is no solver, no time, or nothing better.

    `ground` leaves a controllable home battery out of its steps. The solver lets other threads run.
    """
    if seconds <= 0 or not any(place.window for place in ground.places):
        return None
    written = write(ground, floors(ground))
    values = run(written.program, seconds, _hint(written, start))
    if values is None:
        return None
    powers = [
        _powers(place, stay, values, len(ground.steps))
        for place, stay in zip(ground.places, written.stays, strict=True)
    ]
    battery = [(values[out] - values[into]) * KILO for into, out in written.battery] or None
    found = assess(ground, refill(ground, powers), battery)
    return found if found.score < start.score else None


def run(program: Program, seconds: float, hint: Sequence[tuple[int, float]]) -> list[float] | None:
    """Solve a program; `hint` is a good choice of its whole variables."""
    try:
        import highspy  # noqa: PLC0415  # installed on first use; the plan does without it
    except ImportError:
        return None
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in {**_OPTIONS, "time_limit": seconds}.items():
        model.setOptionValue(name, value)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.costs), len(program.floors)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.costs, program.lows, program.highs
    lp.row_lower_, lp.row_upper_ = program.floors, program.tops
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = program.starts, program.columns, program.values
    kinds = [highspy.HighsVarType.kContinuous] * len(program.costs)
    for column in program.whole:
        kinds[column] = highspy.HighsVarType.kInteger
    lp.integrality_ = kinds
    model.passModel(lp)
    if hint:
        model.setSolution(len(hint), [column for column, _ in hint], [value for _, value in hint])
    model.run()
    if model.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    return list(model.getSolution().col_value)


def _hint(written: SiteProgram, start: Outcome) -> list[tuple[int, float]]:
    """Return the choices of a plan that is there already: who charges or gives when."""
    hint = []
    for stay, powers in zip(written.stays, start.powers, strict=True):
        hint += [(column, float(powers[slot] > 0)) for slot, column in stay.on.items()]
        hint += [(column, float(powers[slot] < 0)) for slot, column in stay.giving.items()]
    return hint


def _powers(place: Place, stay: StayColumns, values: Sequence[float], size: int) -> list[float]:
    """Read a stay's powers, in W at the wall, within the range of its curve."""
    curve, given, powers = place.stay.charge, place.stay.discharge, [0.0] * size
    for slot, column in stay.take.items():
        if values[stay.on[slot]] > 0.5:
            powers[slot] = min(max(values[column] * KILO, curve.least), curve.most)
        elif given is not None and slot in stay.giving and values[stay.giving[slot]] > 0.5:
            powers[slot] = -given.at(max(values[stay.out[slot]] * KILO, given.least))
    return powers
