"""Garages from recordings."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from benchmarks.worlds.garage import CALTECH, HOMES, block, caltech, one_at_a_time
from benchmarks.worlds.model import Stay
from benchmarks.worlds.sessions import FILE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / CALTECH).write_text(
        "session_id,station_id,plug_in,plug_out,energy_kwh\n"
        "a,CA-2,2019-03-01 06:20,2019-03-01 07:40,4\n"
        "b,CA-1,2019-03-02 08:00,2019-03-02 18:00,70\n"
        "c,CA-1,2019-03-04 08:00,2019-03-04 18:00,10\n"
    )
    homes = [f"load_{i:03}_w" for i in range(40)]
    lines = [",".join(["minute", *homes]), *(",".join(map(str, [i, *[100 + i] * 40])) for i in range(1440))]
    (tmp_path / HOMES).write_bytes(gzip.compress("\n".join(lines).encode()))
    rows = [
        f"G,U{user},Private,2019-01-{day:02} 18:{user:02},2019-01-{day + 1:02} 07:00,8"
        for user in range(25)
        for day in (1, 8, 15, 22, 29)
    ]
    head = "garage_id,user_id,user_type,plug_in,plug_out,energy_kwh"
    (tmp_path / FILE).write_bytes(gzip.compress("\n".join([head, *rows]).encode()))
    return tmp_path


def test_days_of_a_month(folder: Path) -> None:
    found = caltech(folder, days=3)
    first, second = found.stays
    assert (first.connector, first.arrive, first.depart) == (1, 22_800, 27_600)
    assert second.wanted == pytest.approx(0.904 * 70_000)
    assert second.soc + second.wanted / second.capacity == pytest.approx(0.8)
    assert second.soc > 0
    assert [stay.wanted for stay in caltech(folder, first=3, days=1).stays] == [9_040.0]


def test_a_block_has_twenty_cars_below_ten_homes_a_phase(folder: Path) -> None:
    found = block(folder, seed=1)
    assert sorted(stay.connector for stay in found.stays) == list(range(20))
    assert found.load.shape == (3, 86_400)
    assert np.median(found.load[:, :60]) == pytest.approx(10 * (100 + 720), rel=0.01)
    assert all(stay.depart <= 19 * 3600 for stay in found.stays)


def test_a_connector_has_one_car_at_a_time() -> None:
    def stay(arrive: int, depart: int) -> Stay:
        return Stay(connector=0, arrive=arrive, depart=depart, wanted=1.0, capacity=60_000.0, soc=0.5)

    kept = one_at_a_time([stay(0, 5000), stay(3000, 4000), stay(4000, 9000)])
    assert [(each.arrive, each.depart) for each in kept] == [(0, 2940), (3000, 3940), (4000, 9000)]
