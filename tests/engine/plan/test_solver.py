"""The solver, where it is and where it is not."""

import sys

import pytest

from custom_components.smart_evse.engine.plan import PlanSource, make_plan
from tests.engine.plan.world import car, night, site

DEAR = site(car(start_price=0.2), slots=night(48, 0.29, 0.30))


def test_a_better_plan_says_where_it_is_from() -> None:
    assert make_plan(DEAR, None, 0.0).source is PlanSource.GREEDY
    assert make_plan(DEAR, None, 5.0).source is PlanSource.SOLVER


def test_without_the_solver_the_first_plan_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    assert make_plan(DEAR, None, 5.0) == make_plan(DEAR, None, 0.0)


def test_no_time_is_no_reason_for_no_plan() -> None:
    assert make_plan(DEAR, None, 1e-6).stays[0].missing < 300
