"""What is captured of what could be saved, and what does not count."""

import math

import pytest

from benchmarks.laws.table import IDEAL, OURS, OURS_ONE_WAY, PLUG
from benchmarks.scores.compared import BOUND, ONE_WAY, OPTIMUM, SPARING, Compared, together
from benchmarks.scores.score import Score
from benchmarks.scores.shown import lines


def group(**costs: float) -> Compared:
    names = {"plug": PLUG, "bound": BOUND, "one_way": ONE_WAY, "ours_one_way": OURS_ONE_WAY}
    return Compared("test", {names.get(name, name): [Score(cost=cost, wanted=10.0)] for name, cost in costs.items()})


def test_nothing_is_captured_by_the_worst_and_all_by_the_bound() -> None:
    found = group(plug=30.0, law=22.0, bound=20.0)
    assert [found.captured(law) for law in found.laws] == [0.0, pytest.approx(0.8), 1.0]
    assert found.prize == 10.0


def test_a_small_prize_judges_nobody() -> None:
    assert group(plug=30.0, bound=20.0).is_judged
    assert not group(plug=24.0, bound=20.0).is_judged


def test_missing_energy_voids() -> None:
    runs = {PLUG: [Score(cost=3.0)], "law": [Score(cost=1.0, wanted=100.0, missing=0.6)], BOUND: [Score(cost=1.0)]}
    assert Compared("test", runs).is_void("law")
    runs["law"] = [Score(cost=1.0, wanted=100.0, missing=0.4)]
    assert not Compared("test", runs).is_void("law")


def test_a_bound_is_shown_and_not_judged() -> None:
    lacking = Score(cost=12.0, wanted=10.0, missing=5.0)
    found = Compared(
        "test", {PLUG: [Score(cost=30.0)], SPARING: [lacking], BOUND: [Score(cost=10.0)], "law": [lacking]}
    )
    assert found.laws == [PLUG, "law", SPARING, BOUND]
    assert found.captured(SPARING) == pytest.approx(0.9)
    assert found.is_void("law")
    assert not found.is_void(SPARING)
    (shown,) = (line for line in lines("a title", "money", [found]) if SPARING in line)
    assert shown.split(SPARING)[1].split() == ["0.900", "18.00", "-"], "money and nothing else"


def test_weeks_are_summed_before_they_are_divided() -> None:
    both = together("both", [group(plug=30.0, law=21.0, bound=20.0), group(plug=1.0, law=1.0, bound=0.0)])
    assert both.captured("law") == pytest.approx(9 / 11)


def test_what_giving_back_adds_is_counted_from_the_same_that_only_charges() -> None:
    found = group(plug=30.0, ours=20.0, ours_one_way=23.0, bound=16.0, one_way=20.0)
    assert found.extra_captured(OURS) == pytest.approx(0.75)
    assert found.extra_captured(BOUND) == 1.0
    assert math.isnan(found.extra_captured(PLUG))
    assert math.isnan(group(plug=30.0, ours=20.0, bound=16.0, one_way=20.0).extra_captured(OURS))


def test_an_overload_is_a_multiple_of_the_ideal() -> None:
    runs = {IDEAL: [Score(over_as=100.0, over_s=10, safe_p95=4.0)], "law": [Score(over_as=150.0, over_s=30)]}
    assert Compared("test", runs).against_ideal("law") == (1.5, 3.0, 0.0)
    assert all(math.isnan(each) for each in group(plug=1.0).against_ideal(PLUG))


def test_energy_delivered_is_a_part_of_the_optimum() -> None:
    runs = {"law": [Score(given=45.0, wanted=100.0)], OPTIMUM: [Score(given=50.0)]}
    assert Compared("test", runs).delivered("law") == pytest.approx(0.9)
