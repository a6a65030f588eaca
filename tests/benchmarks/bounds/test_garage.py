"""What a garage can deliver."""

from datetime import UTC, datetime

import numpy as np
import pytest

from benchmarks.bounds.garage import fuse_rooms, garage_bound, limit_room
from benchmarks.worlds.model import Stay, Tariff, World

HOUR = 3600


def garage(*spans: tuple[int, int, float]) -> World:
    stays = tuple(
        Stay(connector=i, arrive=arrive, depart=depart, wanted=wanted, capacity=60_000.0, soc=0.2)
        for i, (arrive, depart, wanted) in enumerate(spans)
    )
    tariff = Tariff(import_price=np.full(4, 0.3), export_price=np.full(4, 0.1), step=HOUR)
    return World(
        name="garage",
        start=datetime(2025, 3, 10, tzinfo=UTC),
        seconds=4 * HOUR,
        load=np.zeros((3, 4 * HOUR), dtype=np.float32),
        sun=np.zeros(4 * HOUR, dtype=np.float32),
        tariff=tariff,
        stays=stays,
    )


def test_who_leaves_first_is_served_first() -> None:
    found = garage((0, HOUR, 9_000.0), (0, 4 * HOUR, 27_000.0))
    bound = garage_bound(found, [limit_room(found, 10_000.0, (0, 1))], power=10_000.0, efficiency=0.9)
    assert bound.missing == pytest.approx(0, abs=1e-6)
    assert bound.energy == pytest.approx(36_000)


def test_the_limit_is_what_there_is() -> None:
    found = garage((0, HOUR, 9_000.0), (0, HOUR, 9_000.0))
    bound = garage_bound(found, [limit_room(found, 10_000.0, (0, 1))], efficiency=0.9)
    assert bound.energy == pytest.approx(9_000)
    assert bound.missing == pytest.approx(9_000)


def test_a_phase_that_the_house_fills_gives_nothing() -> None:
    found = garage((0, HOUR, 5_000.0), (0, HOUR, 5_000.0))
    found.load[0] = 25 * 230
    bound = garage_bound(found, fuse_rooms(found, 25.0, {0: (0,), 1: (1,)}), power=3_680.0, efficiency=0.9)
    assert bound.energy == pytest.approx(0.9 * 3_680)


def test_a_three_phase_car_takes_a_third_of_each() -> None:
    found = garage((0, HOUR, 9_000.0))
    found.load[2] = 15 * 230
    bound = garage_bound(found, fuse_rooms(found, 25.0, {0: (0, 1, 2)}), efficiency=0.9)
    assert bound.energy == pytest.approx(0.9 * 3 * 10 * 230)


def test_nobody_there() -> None:
    found = garage()
    assert garage_bound(found, [limit_room(found, 10_000.0, ())]).energy == 0
