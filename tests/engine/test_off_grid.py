"""Off-grid: everything stops, or goes on within what the inverter carries."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.model import GivingSettings, Override, PerPhase, PowerReading, ReasonKey

from .plant import VOLTS, Charger, Plant, garage, site, steady

type Told = Callable[[int], Mapping[str, object]]


def outage(begin: int, end: int, **known: object) -> Told:
    return lambda t: {"off_grid": begin <= t < end, **known}


def plant_with(told: Told, charger: Charger | None = None, **changes: object) -> Plant:
    return Plant(site(garage(), **changes), steady(2.0), [charger or Charger()], told=told)


def test_a_power_cut_stops_the_car_and_the_grid_has_to_be_back_for_a_minute() -> None:
    plant = plant_with(outage(60, 100))
    plant.run(59)
    assert plant.amps() == 16
    plant.run(2)
    assert plant.amps() == 0
    assert plant.why() is ReasonKey.OFF_GRID
    plant.run(94)
    assert plant.amps() == 0
    plant.run(20)
    assert plant.amps() == 16


@pytest.mark.parametrize(("frequency", "amps"), [(50.0, 16), (49.3, 16), (49.1, 0), (51.9, 0), (60.0, 16)])
def test_an_ill_frequency_is_no_grid(frequency: float, amps: float) -> None:
    plant = plant_with(lambda _: {"frequency": frequency})
    plant.run(30)
    assert plant.amps() == amps


def test_a_frequency_between_ill_and_well_keeps_a_stopped_car_waiting() -> None:
    plant = plant_with(lambda t: {"frequency": 49.0 if t < 20 else 49.5})
    plant.run(200)
    assert plant.amps() == 0
    plant.told = lambda _: {"frequency": 50.01}
    plant.run(59)
    assert plant.amps() == 0
    plant.run(10)
    assert plant.amps() == 16


def test_off_grid_charging_stays_within_the_inverter() -> None:
    plant = plant_with(outage(60, 900), off_grid_charging=True, backup_limit=8_000.0)
    plant.run(200)
    assert plant.amps() == 9
    assert plant.why() is ReasonKey.BACKUP_LIMIT
    assert plant.totals[-1].total * VOLTS <= 8_000


def test_an_inverter_that_is_slowed_down_by_its_load_ends_even_that() -> None:
    plant = plant_with(outage(60, 900, frequency=49.0), off_grid_charging=True, backup_limit=8_000.0)
    plant.run(200)
    assert plant.amps() == 0
    plant.told = outage(0, 900, frequency=52.5)
    plant.run(100)
    assert plant.amps() == 9


def test_a_house_that_nobody_measures_leaves_nothing() -> None:
    plant = plant_with(outage(0, 900), off_grid_charging=True, backup_limit=20_000.0)
    plant.flow = lambda _: PerPhase()
    plant.run(60)
    assert plant.amps() == 0
    plant.told = lambda t: {"off_grid": True, "battery": PowerReading(at=float(t), power=1_000.0)}
    plant.run(100)
    assert plant.amps() == 16


@pytest.mark.parametrize(
    ("giving", "given"), [(GivingSettings(), 0), (replace(GivingSettings(), grid_forming=True), -10)]
)
def test_only_who_forms_a_grid_may_give(giving: GivingSettings, given: float) -> None:
    box = garage(max_discharge=16.0, override=Override(amps=-10.0), giving=giving)
    plant = Plant(site(box), steady(12.0), [Charger(soc=80.0)], told=outage(60, 900))
    plant.run(50)
    assert plant.amps() == -10
    plant.run(50)
    assert plant.amps() == given


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([None, 45.0, 49.1, 49.7, 50.0, 50.3, 52.0]), min_size=1, max_size=12))
def test_nothing_flows_within_a_minute_of_an_ill_grid(steps: list[float | None]) -> None:
    plant = plant_with(lambda t: {"frequency": steps[min(t // 20, len(steps) - 1)]})
    ill = None
    for _ in range(20 * len(steps)):
        plant.step()
        frequency = plant.told(plant.t)["frequency"]
        if frequency is not None and not 49.2 <= frequency <= 51.8:
            ill = plant.t
        assert ill is None or plant.t - ill >= 60 or plant.amps() in {0, None}
