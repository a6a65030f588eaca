"""Plug-ins of real drivers on a world."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path

from hypothesis import given, strategies as st
import pytest

from benchmarks.worlds.sessions import PATTERNS, Place, pattern_stays, stays, users

MONDAY = datetime(2025, 2, 10)  # noqa: DTZ001
WEEK = 7 * 24 * 3600


@given(seed=st.integers(0, 10_000), name=st.sampled_from(sorted(PATTERNS)))
def test_a_week_of_a_pattern_is_as_long_plugged_as_it_says(seed: int, name: str) -> None:
    found = pattern_stays(name, Place(local=MONDAY, seconds=WEEK), seed=seed)
    hours = sum(stay.depart - stay.arrive for stay in found) / 3600
    least, most = PATTERNS[name].hours
    assert hours <= most
    assert hours > least - 24, "a stay over the end of the week is cut"


@given(seed=st.integers(0, 10_000), days=st.integers(1, 7), name=st.sampled_from(sorted(PATTERNS)))
def test_every_stay_can_be_served(seed: int, days: int, name: str) -> None:
    found = pattern_stays(name, Place(local=MONDAY, seconds=days * 24 * 3600), seed=seed)
    for before, after in pairwise(found):
        assert before.depart <= after.arrive
    for stay in found:
        assert 0 <= stay.arrive < stay.depart <= days * 24 * 3600
        assert stay.soc >= 0.1 - 1e-9
        assert stay.soc + stay.wanted / stay.capacity <= 0.95 + 1e-9
        assert stay.wanted <= 10_000 * (stay.depart - stay.arrive) / 3600


def test_weekday_and_hour_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "sessions.csv"
    path.write_text(
        "garage_id,user_id,user_type,plug_in,plug_out,energy_kwh\n"
        "G,U,Private,2019-01-07 17:00,2019-01-07 17:30,1\n"
        "G,U,Private,2019-01-07 17:35,2019-01-08 07:00,19\n"
        "G,U,Private,2019-02-08 17:00,2019-02-08 18:00,1\n"
    )
    mine = users(path)["U"]
    (first,) = stays(mine, Place(local=MONDAY, seconds=WEEK), seed=0, hours=(10, 20))
    assert (first.arrive, first.depart) == (17 * 3600, 31 * 3600), "back within ten minutes is not away"
    assert first.wanted == pytest.approx(20_000 * 0.904)
    (cut,) = stays(mine, Place(local=MONDAY, seconds=18 * 3600), seed=0, hours=(10, 20))
    assert cut.depart == 18 * 3600
    assert cut.wanted == pytest.approx(9_980 * 3300 / 3600, rel=0.01)


def test_nobody_plugs_in_like_that() -> None:
    with pytest.raises(ValueError, match="no week"):
        stays(users()["AdO1-1"], Place(local=MONDAY, seconds=WEEK), seed=0, hours=(160, 168))
