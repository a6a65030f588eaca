"""Small worlds, and controllers that drive a charger through them by chance."""

from datetime import UTC, datetime
import random

from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray

from benchmarks.bounds.modes import Modes
from benchmarks.bounds.terms import departure_cost, net, prices
from benchmarks.worlds.model import Stay, Tariff, World

HOUR = 3600


def world(*, load: NDArray[np.float32], sun: NDArray[np.float32], tariff: Tariff, stays: tuple[Stay, ...]) -> World:
    return World(
        name="small",
        start=datetime(2025, 3, 10, tzinfo=UTC),
        seconds=len(sun),
        load=load,
        sun=sun,
        tariff=tariff,
        stays=stays,
    )


def quiet(hours: int, *, bought: list[float], sold: list[float], stay: Stay, watts: float = 0.0) -> World:
    """A house of constant load without a sun, with a price an hour."""
    load = np.zeros((3, hours * HOUR), dtype=np.float32)
    load[0] = watts
    tariff = Tariff(import_price=np.array(bought), export_price=np.array(sold), step=HOUR)
    return world(load=load, sun=np.zeros(hours * HOUR, dtype=np.float32), tariff=tariff, stays=(stay,))


@st.composite
def worlds(draw: st.DrawFn, *, cheapest: float = -0.2) -> World:
    """Two hours of a house, its prices and a car: anything from dull to negative."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    seconds = 2 * HOUR
    levels = rng.integers(20, 200)
    load = np.repeat(rng.uniform(0, 1500, (3, levels)), -(-seconds // levels), axis=1)[:, :seconds]
    sun = np.repeat(rng.uniform(0, draw(st.sampled_from((0, 3000, 12000))), 48), 150)
    sold = rng.uniform(cheapest, 0.3, 8)
    tariff = Tariff(import_price=sold + rng.uniform(0, 0.3), export_price=sold, step=900)
    arrive = draw(st.integers(0, HOUR))
    capacity = draw(st.sampled_from((4_000.0, 60_000.0)))
    soc = draw(st.floats(0.1, 0.6))
    stay = Stay(
        connector=0,
        arrive=arrive,
        depart=draw(st.integers(arrive + 300, seconds)),
        wanted=draw(st.floats(0, min(8_000.0, (1 - soc) * capacity))),
        capacity=capacity,
        soc=soc,
    )
    return world(load=load.astype(np.float32), sun=sun.astype(np.float32), tariff=tariff, stays=(stay,))


def by_chance(found: World, modes: Modes, rng: random.Random, *, reserve: float) -> NDArray[np.float64]:
    """W at the wall and into the battery of each second of the stay (two rows): any mode, any power of a range."""
    (stay,) = found.stays
    held, flows = stay.soc * stay.capacity, np.zeros((2, stay.depart - stay.arrive))
    least = min(held, reserve * stay.capacity) if modes.all_points[1].min() < 0 else 0.0
    spare = -net(found, stay.arrive, stay.depart)
    t = 0
    while t < stay.depart - stay.arrive:
        until = t + rng.randint(1, 400)
        mode = rng.randrange(len(modes.points[0]) + 2 * len(modes.ranges))
        follow = rng.random() < 0.5
        power = rng.random()
        while t < min(until, stay.depart - stay.arrive):
            wall, into = _chosen(modes, mode, power, float(spare[t]) if follow else None)
            if least <= held + into / 3600 <= max(stay.capacity, held):
                held += into / 3600
                flows[:, t] = wall, into
            t += 1
    return flows


def with_pauses(found: World, modes: Modes, rng: random.Random) -> NDArray[np.float64]:
    """The same of a charger that rests 20 s before it starts again, and a minute before other phases."""
    (stay,) = found.stays
    span = stay.depart - stay.arrive
    held, flows = stay.soc * stay.capacity, np.zeros((2, span))
    spare = -net(found, stay.arrive, stay.depart)
    t, group = rng.choice((0, rng.randint(0, 300))), rng.randrange(len(modes.groups))
    while t < span:
        until = min(span, t + rng.choice((3, 30, 300, 3000)))
        while t < until:
            device = modes.groups[group]
            mode = rng.randrange(len(device.points[0]) + 2 * len(device.ranges))
            power, follow, rest = rng.random(), rng.random() < 0.5, rng.randint(1, 60)
            for second in range(t, min(until, t + rest)):
                wall, into = _chosen(device, mode, power, float(spare[second]) if follow else None)
                if held + into / 3600 > max(stay.capacity, held):
                    return flows
                held += into / 3600
                flows[:, second] = wall, into
            t += rest
        t = until
        other = rng.randrange(len(modes.groups))
        t += (20 if other == group else 60) + rng.choice((0, 0, rng.randint(0, 200)))
        group = other
    return flows


def _chosen(modes: Modes, mode: int, power: float, spare: float | None) -> tuple[float, float]:
    if mode < len(modes.points[0]):
        return float(modes.points[0][mode]), float(modes.points[1][mode])
    walls, batteries = modes.ranges[(mode - len(modes.points[0])) // 2]
    wall = float(walls[0] + power * (walls[-1] - walls[0]) if spare is None else np.clip(spare, walls[0], walls[-1]))
    return wall, float(np.interp(wall, walls, batteries))


def site_flow(found: World, flows: NDArray[np.float64]) -> NDArray[np.float64]:
    """W of house and car together."""
    (stay,) = found.stays
    flow = net(found, 0, found.seconds)
    flow[stay.arrive : stay.depart] += flows[0]
    return flow


def cost(found: World, flows: NDArray[np.float64], battery: NDArray[np.float64] | float = 0.0) -> float:
    """What a world with one stay costs under these flows; `battery` is what a home battery gives, in W."""
    (stay,) = found.stays
    grid = site_flow(found, flows) - battery
    bought, sold = prices(found.tariff, 0, found.seconds)
    bill = float(np.sum(np.where(grid > 0, bought, sold) * grid)) / 3.6e6
    return bill + departure_cost(found.tariff, stay, float(flows[1].sum()) / 3600)
