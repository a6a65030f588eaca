"""Following the sun, second by second."""

import pytest

from custom_components.smart_evse.engine.model import Mode, PerPhase, ReasonKey, SolarSettings

from .plant import Charger, Flow, Plant, garage, site


def sun(amps: float) -> Flow:
    """Return a house under a steady sun that leaves so many amperes on each phase."""
    return lambda _: PerPhase(-amps, -amps, -amps)


def solar_plant(flow: Flow, mode: Mode = Mode.SOLAR, **changes: object) -> Plant:
    return Plant(site(garage(mode=mode, **changes)), flow, [Charger()])


def test_a_steady_sun_is_followed_to_the_step_below_it() -> None:
    plant = solar_plant(sun(10.4))
    plant.run(300)
    assert plant.amps() == 10
    assert plant.why() is ReasonKey.SOLAR_FOLLOWING
    assert len(plant.chargers[0].commands) <= 6


def test_a_sun_below_the_minimum_starts_nothing() -> None:
    plant = solar_plant(sun(5.5))
    plant.run(600)
    assert plant.chargers[0].commands == [(2, 0.0)]
    assert plant.why() is ReasonKey.SOLAR_WAITING


def test_a_start_wants_energy_and_not_a_glint() -> None:
    plant = solar_plant(lambda t: sun(12.0)(t) if t % 60 < 5 else sun(2.0)(t))
    plant.run(600)
    assert plant.chargers[0].drawn == 0


def test_one_cloud_does_not_stop_the_car() -> None:
    plant = solar_plant(lambda t: sun(2.0)(t) if 400 <= t < 440 else sun(10.0)(t))
    plant.run(600)
    assert 0 not in [amps for t, amps in plant.chargers[0].commands if t > 100]
    assert 6 in [amps for _, amps in plant.chargers[0].commands]


def test_a_long_cloud_stops_the_car_on_energy_and_it_waits_before_it_starts_again() -> None:
    solar = SolarSettings(min_off=300.0)
    plant = solar_plant(lambda t: sun(1.0)(t) if 400 <= t < 700 else sun(10.0)(t), solar=solar)
    plant.run(650)
    assert plant.amps() == 0
    stopped = next(t for t, amps in plant.chargers[0].commands if t > 400 and amps == 0)
    plant.run(100)
    assert plant.why() is ReasonKey.SOLAR_MIN_OFF
    plant.run(400)
    started = next(t for t, amps in plant.chargers[0].commands if t > stopped and amps > 0)
    assert started - stopped >= 300


def test_a_run_lasts_its_minimum_however_dark_it_gets() -> None:
    plant = solar_plant(lambda t: sun(10.0)(t) if t < 60 else sun(-2.0)(t), solar=SolarSettings(min_on=300.0))
    plant.run(250)
    assert plant.amps() == 6
    assert plant.why() is ReasonKey.SOLAR_MIN_ON
    plant.run(120)
    assert plant.amps() == 0


def test_a_falling_sun_is_followed_at_once_and_a_rising_one_slowly() -> None:
    plant = solar_plant(lambda t: sun(14.3)(t) if t < 200 or t >= 260 else sun(9.0)(t))
    plant.run(199)
    assert plant.amps() == 14
    plant.run(2)
    assert plant.amps() == 9
    plant.run(61)
    assert plant.amps() < 14
    plant.run(60)
    assert plant.amps() == 14


def test_a_surplus_that_trembles_about_a_step_is_not_chased() -> None:
    plant = solar_plant(lambda t: sun(10.0 + (0.15 if t % 2 else -0.15))(t))
    plant.run(900)
    assert len(plant.chargers[0].commands) <= 6


def test_solar_min_never_falls_below_the_minimum_and_rises_with_the_sun() -> None:
    plant = solar_plant(lambda t: sun(-3.0)(t) if t < 60 else sun(11.3)(t), mode=Mode.SOLAR_MIN)
    plant.run(30)
    assert plant.amps() == 6
    assert plant.why() is ReasonKey.SOLAR_MINIMUM
    plant.run(120)
    assert plant.amps() == 11
    assert plant.why() is ReasonKey.SOLAR_FOLLOWING


def test_the_sun_goes_to_the_first_and_what_is_left_to_the_next() -> None:
    first, second = garage(mode=Mode.SOLAR, priority=1), garage(mode=Mode.SOLAR)
    settings = site(first, second.__replace__(id="drive:0"), fuse=63.0)
    plant = Plant(settings, sun(24.0), [Charger(), Charger(id="drive:0")])
    plant.run(600)
    assert plant.amps() == 16
    assert plant.amps("drive:0") == pytest.approx(8, abs=1)


def test_what_a_fast_charger_takes_is_no_sun_for_the_other() -> None:
    settings = site(garage(), garage(mode=Mode.SOLAR).__replace__(id="drive:0"), fuse=63.0)
    plant = Plant(settings, sun(18.0), [Charger(), Charger(id="drive:0")])
    plant.run(600)
    assert plant.amps() == 16
    assert plant.amps("drive:0") == 0


@pytest.mark.parametrize("lag", [1, 3, 5])
@pytest.mark.parametrize("cadence", [1, 2, 5])
def test_the_loop_settles_whatever_the_delays(lag: int, cadence: int) -> None:
    plant = solar_plant(sun(11.5), settle=lag + cadence + 1.0)
    plant.chargers = [Charger(lag=lag, cadence=cadence)]
    plant.run(300)
    settled = plant.chargers[0].commands[:]
    plant.run(600)
    assert plant.amps() == 11
    assert plant.chargers[0].commands == settled
