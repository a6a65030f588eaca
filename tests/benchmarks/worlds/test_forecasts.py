"""What is known of the sun, and that it is no more than that."""

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
import pytest

from benchmarks.worlds.forecasts import EVERY, HOURS, forecasts, hourly, yesterdays
from benchmarks.worlds.model import Tariff, World

DAYS = 40
FLAT = np.full(1, 0.3)


def world(sun: NDArray[np.float32]) -> World:
    return World(
        name="test",
        start=datetime(2025, 6, 1, tzinfo=UTC),
        seconds=len(sun),
        load=np.zeros((3, 0), dtype=np.float32),
        sun=sun,
        tariff=Tariff(import_price=FLAT, export_price=FLAT, step=len(sun)),
    )


@pytest.fixture(scope="module")
def sunny() -> World:
    day = np.maximum(0, np.sin((np.arange(86_400) / 86_400 - 0.25) * 2 * np.pi)) * 5000
    return world(np.tile(day, DAYS).astype(np.float32))


def test_without_errors_it_is_the_truth(sunny: World) -> None:
    issue = forecasts(sunny, seed=1, daily=0, wander=0).at(EVERY * 3 + 5)
    assert issue is not None
    assert issue.issued == EVERY * 3
    np.testing.assert_allclose(issue.sun, hourly(sunny)[18 : 18 + HOURS])


def test_no_hour_is_told_as_it_will_be(sunny: World) -> None:
    for issue in forecasts(sunny, seed=1).issues[:-8]:
        first = issue.issued // 3600
        truth = hourly(sunny)[first : first + HOURS]
        light = truth > 1
        assert np.all(issue.sun[~light] <= 1), "nights are dark"
        assert np.all(np.abs(issue.sun[light] / truth[light] - 1) > 1e-6)


def test_errors_are_as_large_as_they_are_said_to_be(sunny: World) -> None:
    def spread(daily: float, wander: float) -> float:
        logs = []
        for seed in range(5):
            for issue in forecasts(sunny, seed=seed, daily=daily, wander=wander).issues[:-8:8]:
                first = issue.issued // 3600
                truth = hourly(sunny)[first : first + HOURS]
                logs.append(np.log(issue.sun[truth > 1] / truth[truth > 1]))
        return float(np.std(np.concatenate(logs)))

    assert spread(0.3, 0) == pytest.approx(0.3, rel=0.1)
    assert spread(0, 0.45) == pytest.approx(0.45, rel=0.1)


def test_an_issue_remembers_the_one_before(sunny: World) -> None:
    errors = []
    for issue in forecasts(sunny, seed=3).issues[:-12]:
        noon = (issue.issued // 86_400 + 1) * 24 + 12
        errors.append((noon, np.log(issue.sun[noon - issue.issued // 3600] / hourly(sunny)[noon])))
    same = [(a[1], b[1]) for a, b in pairwise(errors) if a[0] == b[0]]
    correlation = np.corrcoef(np.array(same).T)[0, 1]
    assert 0.5 < correlation < 0.9


def test_what_happens_later_is_in_no_forecast_of_yesterday() -> None:
    rng = np.random.default_rng(1)
    first, second = (rng.uniform(100, 500, 86_400 * 4).astype(np.float32) for _ in range(2))
    changed = first.copy()
    changed[86_400 * 2 :] = second[86_400 * 2 :]
    for before, after in zip(yesterdays(world(first)).issues, yesterdays(world(changed)).issues, strict=True):
        if before.issued <= 86_400 * 2:
            np.testing.assert_array_equal(before.sun, after.sun)


def test_a_forecast_reaches_beyond_the_end(sunny: World) -> None:
    last = forecasts(sunny, seed=1, daily=0, wander=0).issues[-1]
    assert len(last.sun) == HOURS
    np.testing.assert_allclose(last.sun[6:30], hourly(sunny)[-24:])


def test_all_of_them_can_be_too_high(sunny: World) -> None:
    plain, high = (forecasts(sunny, seed=1, factor=factor).issues[2].sun for factor in (1.0, 1.5))
    np.testing.assert_allclose(high, 1.5 * plain)


def test_nothing_is_known_before_the_first(sunny: World) -> None:
    assert forecasts(sunny, seed=1).at(-1) is None
