"""Sun that may not be fed in: a car takes it before it is wasted."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings, strategies as st

from custom_components.smart_evse.engine.model import Mode, Override, PerPhase, PowerReading, ReasonKey, SolarSettings

from .plant import VOLTS, Charger, Plant, garage, site

PATIENT = replace(SolarSettings(), start_energy=1e9)
"""Somebody who waits for a sun that never is enough."""


def curtailing(
    sun: float, limit: float, house: float = 500.0, phases: tuple[int, ...] = (0,), **changes: object
) -> Plant:
    """Return a plant whose inverter feeds in no more than `limit` W, of a sun of `sun` W."""
    house, car = 500.0, Charger(phases=phases)
    produced = [0.0]

    def flow(_: int) -> PerPhase:
        produced[0] = min(sun, limit + house + max(0.0, car.watts))
        return PerPhase(*[(house - produced[0]) / 3 / VOLTS] * 3)

    box = garage(mode=Mode.SOLAR, phase_map=phases, max_current=32.0, solar=PATIENT, **changes)
    plant = Plant(site(box, fuse=63.0, curtailed_above=limit), flow, [car], solar=lambda _: produced[0])
    plant.told = lambda _: {"sun_ahead": sun}
    return plant


def test_what_would_be_curtailed_is_taken_first() -> None:
    plant = curtailing(sun=9_000.0, limit=4_000.0)
    plant.run(400)
    assert plant.why() is ReasonKey.CURTAILED
    assert -4_200 <= plant.totals[-1].total * VOLTS <= -3_500
    assert 19 <= (plant.amps() or 0.0) <= 21


def test_a_sun_that_may_all_be_fed_in_is_left_to_mode_and_plan() -> None:
    plant = curtailing(sun=5_000.0, limit=6_000.0)
    plant.run(200)
    assert plant.amps() == 0
    assert plant.why() is ReasonKey.SOLAR_WAITING


def test_a_car_gropes_its_way_up_where_nobody_forecasts_the_sun() -> None:
    plant = curtailing(sun=9_000.0, limit=4_000.0)
    plant.change(override=Override(amps=6.0))
    plant.told = lambda _: {}
    plant.run(30)
    plant.change(override=None)
    plant.run(1_800)
    assert 19 <= (plant.amps() or 0.0) <= 21
    steady = [amps for t, amps in plant.chargers[0].commands if t > 1_200]
    assert len(steady) <= 1


def test_a_site_that_may_feed_in_nothing_charges_from_what_is_held_back() -> None:
    plant = curtailing(sun=4_000.0, limit=0.0)
    plant.run(900)
    imported = sum(max(0.0, total.total * VOLTS) for total in plant.totals) / 3600
    assert plant.chargers[0].energy > 0.7 * 3_500 * 900 / 3600
    assert imported < 30


def test_the_night_holds_nothing_back() -> None:
    plant = curtailing(sun=0.0, limit=0.0)
    plant.run(120)
    assert plant.amps() == 0


def test_a_driver_who_says_stop_is_heard() -> None:
    plant = curtailing(sun=9_000.0, limit=4_000.0, override=Override(amps=0.0))
    plant.run(200)
    assert plant.amps() == 0


def test_an_old_sun_says_nothing_of_this_one() -> None:
    plant = curtailing(sun=9_000.0, limit=4_000.0)
    plant.solar = lambda _: None
    plant.told = lambda t: {"sun_ahead": 9_000.0, "solar": PowerReading(at=float(t) - 3_600, power=0.0)}
    plant.run(200)
    assert plant.amps() == 0


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 12_000), st.sampled_from([0.0, 2_000.0, 5_000.0]), st.sampled_from([(0,), (0, 1, 2)]))
def test_a_steady_sun_makes_no_car_restless(sun: float, limit: float, phases: tuple[int, ...]) -> None:
    plant = curtailing(sun=sun, limit=limit, phases=phases)
    plant.run(1_200)
    limits = [amps for _, amps in plant.chargers[0].commands]
    starts = sum(before == 0 < after for before, after in pairwise(limits))
    assert starts <= 4
    imported = sum(max(0.0, total.total * VOLTS - 500) for total in plant.totals) / 3600
    assert imported <= 250
