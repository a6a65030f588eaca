"""How long a limit takes: learned, and good enough to follow the sun fast and calmly."""

from hypothesis import given, settings as hypothesis, strategies as st
import pytest

from custom_components.smart_evse.engine.claims import Case
from custom_components.smart_evse.engine.latency import settle_time
from custom_components.smart_evse.engine.model import Mode, PerPhase, ReasonKey, SiteState
from custom_components.smart_evse.engine.window import highest, most, slide

from .plant import Charger, Flow, Plant, garage, site, steady
from .test_solar import sun


def steps(low: float, high: float, each: int = 300) -> Flow:
    return lambda t: sun(high if t // each % 2 else low)(t)


def following(flow: Flow, *, lag: int, settle: float, cadence: int = 1, step: float = 1.0) -> Plant:
    """Return a car behind the sun, with a meter that speaks every `cadence` s."""
    settings = site(garage(mode=Mode.SOLAR, settle=settle, step=step), grid_max_age=max(10.0, 3.0 * cadence))
    return Plant(settings, flow, [Charger(lag=lag)], meter=lambda t: t % cadence == 0)


def settled_by(plant: Plant, goal: float, within: int) -> int:
    """Return after how many seconds the car stayed within half an ampere and its step's rounding."""
    last = 0
    for second in range(1, within + 1):
        plant.step()
        last = second if abs(plant.chargers[0].drawn - goal) > 0.55 else last
    return last


def case_of(plant: Plant) -> Case:
    memory = plant.memory.connector("garage:0")
    box = plant.settings.connectors[0]
    return Case(settings=box, memory=memory, reading=None, last=None, phases=box.phase_map, per_amp=690.0)


@pytest.mark.parametrize("step", [1.0, 0.1])
@pytest.mark.parametrize("lag", [1, 3, 5])
def test_with_a_meter_of_a_second_the_sun_is_met_within_fifteen(lag: int, step: float) -> None:
    plant = following(steps(7.2, 14.4), lag=lag, settle=8.0, step=step)
    plant.run(299)
    assert settled_by(plant, 14.4, 300) <= 15
    assert settled_by(plant, 7.2, 300) <= 8


@pytest.mark.parametrize("cadence", [1, 10, 30])
@pytest.mark.parametrize(("lag", "settle"), [(3, 8.0), (60, 90.0)])
def test_no_meter_and_no_cloud_make_it_oscillate(cadence: int, lag: int, settle: float) -> None:
    plant = following(steps(7.2, 14.4, 600), lag=lag, settle=settle, cadence=cadence)
    plant.run(3000)
    assert len(plant.chargers[0].commands) <= 2 + 2 * 5
    assert plant.state is SiteState.NORMAL


def test_the_answer_of_a_car_is_learned_and_never_above_what_was_declared() -> None:
    plant = following(steps(7.2, 14.4, 60), lag=2, settle=20.0)
    plant.run(600)
    assert 2.0 <= settle_time(case_of(plant)) <= 6.0
    plant.chargers[0].lag = 60
    plant.run(2000)
    assert settle_time(case_of(plant)) <= 20.0


def test_a_car_at_a_limit_of_its_own_teaches_nothing() -> None:
    plant = following(steps(9.2, 14.4, 60), lag=2, settle=20.0)
    plant.chargers[0].appetite = 6.5
    plant.run(600)
    assert settle_time(case_of(plant)) == 20.0


@hypothesis(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 20), st.floats(-40, 40)), min_size=1, max_size=60), st.sampled_from([0.0, 30.0])
)
def test_a_window_holds_all_that_is_young_and_nothing_that_is_old(
    samples: list[tuple[float, float]], hold: float
) -> None:
    now, seen, peaks = 0.0, [], ()
    for gap, value in samples:
        now += gap
        seen.append((now, value))
        peaks = slide(peaks, PerPhase(value, -value, 0.0), now, hold, most)
        found = highest(peaks, most)
        assert found is not None
        young = [amps for at, amps in seen if at > now - hold or at == now]
        possible = [amps for at, amps in seen if at >= now - hold * 7 / 6 - 1e-6]
        assert max(young) <= found.l1 <= max(possible)
        assert len(peaks) <= 8


def test_after_a_silence_nothing_rises_before_the_house_was_watched() -> None:
    plant = Plant(site(garage(fallback=6.0)), steady(2.0), [Charger()], meter=lambda t: not 100 <= t < 160)
    plant.run(150)
    assert plant.amps() == 6
    plant.run(25)
    assert plant.amps() == 6
    assert plant.why() is ReasonKey.METER_RECOVERED
    plant.run(30)
    assert plant.amps() == 16
