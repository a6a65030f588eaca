"""Small worlds for the plant."""

from datetime import UTC, datetime

import numpy as np

from benchmarks.worlds.model import Stay, Tariff, World

HOURS = 30
PRICES = np.linspace(0.10, 0.39, HOURS)


def stay(arrive: float = 1.0, depart: float = 6.0, *, connector: int = 0, wanted: float = 10_000.0) -> Stay:
    """Return a plug-in from one hour to another."""
    return Stay(
        connector=connector,
        arrive=int(arrive * 3600),
        depart=int(depart * 3600),
        wanted=wanted,
        capacity=60_000.0,
        soc=0.4,
    )


def world(*stays: Stay, sun: float = 0.0, load: float = 600.0, seed: int = 1) -> World:
    """Return thirty hours of a house that wanders about `load` W, under a sun of about `sun` W."""
    rng = np.random.default_rng(seed)
    seconds = HOURS * 3600
    wander = np.repeat(rng.uniform(0.5, 1.5, size=(3, HOURS * 60)), 60, axis=1)
    light = np.repeat(rng.uniform(0.6, 1.0, size=HOURS * 60), 60)
    return World(
        name="made",
        start=datetime(2026, 5, 12, 6, tzinfo=UTC),
        seconds=seconds,
        load=(wander * load / 3.0).astype(np.float32),
        sun=(light * sun).astype(np.float32),
        tariff=Tariff(import_price=PRICES, export_price=PRICES * 0.3, step=3600),
        stays=stays or (stay(),),
    )
