"""Sun, recording and appliances: what is around the chargers."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from simulator.appliances import KINDS, Appliance
from simulator.recording import SAMPLE, Recording
from simulator.sun import SKIES, ModelledSun

DAY = datetime.fromisoformat("2007-05-14")
ROOT = Path(__file__).parents[2]


def day_of(sky: str, seed: int = 1) -> list[float]:
    sun = ModelledSun(SKIES[sky], seed=seed)
    return [sun.per_kwp(DAY + timedelta(minutes=minute)) for minute in range(24 * 60)]


def test_the_sun_is_up_by_day() -> None:
    day = day_of("clear")
    assert day[0] == 0
    assert max(day) == pytest.approx(day[13 * 60 + 36], rel=0.001)
    assert 6_000 < sum(day) / 60 < 8_000


def test_clouds_take_some_of_it() -> None:
    sums = [sum(day_of(sky)) for sky in ("clear", "sunny", "changeable", "dull")]
    assert sums == sorted(sums, reverse=True)
    assert sums[3] < sums[0] / 2


def test_the_same_seed_gives_the_same_day() -> None:
    assert day_of("changeable", 3) == day_of("changeable", 3)
    assert day_of("changeable", 3) != day_of("changeable", 4)


def test_the_sample_says_where_it_is_from() -> None:
    readme = (ROOT / "simulator" / "data" / "README.md").read_text()
    assert SAMPLE in readme
    assert "CC BY 4.0" in readme
    assert "modelled, not measured" in readme


def test_the_sample_is_four_days_without_a_sun() -> None:
    sample = Recording.read()
    assert sample.start == datetime.fromisoformat("2007-05-12")
    assert len(sample.load) == 4 * 24 * 60
    assert sample.sun is None
    assert sample.per_kwp(DAY) == 0


def test_the_load_keeps_to_the_recording() -> None:
    sample = Recording.read()
    seconds = [sample.start + timedelta(seconds=second) for second in range(3600)]
    simulated = sum(sum(sample.load_at(at, 1)) for at in seconds) / 3600
    recorded = sum(sum(watts) for watts in sample.load[:60]) / 60
    assert simulated == pytest.approx(recorded, rel=0.05)


def test_after_the_end_it_begins_again() -> None:
    sample = Recording.read()
    sample.load_at(sample.start + timedelta(days=9), 1)
    sample.load_at(sample.start - timedelta(days=1), 1)


def test_a_recording_may_have_phases_and_a_sun_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(
        "t_local,load_w,load_l1_w,load_l2_w,load_l3_w,pv_s35_w_per_kwp\n"
        "2025-03-10 12:00,600,100,200,300,500\n2025-03-10 12:01,600,100,200,300,600\n"
    )
    own = Recording.read(file)
    assert own.load[0] == (100, 200, 300)
    assert own.per_kwp(own.start + timedelta(seconds=30)) == pytest.approx(550)


def test_a_recording_of_one_row_is_none(tmp_path: Path) -> None:
    file = tmp_path / "short.csv"
    file.write_text("t_local,load_w\n2025-03-10 12:00,600\n")
    with pytest.raises(ValueError, match="two rows"):
        Recording.read(file)


def test_appliances_cycle_surge_and_end() -> None:
    induction = Appliance(KINDS["induction"], 0, 900)
    assert induction.watts == 2000
    induction.on_for = 1.5
    assert induction.watts == 0
    pump = Appliance(KINDS["heat_pump"], 0, 3600)
    assert pump.watts == 7800
    pump.on_for = 1.0
    assert pump.watts == 2600
    pump.on_for = 3600
    assert pump.finished
