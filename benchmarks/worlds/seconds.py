"""The seconds that one-minute means do not tell: when a level begins, and what comes and goes within a minute.

Each minute's level begins at a random second, as appliances do not switch on the full minute: the edges move, the
levels stay. Kettles, a hob and the start of a heat pump come on top.
"""

import numpy as np
from numpy.typing import NDArray

_DAY = 24 * 3600
_KETTLE, _KETTLE_TIME, _KETTLES = 2_200.0, 180, 6
_HOB, _HOB_TIME, _HOB_FROM = 2_000.0, 25 * 60, 18 * 3600
_INRUSH = 7.0 * 230.0 * (3.0 - 1.0) * 0.3
"""What a heat pump of 7 A for each phase adds to the mean of the second in which it starts: 3 x In for 0.3 s, in W."""

_HEAT_PUMP_STARTS = 12


def load_seconds(minutes: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the load of each phase (rows) for each second from minute means."""
    count = minutes.shape[1]
    edge = rng.integers(0, 60, size=(count,))
    late = np.arange(60)[None, :] < edge[:, None]
    before = np.concatenate((minutes[:, :1], minutes[:, :-1]), axis=1)
    load = np.where(late[None], before[:, :, None], minutes[:, :, None]).reshape(len(minutes), -1)
    for day in range(0, load.shape[1], _DAY):
        _kettles(load, day, rng)
        _hob(load, day, rng)
        _heat_pump(load, day, rng)
    return load.astype(np.float32)


def sun_seconds(minutes: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the sun for each second, straight between the middles of the minutes."""
    middles = np.arange(len(minutes)) * 60.0 + 29.5
    return np.asarray(np.interp(np.arange(len(minutes) * 60), middles, minutes), dtype=np.float32)


def _kettles(load: NDArray[np.float64], day: int, rng: np.random.Generator) -> None:
    for start in rng.integers(day + 7 * 3600, day + 21 * 3600, _KETTLES):
        load[rng.integers(3), start : start + _KETTLE_TIME] += _KETTLE


def _hob(load: NDArray[np.float64], day: int, rng: np.random.Generator) -> None:
    """Induction chops: on for one to two seconds, and off for as long."""
    start = day + _HOB_FROM + int(rng.integers(3600))
    cycles = rng.integers(1, 3, _HOB_TIME)
    on = np.repeat(np.arange(_HOB_TIME) % 2 == 0, cycles)[:_HOB_TIME]
    span = load[rng.integers(3), start : start + _HOB_TIME]
    span += _HOB * on[: len(span)]


def _heat_pump(load: NDArray[np.float64], day: int, rng: np.random.Generator) -> None:
    starts = rng.integers(day, min(day + _DAY, load.shape[1]), _HEAT_PUMP_STARTS)
    load[:, starts] += _INRUSH
