"""A recorded week as a world of one home."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import numpy as np
from numpy.typing import NDArray

from .model import Stay, World
from .recordings import Recording
from .seconds import load_seconds, sun_seconds
from .sky import CLOUDY, DULL, SUNNY, modelled
from .tariffs import TARIFFS

KWP = 8.0
_DAY = 24 * 3600
_SKIES = (SUNNY, CLOUDY, CLOUDY, DULL)


def world(
    recording: Recording,
    *,
    seed: int,
    tariff: str = "fixed",
    kwp: float = KWP,
    stays: Sequence[Stay] = (),
) -> World:
    """Return the world of a recording. The same seed has the same seconds, whatever tariff, roof and stays.

    Where nothing was measured of the sun it is modelled, each day's weather drawn by the seed.
    """
    seconds = recording.minutes * 60
    sun = _modelled(recording, seed) if recording.sun is None else sun_seconds(recording.sun)
    spot = np.zeros(seconds // 60) if recording.spot is None else recording.spot
    if recording.spot is None and tariff != "fixed":
        raise ValueError(f"{recording.name} has no prices")
    return World(
        name=recording.name,
        start=recording.start,
        seconds=seconds,
        load=load_seconds(recording.load, np.random.default_rng(seed)),
        sun=(sun * kwp).astype(np.float32),
        tariff=TARIFFS[tariff](*_steps(spot)),
        stays=tuple(stays),
    )


def _steps(spot: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """Return the prices of each hour, or of each quarter where they change within one."""
    for step in (60, 15):
        whole = spot[: len(spot) // step * step].reshape(-1, step)
        if len(whole) * step == len(spot) and np.all(whole == whole[:, :1]):
            return whole[:, 0].copy(), step * 60
    return spot, 60


def _modelled(recording: Recording, seed: int) -> NDArray[np.float32]:
    """Return a sun by the wall clock, as the model counts it, in W for each kWp."""
    midnight = recording.local.replace(hour=0, minute=0)
    skip = (recording.local - midnight) // timedelta(seconds=1)
    seconds = recording.minutes * 60
    days = range(-(-(skip + seconds) // _DAY))
    skies = [Random(f"{seed}/{day}").choice(_SKIES) for day in days]
    sun = np.concatenate([modelled(sky, 1000 * seed + day) for day, sky in zip(days, skies, strict=True)])
    return sun[skip : skip + seconds].astype(np.float32)
