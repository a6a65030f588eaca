"""The device bound of an AC charger that needs its time to start again and to switch phases.

A car that stopped is back after 20 s at the earliest, and phases are switched after a minute without current. Time is
cut into blocks of ten seconds. Within one a charger runs, rests, starts, stops, or does both once; a gap of 20 s holds
at least one whole block of rest, a gap of a minute at least five. For a given value of energy the best way through the
blocks is found by dynamic programming over what the charger does and for how long it has rested; energy is tied in as
in `device`. Whatever a plant with these pauses can do is one of these ways, so the bound holds for it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds.model import Stay, World

from .account import EUR, Account
from .modes import OFF, Modes
from .seconds import account_steps

type Floats = NDArray[np.float64]

SWITCH: Final = 60
_BLOCK = 10
_RESTING = SWITCH // _BLOCK - 1
"""Whole blocks of rest after which another number of phases may start."""


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """What each block (rows) costs for each value: to rest, and by phases to run, to start, to stop, to do both."""

    rest: Floats
    run: Floats
    start: Floats
    stop: Floats
    both: Floats


def least_of_ways(world: World, stay: Stay, modes: Modes, account: Account, values: Floats) -> Floats:
    """Return for each value the least bill minus value over a stay, in EUR."""
    phases = len(modes.groups)
    on = np.full((phases, len(values)), np.inf)
    resting = np.full((phases, _RESTING, len(values)), np.inf)
    ready = np.zeros(len(values))
    for step in account_steps(world, stay, account):
        blocks = _blocks([step.seconds(each, values) for each in (Modes(OFF), *modes.groups)], step.begin % _BLOCK)
        for i, rest in enumerate(blocks.rest):
            able = np.minimum(ready, resting[:, 1:].min(axis=1))
            stopped = np.minimum(on + blocks.stop[i], able + blocks.both[i])
            on = np.minimum(on + blocks.run[i], able + blocks.start[i])
            ready = np.minimum(ready, resting[:, -1].min(axis=0)) + rest
            resting = np.concatenate((stopped[:, None], resting[:, :-1] + rest), axis=1)
    return np.asarray(np.minimum(np.minimum(on.min(axis=0), ready), resting.min(axis=(0, 1))) * EUR)


def _blocks(seconds: list[Floats], skipped: int) -> _Blocks:
    """Return the blocks of an account's step from the cost of its seconds: at rest, and for each number of phases."""
    sums = [_sums(each, skipped) for each in seconds]
    rest, runs = sums[0], np.stack(sums[1:], axis=1)
    gain = rest[:, None] - runs
    stop = rest[:, None, -1] - gain.max(axis=2)
    start = runs[:, :, -1] + gain.min(axis=2)
    both = rest[:, None, -1] + (np.minimum.accumulate(gain, axis=2) - gain).min(axis=2)
    return _Blocks(rest[:, -1], runs[:, :, -1], start, stop, both)


def _sums(seconds: Floats, skipped: int) -> Floats:
    """Return the running sums within each block, from nothing to all; a block that is cut has seconds without cost."""
    lacking = -(skipped + len(seconds)) % _BLOCK
    whole = np.pad(seconds, ((skipped, lacking), (0, 0))).reshape(-1, _BLOCK, seconds.shape[1])
    return np.pad(np.cumsum(whole, axis=1), ((0, 0), (1, 0), (0, 0)))
