"""Recorded weeks, second by second."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.worlds.recordings import Recording, read, recordings
from benchmarks.worlds.seconds import load_seconds, sun_seconds
from benchmarks.worlds.tariffs import dynamic
from benchmarks.worlds.weeks import world

HEAD = "t_local,t_utc,load_w,load_l1_w,load_l2_w,load_l3_w,pv_s35_w_per_kwp,price_eur_mwh"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        f"2025-03-10 {i // 60:02}:{i % 60:02},{9 + (i + 23 * 60) // 1440:02},600,100,200,300,{i % 1000},{90 - i // 60}"
        for i in range(24 * 60)
    ]
    stamped = [
        row.replace(row.split(",")[1], f"2025-03-{row.split(',')[1]} {(i // 60 + 23) % 24:02}:{i % 60:02}", 1)
        for i, row in enumerate(rows)
    ]
    (tmp_path / "week_test_1min.csv").write_text("\n".join([HEAD, *stamped]) + "\n")
    return tmp_path


@pytest.fixture
def shipped() -> Recording:
    return recordings()[0]


def test_a_folder_of_weeks_is_read(folder: Path) -> None:
    (found,) = recordings(folder)
    assert found.name == "test"
    assert found.start.isoformat() == "2025-03-09T23:00:00+00:00"
    assert found.load[:, 0].tolist() == [100, 200, 300]
    assert found.spot is not None
    assert found.spot[0] == pytest.approx(0.09)
    built = world(found, seed=1, tariff="dynamic", kwp=2)
    assert built.tariff.step == 3600
    assert built.tariff.export_price[5] == pytest.approx(0.085)
    assert built.tariff.import_price[5] == pytest.approx(1.21 * 0.085 + 0.13)
    assert built.sun.max() == pytest.approx(2 * 999, rel=0.01)


def test_what_was_not_measured_stays_at_what_was(tmp_path: Path) -> None:
    path = tmp_path / "week_gap_1min.csv"
    path.write_text("t_local,load_w\n2025-03-10 00:00,300\n2025-03-10 00:01,\n2025-03-10 00:02,600\n")
    assert read(path).load.sum(axis=0).tolist() == [300, 300, 600]


def test_the_shipped_days_have_prices_of_the_same_weekdays(shipped: Recording) -> None:
    assert shipped.minutes == 4 * 24 * 60
    assert shipped.local.strftime("%a %H:%M") == "Sat 00:00"
    assert shipped.spot is not None
    cheapest = int(np.argmin(shipped.spot)) // 60
    assert cheapest == 24 + 13, "the Sunday of the shipped prices is cheapest at 11:00 UTC, 13:00 by the wall clock"


def test_the_seconds_of_a_week_are_the_seeds(shipped: Recording) -> None:
    first, same, other = (world(shipped, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.load, same.load)
    assert np.array_equal(first.sun, same.sun)
    assert not np.array_equal(first.load, other.load)
    assert not np.array_equal(first.sun, other.sun)


def test_a_roof_of_twice_the_size_does_not_change_the_load(shipped: Recording) -> None:
    small, large = world(shipped, seed=1, kwp=4), world(shipped, seed=1, kwp=8, tariff="dynamic")
    assert np.array_equal(small.load, large.load)
    np.testing.assert_allclose(2 * small.sun, large.sun, rtol=1e-5)


def test_moved_edges_keep_the_energy(shipped: Recording) -> None:
    seconds = load_seconds(shipped.load, np.random.default_rng(3)).sum(dtype=np.float64) / 3600
    kettles, hob = 4 * 6 * 2200 * 180 / 3600, 4 * 2000 * 1500 / 3600 / 2
    assert seconds - kettles - hob == pytest.approx(shipped.load.sum() / 60, rel=0.01)


def test_levels_are_measured_ones_and_edges_are_anywhere() -> None:
    minutes = np.tile(np.array([100.0, 900.0]), (3, 720))
    load = load_seconds(minutes, np.random.default_rng(1))
    quiet = load[:, : 6 * 3600]
    usual = (quiet == 100) | (quiet == 900)
    assert usual.mean() > 0.999
    jumps = np.flatnonzero(np.diff(quiet[0]) > 0) % 60
    assert len(set(jumps.tolist())) > 40


def test_the_hob_chops_within_seconds() -> None:
    load = load_seconds(np.full((3, 1440), 100.0), np.random.default_rng(1)).astype(np.float64)
    edges = np.abs(np.diff(load, axis=1)) > 1900
    assert edges.sum() > 600


def test_sun_seconds_keep_the_energy_of_the_minutes() -> None:
    minutes = np.random.default_rng(1).uniform(0, 800, 1440)
    assert sun_seconds(minutes).mean() == pytest.approx(minutes.mean(), rel=0.005)


def test_the_dynamic_contract_never_pays_more_than_it_takes() -> None:
    tariff = dynamic(np.array([-0.5, 0.0, 0.3]), 3600)
    assert np.all(tariff.import_price > tariff.export_price)
