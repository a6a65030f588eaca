"""Making a plan: at once, better when there is time, and the old one where that still does."""

from .cut import cut
from .greedy import greedy
from .ground import Ground, lay
from .keep import kept
from .model import Plan, PlanSource, Problem
from .otherwise import plug_in_and_go
from .result import tell
from .solver import solve
from .sound import sound


def make_plan(problem: Problem, previous: Plan | None = None, solver_seconds: float = 1.0) -> Plan:
    """Return a plan for any problem; with no time for the solver, within milliseconds.

    `previous` stays (with its `made_at`) unless it no longer can be followed or a new one is at
    least one percent cheaper.
    """
    ground = lay(cut(sound(problem)))
    otherwise = plug_in_and_go(ground)
    best, source = greedy(ground), PlanSource.GREEDY
    better = solve(_steered(ground), best, solver_seconds)
    if better is not None:
        best, source = better, PlanSource.SOLVER
    old = kept(previous, ground, best) if previous is not None else None
    if previous is not None and old is not None:
        return tell(ground, old, otherwise, previous.source, previous.made_at)
    return tell(ground, best, otherwise, source, problem.now)


def _steered(ground: Ground) -> Ground:
    """Leave the home battery to the solver where it may be steered."""
    battery = ground.problem.battery
    return lay(ground.problem, steered=True) if battery is not None and battery.controllable else ground
