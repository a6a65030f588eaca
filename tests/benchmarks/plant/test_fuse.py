"""A fuse: what it holds, what melts it, and how much of that an overload uses."""

from itertools import pairwise

import numpy as np
import pytest

from benchmarks.plant.fuse import GATES, melting_share, melting_time


@pytest.mark.parametrize("rating", GATES)
def test_it_stands_the_points_of_the_standard(rating: int) -> None:
    ten, tenth = GATES[rating]
    found = melting_time(np.array([rating, 1.24 * rating, 1.6 * rating, ten, tenth]), rating)
    assert found == pytest.approx([np.inf, np.inf, 3600.0, 10.0, 0.1])


def test_more_current_melts_it_sooner() -> None:
    times = melting_time(np.linspace(32.0, 150.0, 200), 25)
    assert all(after < before for before, after in pairwise(times))


def test_the_direction_does_not_matter() -> None:
    assert melting_time(-60.0, 25) == melting_time(60.0, 25)


def test_an_overload_uses_its_part() -> None:
    amps = np.full(7_200, 20.0)
    assert melting_share(amps, 25) == 0.0
    amps[100:101] = 52.0
    assert melting_share(amps, 25) == pytest.approx(0.1)


def test_what_lies_more_than_an_hour_apart_does_not_add_up() -> None:
    amps = np.full(10_000, 20.0)
    amps[[0, 5_000]] = 52.0
    assert melting_share(amps, 25) == pytest.approx(0.1)
    amps[3_000] = 52.0
    assert melting_share(amps, 25) == pytest.approx(0.2)
