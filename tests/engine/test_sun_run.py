"""When the sun starts and stops a car, and which step it takes in between."""

from dataclasses import replace

from hypothesis import given, settings as hypothesis, strategies as st
import pytest

from custom_components.smart_evse.engine.model import Mode, PowerReading, ReasonKey, SolarSettings
from custom_components.smart_evse.engine.settings import SunBias

from .plant import Charger, Plant, garage, site
from .test_solar import solar_plant, sun

QUICK = SolarSettings(min_on=60.0, min_off=30.0, stop_energy=20.0)


def starts(plant: Plant) -> int:
    limits = [amps for _, amps in plant.chargers[0].commands]
    return sum(before == 0 < after for before, after in zip([0.0, *limits], limits, strict=False))


def told(plant: Plant, sun_ahead: float, now: float) -> Plant:
    """Let the site know its sun of now and what is expected of the next quarter of an hour."""
    plant.told = lambda t: {"sun_ahead": sun_ahead, "solar": PowerReading(at=float(t), power=now)}
    return plant


def test_a_sun_that_is_about_to_go_starts_nothing() -> None:
    plant = told(solar_plant(sun(7.0)), 500.0, 5000.0)
    plant.run(600)
    assert plant.chargers[0].drawn == 0
    assert plant.why() is ReasonKey.SOLAR_NOT_WORTH


def test_a_sun_that_stays_starts_at_once() -> None:
    plant = told(solar_plant(sun(7.0)), 5000.0, 5000.0)
    plant.run(60)
    assert plant.amps() == 7


def test_the_energies_go_with_the_power_of_the_minimum() -> None:
    lengths = []
    for phases in ((0, 1, 2), (0,)):
        plant = Plant(
            site(garage(mode=Mode.SOLAR, phase_map=phases)),
            lambda t: sun(8.0)(t) if t < 400 else sun(0.0)(t),
            [Charger(phases=phases)],
        )
        # A third of the house's surplus lies on each phase; a car on one has the sun of all three.
        plant.run(1200)
        stopped = next(t for t, amps in plant.chargers[0].commands if t > 10 and amps == 0)
        lengths.append(stopped - 400)
    assert lengths[0] == pytest.approx(lengths[1], rel=0.2)


def test_starts_are_kept_for_runs_that_last() -> None:
    solar = replace(QUICK, starts_per_day=4)
    plant = solar_plant(lambda t: sun(9.0)(t) if t % 400 < 200 else sun(3.0)(t), solar=solar)
    plant.run(8000)
    assert starts(plant) <= 6
    assert any(each.setpoints[0].reason.key is ReasonKey.STARTS_SPENT for each in plant.decisions)


def test_a_session_has_no_more_than_a_few_interruptions() -> None:
    solar = replace(QUICK, starts_per_day=1000)
    plant = solar_plant(lambda t: sun(9.0)(t) if t % 400 < 200 else sun(0.0)(t), solar=solar)
    plant.run(9_600)
    often = 9_600 // 400
    assert starts(plant) <= 13 < often


@pytest.mark.parametrize(
    ("bias", "amps"), [(SunBias.NEVER_IMPORT, 10), (SunBias.BALANCED, 11), (SunBias.NEVER_EXPORT, 11)]
)
def test_a_coarse_step_is_rounded_the_owners_way(bias: SunBias, amps: float) -> None:
    plant = solar_plant(sun(10.7))
    plant.settings = replace(plant.settings, sun_bias=bias)
    plant.run(300)
    assert plant.amps() == amps


def test_who_never_exports_rounds_up_what_is_little() -> None:
    plant = solar_plant(sun(10.2))
    plant.settings = replace(plant.settings, sun_bias=SunBias.NEVER_EXPORT)
    plant.run(300)
    assert plant.amps() == 11


def test_a_fine_step_is_never_rounded_up() -> None:
    plant = solar_plant(sun(10.27), step=0.1)
    plant.run(300)
    assert 10.0 <= plant.chargers[0].drawn <= 10.27


@pytest.mark.parametrize("bias", SunBias)
@pytest.mark.parametrize("amps", [5.4, 5.75, 5.9, 6.05, 6.4])
def test_no_steady_sun_starts_and_stops_a_car(bias: SunBias, amps: float) -> None:
    plant = solar_plant(sun(amps), solar=QUICK)
    plant.settings = replace(plant.settings, sun_bias=bias)
    plant.run(1800)
    assert starts(plant) <= 1


@hypothesis(max_examples=10, deadline=None)
@given(st.floats(6.5, 15.9), st.sampled_from([1.0, 0.1]), st.sampled_from(SunBias))
def test_a_steady_sun_is_met_within_a_step_and_left_alone(amps: float, step: float, bias: SunBias) -> None:
    plant = solar_plant(sun(amps), step=step)
    plant.settings = replace(plant.settings, sun_bias=bias)
    plant.run(200)
    settled = len(plant.chargers[0].commands)
    plant.run(100)
    assert len(plant.chargers[0].commands) == settled <= 5
    off = plant.chargers[0].drawn - amps
    assert -1.2 * max(step, 0.2) <= off <= 1.2 * max(step, 0.2)
    if bias is SunBias.NEVER_IMPORT:
        assert off <= 0.65 * max(step, 0.2)


def test_a_car_that_draws_less_than_it_is_offered_is_offered_more() -> None:
    plant = solar_plant(sun(10.6), step=0.1)
    charger = plant.chargers[0]
    following = charger.step

    def short(t: int) -> None:
        following(t)
        charger.drawn = max(0.0, charger.drawn - 0.6)
        charger.reading = charger.read(float(t))

    charger.step = short  # type: ignore[method-assign]
    plant.run(200)
    assert charger.drawn == pytest.approx(10.5, abs=0.2)
