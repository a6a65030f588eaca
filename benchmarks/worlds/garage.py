"""Garages: many cars, one connection. The recordings are read from a folder and never ship with the project.

`caltech` is March 2019 at a workplace in Pasadena (Caltech ACN-Data through ACN-Sim), `block` the cars of twenty users
in Trondheim below thirty British homes (ten for each phase, Customer-Led Network Revolution).
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .efficiency import BEST_AC
from .model import Stay, World
from .recordings import read_rows
from .seconds import load_seconds
from .sessions import ANY, CAPACITY, FILE, Place, Session, stays, users, weeks
from .tariffs import fixed

CALTECH: Final = "ev_sessions_us_acn_caltech_2019-03.csv"
HOMES: Final = "uk_clnr_2013jun_day_1min.csv.gz"
_CALTECH_DAY = datetime(2019, 3, 1)  # noqa: DTZ001 -- the site's wall clock
_DAY = 24 * 3600
_HOMES_A_PHASE, _CARS = 10, 20
_HOMES_PEAK: Final = 45.0 * 230.0
_EVENING: Final = datetime(2013, 6, 4, 12)  # noqa: DTZ001 -- a Tuesday noon by the wall clock


def caltech(folder: Path, *, first: int = 0, days: int = 31) -> World:
    """Return days of March 2019. A connector is a station; what a socket gave at its best reaches the battery."""
    begin = _CALTECH_DAY + timedelta(days=first)
    seconds = days * _DAY
    rows = read_rows(folder / CALTECH)
    stations = {name: i for i, name in enumerate(sorted({row["station_id"] for row in rows}))}
    found = []
    for row in rows:
        session = Session(
            plugged=datetime.fromisoformat(row["plug_in"]),
            unplugged=datetime.fromisoformat(row["plug_out"]),
            energy=float(row["energy_kwh"]) * 1000,
        )
        if begin <= session.plugged < begin + timedelta(seconds=seconds):
            found.append(_workplace_stay(session, begin, stations[row["station_id"]], seconds))
    return _world("caltech", begin, seconds, np.zeros((3, seconds), dtype=np.float32), one_at_a_time(found))


def block(folder: Path, *, seed: int) -> World:
    """Return a day from noon to noon: ten homes for each phase, and a car on each of twenty connectors."""
    rng = Random(seed)
    rows = read_rows(folder / HOMES)
    names = [name for name in rows[0] if name.startswith("load_")]
    homes = np.array([[float(row[name]) for row in rows] for name in names])
    minutes = np.stack([_under_a_fuse(homes, rng) for _ in range(3)])
    load = load_seconds(np.roll(minutes, -len(rows) // 2, axis=1), np.random.default_rng(seed))
    cars: list[Stay] = []
    everybody = users(folder / FILE)
    for user in rng.sample(sorted(everybody), len(everybody)):
        cars += _one_evening(everybody[user], rng, len(cars))
        if len(cars) == _CARS:
            break
    return _world("block", _EVENING, _DAY, load, cars)


def one_at_a_time(found: list[Stay]) -> list[Stay]:
    """Return stays without overlap on a connector: a car leaves a minute before the next one comes, if not earlier."""
    kept: list[Stay] = []
    later: dict[int, int] = {}
    for stay in sorted(found, key=lambda stay: stay.arrive, reverse=True):
        depart = min(stay.depart, later.get(stay.connector, stay.depart + 60) - 60)
        if depart - stay.arrive >= 60:
            later[stay.connector] = stay.arrive
            kept.append(_until(stay, depart))
    return kept[::-1]


def _under_a_fuse(homes: NDArray[np.float64], rng: Random) -> NDArray[np.float64]:
    """Return ten homes together that leave their fuse whole while no car charges, or the best of many draws."""
    drawn = (homes[rng.sample(range(len(homes)), _HOMES_A_PHASE)].sum(axis=0) for _ in range(50))
    peaks = sorted(drawn, key=lambda each: float(each.max()))
    fitting = [each for each in peaks if each.max() <= _HOMES_PEAK]
    return np.asarray(fitting[-1] if fitting else peaks[0])


def _until(stay: Stay, depart: int) -> Stay:
    return Stay(
        connector=stay.connector,
        arrive=stay.arrive,
        depart=depart,
        wanted=stay.wanted,
        capacity=stay.capacity,
        soc=stay.soc,
    )


def _workplace_stay(session: Session, begin: datetime, connector: int, seconds: int) -> Stay:
    wanted = BEST_AC * session.energy
    capacity = max(CAPACITY, wanted / 0.75)
    return Stay(
        connector=connector,
        arrive=(session.plugged - begin) // timedelta(seconds=1),
        depart=min(seconds, (session.unplugged - begin) // timedelta(seconds=1)),
        wanted=wanted,
        capacity=capacity,
        soc=0.8 - wanted / capacity,
    )


def _one_evening(sessions: tuple[Session, ...], rng: Random, connector: int) -> tuple[Stay, ...]:
    """Return the last plug-in of an evening on which this user came home, or nothing for one who hardly came."""
    place = Place(local=_EVENING, seconds=_DAY, connector=connector)
    if not weeks(sessions, ANY, _EVENING.weekday()):
        return ()
    drawn = (stays(sessions, place, seed=rng.randrange(1 << 30)) for _ in range(10))
    return next((found[-1:] for found in drawn if found), ())


def _world(name: str, begin: datetime, seconds: int, load: NDArray[np.float32], found: list[Stay]) -> World:
    return World(
        name=name,
        start=begin.replace(tzinfo=UTC),
        seconds=seconds,
        load=load,
        sun=np.zeros(seconds, dtype=np.float32),
        tariff=fixed(np.zeros(seconds // 3600), 3600),
        stays=tuple(found),
    )
