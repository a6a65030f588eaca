"""The device bound of an AC charger that needs its time to start again and to switch phases.

A car that stopped is back after 20 s at the earliest, and phases are switched after a minute without current. Time is
cut into blocks of ten seconds. Within one a charger runs, rests, starts, stops, or does both once; a gap of 20 s holds
at least one whole block of rest, a gap of a minute at least five. For a given value of energy the best way through the
blocks is found by dynamic programming over what the charger does and for how long it has rested; energy is tied in as
in `device`. Whatever a plant with these pauses can do is one of these ways, so the bound holds for it.

Where starts are counted there are such states for each number of them. Each run, however short, goes through just one
block that starts or does both, so none is counted that a plant does not have.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .account import EUR
from .modes import OFF, Modes
from .seconds import Step

type Floats = NDArray[np.float64]

SWITCH: Final = 60
_BLOCK = 10
_RESTING = SWITCH // _BLOCK - 1
"""Whole blocks of rest after which another number of phases may start."""


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """What each block (rows) costs for each value: to rest, and by phases to run, to start, to stop, to do both.

    What goes by phases costs the same after any number of starts: there is one row for all of them.
    """

    rest: Floats
    run: Floats
    start: Floats
    stop: Floats
    both: Floats


def least_of_ways(steps: Iterable[Step], modes: Modes, values: Floats, starts: int | None = None) -> Floats:
    """Return for each value the least bill minus value over a stay's steps, in EUR, in a row for any number of starts.

    With `starts` there is a row for no more than each number of them, from none on.
    """
    rows = 1 if starts is None else starts + 1
    on = np.full((len(modes.groups), rows, len(values)), np.inf)
    resting = np.stack([on] * _RESTING, axis=1)
    ready = np.full((rows, len(values)), np.inf)
    ready[0] = 0.0
    for step in steps:
        blocks = _blocks([step.seconds(each, values) for each in (Modes(OFF), *modes.groups)], step.begin % _BLOCK)
        for i, rest in enumerate(blocks.rest):
            able = np.minimum(ready, resting[:, 1:].min(axis=1))
            if starts is not None:
                able[:, 1:], able[:, 0] = able[:, :-1], np.inf
            stopped = np.minimum(on + blocks.stop[i], able + blocks.both[i])
            on = np.minimum(on + blocks.run[i], able + blocks.start[i])
            ready = np.minimum(ready, resting[:, -1].min(axis=0)) + rest
            resting = np.concatenate((stopped[:, None], resting[:, :-1] + rest), axis=1)
    least = np.minimum(np.minimum(on.min(axis=0), ready), resting.min(axis=(0, 1))) * EUR
    return np.asarray(np.minimum.accumulate(least))


def _blocks(seconds: list[Floats], skipped: int) -> _Blocks:
    """Return the blocks of an account's step from the cost of its seconds: at rest, and for each number of phases."""
    sums = [_sums(each, skipped) for each in seconds]
    rest, runs = sums[0], np.stack(sums[1:], axis=1)
    gain = rest[:, None] - runs
    stop = rest[:, None, -1] - gain.max(axis=2)
    start = runs[:, :, -1] + gain.min(axis=2)
    both = rest[:, None, -1] + (np.minimum.accumulate(gain, axis=2) - gain).min(axis=2)
    return _Blocks(rest[:, -1], *(each[:, :, None] for each in (runs[:, :, -1], start, stop, both)))


def _sums(seconds: Floats, skipped: int) -> Floats:
    """Return the running sums within each block, from nothing to all; a block that is cut has seconds without cost."""
    lacking = -(skipped + len(seconds)) % _BLOCK
    whole = np.pad(seconds, ((skipped, lacking), (0, 0))).reshape(-1, _BLOCK, seconds.shape[1])
    return np.pad(np.cumsum(whole, axis=1), ((0, 0), (1, 0), (0, 0)))
