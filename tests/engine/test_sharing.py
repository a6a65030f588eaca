"""Several cars on one fuse: turns, weights, what one leaves to the others, and circuits with meters of their own."""

from dataclasses import replace
from itertools import pairwise, permutations

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.decide import decide
from custom_components.smart_evse.engine.model import (
    AcLimit,
    Circuit,
    ConnectorSettings,
    GridReading,
    Memory,
    Mode,
    PerPhase,
    ReasonKey,
    SiteSettings,
    Snapshot,
)
from tests.engine.plant import START, Charger, Plant, steady

MINUTE = 60


def fast(number: int, **changes: object) -> ConnectorSettings:
    return replace(ConnectorSettings(id=f"box:{number}", mode=Mode.FAST), **changes)


def plant(fuse: float, boxes: list[ConnectorSettings], house: float = 0.0, **appetites: float) -> Plant:
    cars = [
        Charger(id=box.id, phases=box.phase_map, appetite=appetites.get(f"car{i}", 32.0)) for i, box in enumerate(boxes)
    ]
    return Plant(settings=SiteSettings(fuse=fuse, connectors=tuple(boxes)), flow=steady(house), chargers=cars)


def test_cars_that_do_not_all_fit_take_turns() -> None:
    site = plant(11.0, [fast(0), fast(1)])
    served = []
    for _ in range(60):
        site.run(MINUTE)
        served.append((bool(site.chargers[0].drawn), bool(site.chargers[1].drawn)))
    assert (True, True) not in served
    each = [sum(who) for who in zip(*served, strict=True)]
    assert min(each) > 20
    changes = sum(one != other for one, other in pairwise(served))
    assert changes <= 12


def test_a_car_that_waits_says_that_it_waits_for_its_turn() -> None:
    site = plant(11.0, [fast(0), fast(1)])
    site.run(30)
    waiting = next(box.id for box in site.chargers if not box.drawn)
    assert site.why(waiting) is ReasonKey.WAITING_TURN


def test_a_priority_does_not_wait_for_those_below_it() -> None:
    site = plant(11.0, [fast(0), fast(1, priority=1)])
    site.run(60 * MINUTE)
    assert site.chargers[0].energy == 0.0
    assert site.chargers[1].drawn >= 6.0


def test_weights_share_what_is_left_when_all_have_their_minimum() -> None:
    site = plant(25.0, [fast(0), fast(1, weight=2.0)])
    site.run(3 * MINUTE)
    assert (site.amps("box:0"), site.amps("box:1")) == (10.0, 14.0)


def test_what_a_car_leaves_is_given_on_and_given_back_when_it_asks() -> None:
    site = plant(25.0, [fast(0), fast(1)], car0=8.0)
    site.run(2 * MINUTE)
    assert site.chargers[0].drawn == 8.0
    assert site.chargers[1].drawn == 15.0
    site.chargers[0].appetite = 32.0
    site.run(2 * MINUTE)
    assert site.chargers[0].drawn == pytest.approx(12.0)
    assert site.overload(25.0) == 0.0


def test_a_full_car_leaves_its_minimum_to_one_that_waits() -> None:
    site = plant(11.0, [fast(0), fast(1)], car0=0.0)
    site.run(5 * MINUTE)
    assert site.chargers[1].drawn >= 6.0
    starts = sum(1 for _, amps in site.chargers[1].commands if amps > 0)
    site.run(40 * MINUTE)
    assert site.chargers[1].drawn >= 6.0
    assert sum(1 for _, amps in site.chargers[1].commands if amps > 0) - starts <= 2


def test_a_house_that_swings_about_the_limit_starts_the_car_less_and_less() -> None:
    site = plant(25.0, [fast(0)])
    site.flow = lambda t: PerPhase(19.0, 19.0, 19.0) if t // 60 % 2 else PerPhase(15.0, 15.0, 15.0)
    site.run(60 * MINUTE)
    started = sum(
        1
        for (_, a), (_, b) in zip(site.chargers[0].commands, site.chargers[0].commands[1:], strict=False)
        if a == 0 < b
    )
    assert started <= 12


@given(
    st.permutations(range(6)),
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from([1.0, 2.0]), st.sampled_from([(0, 1, 2), (0,), (2,)])),
        min_size=6,
        max_size=6,
    ),
    st.sampled_from([16.0, 25.0, 63.0]),
)
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_chargers_changes_nothing(
    order: list[int], boxes: list[tuple[int, float, tuple[int, ...]]], fuse: float
) -> None:
    known = [fast(i, priority=p, weight=w, phase_map=phases) for i, (p, w, phases) in enumerate(boxes)]
    limits = []
    for arranged in (known, [known[i] for i in order]):
        site = plant(fuse, arranged, house=2.0)
        decision = site.run(20)
        limits.append({setpoint.connector: setpoint.limit for setpoint in decision.setpoints})
    assert limits[0] == limits[1]


def circuits(*, max_age: float | None) -> SiteSettings:
    garage = Circuit(id="garage", name="Garage", limit=20.0, max_age=max_age, others=10.0)
    boxes = (fast(0, circuit="garage", fallback=0.0), fast(1))
    return SiteSettings(fuse=63.0, circuits=(garage,), connectors=boxes)


def test_a_circuit_with_a_meter_leaves_what_else_hangs_on_it() -> None:
    site = plant(63.0, list(circuits(max_age=10.0).connectors))
    site.settings = circuits(max_age=10.0)

    def told(t: int) -> dict[str, object]:
        oven = PerPhase(8.0, 0.0, 0.0)
        below = oven + site.chargers[0].currents
        return {"circuits": (("garage", GridReading(at=float(t), power=below.total * 230, currents=below)),)}

    site.told = told
    site.run(2 * MINUTE)
    assert site.amps("box:0") == 11.0
    assert site.why("box:0") is ReasonKey.CIRCUIT
    assert site.amps("box:1") == 16.0


def test_a_circuit_without_a_meter_keeps_free_what_else_may_hang_on_it() -> None:
    site = plant(63.0, list(circuits(max_age=None).connectors))
    site.settings = circuits(max_age=None)
    site.run(2 * MINUTE)
    assert site.amps("box:0") == 9.0
    assert site.why("box:0") is ReasonKey.CIRCUIT
    assert site.amps("box:1") == 16.0


def test_a_circuit_whose_meter_is_silent_falls_back_and_the_others_do_not() -> None:
    site = plant(63.0, list(circuits(max_age=10.0).connectors))
    site.settings = circuits(max_age=10.0)
    site.run(MINUTE)
    assert site.amps("box:0") == 0.0
    assert site.why("box:0") is ReasonKey.METER_SILENT
    assert site.amps("box:1") == 16.0


def test_circuits_that_name_each_other_as_parents_still_have_a_decision() -> None:
    loop = (
        Circuit(id="a", name="A", limit=20.0, parent="b"),
        Circuit(id="b", name="B", limit=16.0, parent="a", max_age=10.0),
    )
    settings_ = SiteSettings(fuse=63.0, circuits=loop, connectors=(fast(0, circuit="a"),))
    decision = decide(Snapshot(now=1.0, utc=START, since_start=500.0), settings_, Memory())
    assert isinstance(decision.setpoints[0].limit, AcLimit | None)


def test_every_order_of_three_cars_is_the_same() -> None:
    boxes = [fast(0), fast(1, weight=3.0), fast(2, phase_map=(1,))]
    results = set()
    for arranged in permutations(boxes):
        site = plant(32.0, list(arranged), house=1.0)
        site.run(MINUTE)
        results.add(tuple(site.amps(box.id) for box in boxes))
    assert len(results) == 1


def test_a_car_that_rises_in_steps_is_not_held_by_the_fuse() -> None:
    """The room is there; what is waited for is that box and car follow."""
    site = plant(25.0, [fast(0, settle=20.0)], house=16.0, car0=16.0)
    site.run(60)
    assert site.amps("box:0") == 8.0
    assert site.why("box:0") is ReasonKey.MAIN_FUSE
    site.flow = lambda t: steady(12.0)(t) if t < 70 else steady(2.0)(t)
    seen = set()
    while site.amps("box:0") != 16.0 and site.t < 300:
        site.step()
        setpoint = site.decisions[-1].setpoint("box:0")
        assert setpoint is not None
        why, amps = setpoint.limited_by.key, site.amps("box:0") or 0.0
        room = min(claim.amps for claim in setpoint.chain if claim.reason.key is ReasonKey.MAIN_FUSE)
        seen.add(why)
        assert (room >= amps + 1.0) is (why is not ReasonKey.MAIN_FUSE)
    assert site.t < 300
    assert ReasonKey.RISING in seen


@pytest.mark.parametrize(("settle", "amps"), [(8.0, 14.0), (20.0, 14.0), (60.0, 12.0), (180.0, 11.0)])
def test_a_charger_that_follows_late_keeps_a_distance_to_the_fuse(settle: float, amps: float) -> None:
    site = plant(20.0, [fast(0, settle=settle)], house=5.0)
    site.run(10 * MINUTE)
    assert site.amps("box:0") == amps
    assert site.why("box:0") is ReasonKey.MAIN_FUSE


def test_the_distance_of_one_holds_nobody_else_back() -> None:
    site = plant(25.0, [fast(0, settle=60.0), fast(1)])
    site.run(10 * MINUTE)
    assert (site.amps("box:0"), site.amps("box:1")) == (11.0, 13.0)


def test_a_late_charger_keeps_its_distance_to_a_circuit_too() -> None:
    site = plant(40.0, [fast(0, settle=60.0, circuit="garage")])
    site.settings = replace(site.settings, circuits=(Circuit(id="garage", name="Garage", limit=16.0),))
    site.run(10 * MINUTE)
    assert site.amps("box:0") == 13.0
    assert site.why("box:0") is ReasonKey.CIRCUIT
