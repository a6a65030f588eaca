"""What a reading adds to the counters of a session."""

from dataclasses import replace

from .counter import WATCHED, Counted, Counter, Step, add, read
from .model import Mark
from .moment import Moment
from .opened import OpenSession
from .passing import Passed

_ESTIMATED = frozenset({Mark.ESTIMATED})
_MISSED = frozenset({Mark.ESTIMATED, Mark.GAP})


def count(state: OpenSession, moment: Moment, time: Passed) -> tuple[Counted, Counted] | None:
    """Return what the car has taken and given, `None` if this reading does not tell."""
    power = (state.power, moment.power or 0.0)
    into = Step(seconds=time.seconds, most=moment.most, power=max(*power, 0.0))
    out_of = Step(seconds=time.seconds, most=moment.most, power=max(-power[0], -power[1], 0.0))
    summed_in, summed_out = _summed(state.power, moment.power, time)
    if state.taken.last is None and moment.energy_in is None and moment.power is None:
        return None
    taken = _counted(state.taken, moment.energy_in, into, summed_in)
    given = _counted(state.given, moment.energy_out, out_of, summed_out)
    if taken is None or given is None:
        return None
    if not time.watched:
        taken, given = _missed(taken, always=True), _missed(given, always=summed_out > 0)
    return taken, given


def _counted(counter: Counter, value: float | None, step: Step, summed: float) -> Counted | None:
    if counter.last is not None:
        return None if value is None else read(counter, value, step)
    summed_up = add(counter, summed)
    if value is not None:
        return read(summed_up, value, step)
    return Counted(counter=summed_up, marks=_ESTIMATED if summed else frozenset())


def _missed(counted: Counted, *, always: bool) -> Counted:
    """Without a register nobody knows what flowed while nobody looked."""
    return replace(counted, marks=_MISSED) if always and counted.counter.last is None else counted


def _summed(before: float, after: float | None, time: Passed) -> tuple[float, float]:
    """Return the Wh taken and given by the power at both ends; what was measured last holds for a minute at most."""
    if not time.watched or after is None:
        hours = min(time.seconds, WATCHED) / 3600
        return max(before, 0.0) * hours, max(-before, 0.0) * hours
    hours = time.seconds / 3600
    return (max(before, 0.0) + max(after, 0.0)) / 2 * hours, (max(-before, 0.0) + max(-after, 0.0)) / 2 * hours
