"""A meter that tells the past: found out from our own steps, and no reason to swing."""

from dataclasses import replace

from hypothesis import assume, example, given, settings as hypothesis, strategies as st
import pytest

from custom_components.smart_evse.engine.decide import decide
from custom_components.smart_evse.engine.late_meter import learned_delay
from custom_components.smart_evse.engine.memory import LateMemory
from custom_components.smart_evse.engine.model import Decision, Memory, Mode, PerPhase, Rank, SiteView

from .plant import Charger, Flow, Plant, garage, site, steady
from .test_solar import sun

CHANGE = 300


def clouds(t: int) -> PerPhase:
    """Return a sun that comes and goes."""
    return sun(14.4 if t // CHANGE % 2 else 7.2)(t)


def late(delay: int, flow: Flow = clouds, *, lag: int = 3, cadence: int = 1, **changes: object) -> Plant:
    """Return a car behind a meter that speaks every `cadence` s of what was `delay` s ago."""
    box = garage(**{"mode": Mode.SOLAR, "settle": 20.0, **changes})
    settings = site(box, grid_max_age=max(10.0, 3.0 * cadence))
    return Plant(settings, flow, [Charger(lag=lag)], meter=lambda t: t % cadence == 0, delay=delay)


def stepped(plant: Plant, seconds: int) -> float | None:
    """Let the car be set higher and lower by its driver; returns what was learned of the meter by that."""
    for second in range(seconds):
        if second % 60 == 0:
            plant.change(max_current=8.0 if second // 60 % 2 else 16.0)
        plant.step()
    return learned_delay(plant.memory.late)


@hypothesis(max_examples=8, deadline=None)
@given(
    delay=st.integers(0, 30),
    lag=st.integers(1, 8),
    cadence=st.sampled_from([1, 10]),
    read=st.sampled_from([2, 5, 10]),
)
@example(delay=20, lag=2, cadence=10, read=2)
def test_no_meter_is_too_late_to_follow_the_sun_calmly(delay: int, lag: int, cadence: int, read: int) -> None:
    # What takes longer than twice what is declared for the charger is not believed to be a step at all.
    assume(delay + lag + cadence <= 32)
    plant = late(delay, lag=lag, cadence=cadence)
    plant.chargers[0].cadence = read
    plant.run(2400)
    before = len(plant.chargers[0].commands)
    plant.run(4 * CHANGE)
    assert len(plant.chargers[0].commands) - before <= 4 * 3


@pytest.mark.parametrize(("delay", "cadence", "settle"), [(20, 10, 20.0), (15, 1, 8.0), (10, 10, 8.0)])
def test_a_late_meter_costs_the_sun_little(delay: int, cadence: int, settle: float) -> None:
    plant = late(delay, cadence=cadence, settle=settle)
    plant.run(8 * CHANGE)
    before = plant.chargers[0].energy
    plant.run(4 * CHANGE)
    shining = sum(-clouds(t).total * 230 for t in range(8 * CHANGE, 12 * CHANGE)) / 3600
    assert plant.chargers[0].energy - before >= 0.85 * shining
    assert sum(max(0.0, watts) for watts in plant.grid_watts(4 * CHANGE)) / 3600 <= 0.1 * shining


@hypothesis(max_examples=25, deadline=None)
@given(
    delay=st.integers(0, 30),
    lag=st.integers(1, 8),
    cadence=st.sampled_from([1, 5, 10]),
    noise=st.lists(st.floats(-1.0, 1.0), min_size=7, max_size=40),
)
def test_the_delay_is_learned_from_a_few_steps(delay: int, lag: int, cadence: int, noise: list[float]) -> None:
    house = lambda t: steady(2.0 + noise[t // 5 % len(noise)])(t)  # noqa: E731 - a flow is a function
    known = stepped(late(delay, house, lag=lag, cadence=cadence, mode=Mode.FAST), 660)
    # Chargers that are read every 2 s are late themselves: a meter at their heels may tell first, and is not late.
    if known is None:
        assert delay <= 2
    else:
        # Between two samples nobody can tell, and 2 s is the grid.
        assert delay - cadence - 4 <= known <= delay + 4


@hypothesis(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-20.0, 4.0), min_size=5, max_size=80),
    st.integers(1, 40),
    st.sampled_from([(Mode.FAST, 12.0), (Mode.OFF, 16.0)]),
)
def test_noise_alone_teaches_nothing(noise: list[float], each: int, wanted: tuple[Mode, float]) -> None:
    mode, most = wanted
    plant = late(7, lambda t: steady(noise[t // each % len(noise)])(t), mode=mode, max_current=most)
    plant.run(130)
    plant.memory = replace(plant.memory, late=LateMemory())
    plant.run(400)
    assert plant.memory.late.found == ()


def test_a_meter_that_shows_nothing_of_the_steps_is_not_late() -> None:
    plant = late(0, mode=Mode.FAST)
    # Whatever the car takes, the house leaves at once.
    plant.flow = lambda _: PerPhase(*[-plant.chargers[0].drawn] * 3)
    assert stepped(plant, 660) is None
    assert plant.memory.late.found == ()


@pytest.mark.parametrize("delay", [0, 4])
def test_what_is_known_of_a_meter_outlives_a_single_chance(delay: int) -> None:
    plant = late(delay, steady(2.0), mode=Mode.FAST)
    known = stepped(plant, 660)
    plant.memory = replace(plant.memory, late=replace(plant.memory.late, found=(*plant.memory.late.found[1:], 40.0)))
    assert learned_delay(plant.memory.late) == known


def safety(decision: Decision) -> tuple[SiteView, Memory]:
    """Return all that fuses, trust and every other limit of the site go by."""
    return decision.site, replace(decision.memory, late=LateMemory(), connectors=())


def fuse(decision: Decision) -> list[float]:
    return [claim.amps for claim in decision.setpoints[0].chain if claim.rank is Rank.FUSE]


@hypothesis(max_examples=15, deadline=None)
@given(
    found=st.lists(st.sampled_from([0.0, 2.0, 10.0, 40.0]), min_size=3, max_size=5),
    delay=st.integers(0, 12),
    house=st.lists(st.floats(-16.0, 24.0), min_size=3, max_size=20),
    mode=st.sampled_from([Mode.SOLAR, Mode.SOLAR_MIN, Mode.FAST]),
)
def test_no_belief_about_the_meter_touches_the_fuse(
    found: list[float], delay: int, house: list[float], mode: Mode
) -> None:
    plant = late(delay, lambda t: steady(house[t // 20 % len(house)])(t), mode=mode)
    plant.memory = Memory(late=LateMemory(found=tuple(found)))
    for _ in range(300):
        before = plant.memory
        plant.step()
        without = decide(plant.snapshot(), plant.settings, replace(before, late=LateMemory()))
        with_it = decide(plant.snapshot(), plant.settings, before)
        assert safety(with_it) == safety(without)
        if fuse(with_it) and fuse(without):
            assert fuse(with_it) == fuse(without)
        if mode is Mode.FAST:
            assert with_it.setpoints == without.setpoints


def test_nothing_changes_while_nothing_was_learned_or_the_meter_is_quick() -> None:
    untaught, quick = (late(0, settle=8.0) for _ in range(2))
    quick.memory = Memory(late=LateMemory(found=(0.0, 0.0, 0.0)))
    for plant in (untaught, quick):
        plant.run(1200)
    assert [each.setpoints for each in quick.decisions] == [each.setpoints for each in untaught.decisions]
