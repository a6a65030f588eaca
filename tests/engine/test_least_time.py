"""Cars with a departure on one fuse: one after another, who has least time first."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

from hypothesis import given, strategies as st

from custom_components.smart_evse.engine.balance import Demand, share
from custom_components.smart_evse.engine.claims import Case, reason
from custom_components.smart_evse.engine.memory import AppetiteMemory, TurnMemory
from custom_components.smart_evse.engine.model import (
    ConnectorMemory,
    ConnectorReading,
    ConnectorSettings,
    HouseMemory,
    Memory,
    Rank,
    ReasonKey,
    SiteSettings,
    Snapshot,
)
from custom_components.smart_evse.engine.rooms import Room
from custom_components.smart_evse.engine.scene import Scene

HOUR = 3600.0
NOW = 10_000.0


def demand(name: str, spare: float | None, *, running: bool = False, asleep: bool = False) -> Demand:
    memory = ConnectorMemory(amps=6.0 if running else 0.0)
    if running:
        memory = replace(memory, turn=TurnMemory(served_since=0.0))
    if asleep:
        memory = replace(memory, appetite=AppetiteMemory(amps=0.0, since=NOW))
    settings, reading = ConnectorSettings(id=name), ConnectorReading(at=NOW)
    case = Case(settings=settings, memory=memory, reading=reading, last=reading, phases=(0, 1, 2), per_amp=690.0)
    return Demand(case=case, amps=16.0, spare=spare)


def granted(demands: list[Demand], amps: float) -> dict[str, float]:
    scene = Scene(
        snapshot=Snapshot(now=NOW, utc=datetime(2026, 6, 1, tzinfo=UTC), since_start=NOW),
        settings=SiteSettings(fuse=amps),
        memory=Memory(),
        house=HouseMemory(),
        cases=tuple(item.case for item in demands),
        seconds=1.0,
    )
    loads = dict.fromkeys((item.id for item in demands), 1.0)
    room = Room(rank=Rank.FUSE, amount=amps, loads=loads, reason=reason(ReasonKey.MAIN_FUSE, phase="L1", headroom=amps))
    shares = share(demands, [room], scene)
    return {item.id: min(16.0, *(claim.amps for claim in shares[item.id])) for item in demands}


def test_who_has_least_time_charges_in_full_and_the_others_wait() -> None:
    cars = [demand("a", 5 * HOUR), demand("b", HOUR), demand("c", 3 * HOUR)]
    assert granted(cars, 20.0) == {"a": 0.0, "b": 16.0, "c": 0.0}


def test_a_car_that_runs_keeps_its_minimum() -> None:
    cars = [demand("a", 5 * HOUR, running=True), demand("b", HOUR)]
    assert granted(cars, 20.0) == {"a": 6.0, "b": 14.0}


def test_a_car_that_takes_nothing_leaves_its_minimum_to_others() -> None:
    cars = [demand("a", HOUR, running=True, asleep=True), demand("b", 5 * HOUR)]
    assert granted(cars, 20.0) == {"a": 0.0, "b": 16.0}


def test_a_car_that_can_wait_leaves_the_fuse_to_one_without_a_departure() -> None:
    cars = [demand("a", HOUR), demand("b", None)]
    assert granted(cars, 20.0) == {"a": 0.0, "b": 16.0}


def test_a_car_that_can_no_longer_wait_goes_before_one_without_a_departure() -> None:
    cars = [demand("a", 60.0), demand("b", None)]
    assert granted(cars, 24.0) == {"a": 16.0, "b": 8.0}


@given(st.lists(st.none() | st.floats(-HOUR, 10 * HOUR), min_size=1, max_size=4), st.floats(0.0, 60.0))
def test_the_order_of_the_cars_does_not_matter(spares: list[float | None], amps: float) -> None:
    cars = [demand(f"car{index}", spare) for index, spare in enumerate(spares)]
    first, *others = (granted(list(order), amps) for order in permutations(cars))
    assert all(other == first for other in others)
    assert sum(first.values()) <= amps + 1e-6
