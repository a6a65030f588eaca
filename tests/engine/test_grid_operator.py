"""Orders of grid operators and demand response: what comes from the grid is limited, the sun is not."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.grid_operator import GUARANTEED, guaranteed, order_events
from custom_components.smart_evse.engine.memory import OrderEvent
from custom_components.smart_evse.engine.model import GridReading, Override, PerPhase, ReasonKey
from custom_components.smart_evse.engine.settings import GridOrder, OrderKind

from .plant import START, VOLTS, Charger, Plant, garage, site, steady

DIMMED = GridOrder(
    id="dim", kind=OrderKind.GRID_OPERATOR, start=START + timedelta(seconds=60), end=START + timedelta(seconds=300)
)


def plant_under(*orders: GridOrder, count: int = 1, house: float = 2.0, **changes: object) -> Plant:
    boxes = [replace(garage(**changes), id=f"box:{number}") for number in range(count)]
    return Plant(site(*boxes, fuse=100.0, orders=orders), steady(house), [Charger(id=item.id) for item in boxes])


def own_watts(plant: Plant) -> float:
    return sum(charger.watts for charger in plant.chargers)


@pytest.mark.parametrize(
    ("loads", "watts"), [(1, 4_200), (2, 7_560), (3, 10_500), (4, 13_020), (9, 19_320), (10, 21_210), (20, 40_110)]
)
def test_the_guarantee_grows_with_the_loads(loads: int, watts: float) -> None:
    assert guaranteed(loads) == pytest.approx(watts)


def test_a_dimmed_car_keeps_its_minimum_and_is_back_when_the_order_ends() -> None:
    plant = plant_under(DIMMED)
    plant.run(59)
    assert plant.amps("box:0") == 16
    plant.run(5)
    assert plant.amps("box:0") == 6
    assert plant.why("box:0") is ReasonKey.GRID_OPERATOR
    plant.run(260)
    assert plant.amps("box:0") == 16


def test_a_grid_a_little_above_its_nominal_voltage_does_not_take_the_guarantee_away() -> None:
    plant = plant_under(replace(DIMMED, start=None))
    for _ in range(40):
        plant.step()
        for charger in plant.chargers:
            reading = charger.reading
            charger.reading = None if reading is None else replace(reading, voltages=PerPhase(241.0, 241.0, 241.0))
    assert plant.amps("box:0") == 6


def test_the_sun_is_no_import() -> None:
    plant = plant_under(replace(DIMMED, watts=4_200.0), house=-5.0)
    plant.run(120)
    assert plant.amps("box:0") == 11
    assert plant.totals[-1].total * VOLTS <= 4_200


def test_no_word_of_a_driver_waives_an_order() -> None:
    plant = plant_under(DIMMED, override=Override(amps=16.0))
    plant.run(90)
    assert plant.amps("box:0") == 6


def test_a_car_that_gives_is_left_alone() -> None:
    plant = plant_under(DIMMED, house=12.0, max_discharge=16.0, override=Override(amps=-10.0))
    plant.chargers[0].soc = 80.0
    plant.run(120)
    assert plant.amps("box:0") == -10


def test_demand_response_without_a_figure_leaves_only_the_sun() -> None:
    order = GridOrder(id="dr", kind=OrderKind.DEMAND_RESPONSE)
    plant = plant_under(order)
    plant.run(30)
    assert plant.amps("box:0") == 0
    assert plant.why("box:0") is ReasonKey.DEMAND_RESPONSE
    plant.flow = steady(-10.8)
    plant.run(120)
    assert plant.amps("box:0") == 10


def test_a_silent_meter_does_not_end_an_order() -> None:
    plant = plant_under(replace(DIMMED, start=None, watts=9_000.0), count=3, fallback=6.0)
    plant.run(40)
    plant.meter = lambda _: False
    plant.flow = steady(-30.0)
    plant.run(60)
    assert own_watts(plant) <= 9_000


def test_what_was_ordered_and_done_is_on_record() -> None:
    plant = plant_under(DIMMED)
    logged: list[OrderEvent] = []
    for _ in range(400):
        before = plant.memory.orders
        plant.step()
        logged += order_events(before, plant.memory.orders, START + timedelta(seconds=plant.t))
    began, ended = logged
    assert (began.id, began.kind, began.watts, began.ended) == ("dim", OrderKind.GRID_OPERATOR, GUARANTEED, None)
    assert began.before == pytest.approx(16 * 3 * VOLTS)
    assert (ended.started, ended.ended) == (DIMMED.start, DIMMED.end)
    assert ended.highest == pytest.approx(6 * 3 * VOLTS)


def test_an_order_that_changes_its_figure_is_another_one() -> None:
    plant = plant_under(replace(DIMMED, start=None, end=None))
    plant.run(10)
    before = plant.memory.orders
    plant.settings = replace(plant.settings, orders=(replace(DIMMED, start=None, end=None, watts=8_000.0),))
    plant.run(1)
    ended, began = order_events(before, plant.memory.orders, START)
    assert (ended.watts, ended.ended, began.watts, began.ended) == (GUARANTEED, START, 8_000.0, None)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 5),
    st.sampled_from([None, 0.0, 4_200.0, 11_000.0]),
    st.lists(st.floats(-20, 20), min_size=1, max_size=4),
)
def test_the_cars_never_import_more_than_ordered(count: int, watts: float | None, levels: list[float]) -> None:
    order = GridOrder(id="dim", kind=OrderKind.GRID_OPERATOR, watts=watts)
    plant = plant_under(order, count=count, house=levels[0])
    limit = guaranteed(count) if watts is None else watts
    for level in levels:
        plant.flow = steady(level)
        plant.run(40)
        assert own_watts(plant) <= limit + max(0.0, -3 * level * VOLTS) + 1
    assert isinstance(plant.grid, GridReading)
