"""The faults of the meter: each can fail a law, and lasts long enough for it."""

from collections.abc import Mapping

import pytest

from benchmarks.plant.command import Command
from benchmarks.plant.intake import AVERAGE
from benchmarks.plant.site import Site
from benchmarks.plant.view import View
from benchmarks.scenarios.days import fault_case, fault_groups
from benchmarks.scenarios.running import unsafe

GROUPS = fault_groups(None)


class Stubborn:
    """A law that goes on as before whatever the meter says: safe until the house changes."""

    def __init__(self, order: Command) -> None:
        self.order = order

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        return {} if now % 10 else dict.fromkeys(view.trips, self.order)


class Resting:
    """A law that does nothing at all."""

    def act(self, now: int, view: View) -> Mapping[int, Command]:
        return {} if now % 10 else dict.fromkeys(view.trips, Command())


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_law_that_believes_on_is_unsafe_in_every_fault(group: str, seed: int) -> None:
    case = fault_case(None, group, seed)
    order = Command(16.0) if group.endswith(", charging") else Command(watts=-5_300.0)
    trace = Site(case.world, case.rig, lambda: Stubborn(order), case.forecasts, AVERAGE).run()
    assert case.watch is not None
    assert unsafe(case.world, case.rig, trace, case.watch) > 60


@pytest.mark.parametrize("group", GROUPS)
def test_a_law_that_rests_is_safe_in_every_fault(group: str) -> None:
    case = fault_case(None, group, 1)
    trace = Site(case.world, case.rig, Resting, case.forecasts, AVERAGE).run()
    assert case.watch is not None
    assert unsafe(case.world, case.rig, trace, case.watch) == 0


@pytest.mark.parametrize("group", GROUPS)
def test_the_house_changes_within_a_fault_that_lasts_for_minutes(group: str) -> None:
    case = fault_case(None, group, 2)
    fault = case.rig.faults[0]
    assert fault.end - fault.begin >= 180
    watts = case.world.load[:, fault.begin : fault.end].sum(axis=0)
    changed = abs(watts[1:] - watts[:-1]).argmax()
    assert abs(watts[changed + 1] - watts[changed]) > 2_000
    assert changed < 60
