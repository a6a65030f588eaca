"""An AC charger: its lag, its steps, its phases and its contactor."""

from dataclasses import replace
from random import Random

import pytest

from benchmarks.plant.box import CLOUD, FINE, GENTLE, LOCAL, Box, BoxModel
from benchmarks.plant.car import SLOW, USUAL, Arrival, Car, CarModel
from benchmarks.plant.command import OFF, Command
from benchmarks.plant.intake import AVERAGE


def box(model: BoxModel = LOCAL, car: CarModel = USUAL) -> Box:
    made = Box(model, Random(1))
    arrival = Arrival(capacity=60_000.0, stored=10_000.0, full=48_000.0, shortfall=0.5, rise=2.0)
    made.plug(Car(car, Random(2), AVERAGE, arrival))
    return made


def run(made: Box, begin: int, end: int) -> None:
    for t in range(begin, end):
        made.step(t)


@pytest.mark.parametrize(("model", "told", "offered"), [(LOCAL, 9.9, 9.0), (FINE, 9.97, 9.9), (LOCAL, 5.9, 0.0)])
def test_it_rounds_down_to_its_step_and_knows_no_less_than_six(model: BoxModel, told: float, offered: float) -> None:
    made = box(model)
    made.tell(0, Command(told))
    run(made, 0, 5)
    assert made.limit == pytest.approx(offered)


def test_it_never_gives_more_than_it_has() -> None:
    made = box()
    made.tell(0, Command(32.0))
    run(made, 0, 60)
    assert made.watts == pytest.approx(15.5 * 690.0)


def test_a_cloud_takes_a_minute_and_each_command_wears() -> None:
    made = box(CLOUD)
    made.tell(0, Command(16.0))
    run(made, 0, 54)
    assert made.limit == 0.0
    run(made, 54, 70)
    assert made.limit == 16.0
    assert made.writes == 1


def test_the_same_said_twice_is_one_command() -> None:
    made = box()
    made.tell(0, Command(16.0))
    made.tell(1, Command(16.0))
    assert made.commands == 1


def test_some_stay_at_the_minimum_for_five_minutes_after_a_start() -> None:
    made = box(GENTLE)
    made.tell(0, Command(16.0))
    run(made, 0, 250)
    assert made.watts == pytest.approx(5.5 * 690.0)
    run(made, 250, 400)
    assert made.watts == pytest.approx(15.5 * 690.0)


def test_phases_switch_after_a_pause_without_current() -> None:
    made = box()
    made.tell(0, Command(8.0))
    run(made, 0, 60)
    made.tell(60, OFF)
    run(made, 60, 70)
    made.tell(70, Command(8.0, 1))
    run(made, 70, 130)
    assert made.watts == 0.0
    run(made, 130, 250)
    assert made.watts == pytest.approx(7.5 * 230.0)
    assert made.live == (0,)
    assert (made.switches, made.hard) == (1, 0)


def test_a_switch_under_load_is_counted() -> None:
    made = box()
    made.tell(0, Command(8.0))
    run(made, 0, 60)
    made.tell(60, Command(8.0, 1))
    run(made, 60, 65)
    assert made.hard == 1
    assert made.watts == 0.0


def test_a_car_that_does_not_stop_in_time_has_its_supply_cut() -> None:
    made = box(car=replace(SLOW, stop=(9.0, 9.0)))
    made.tell(0, Command(16.0))
    run(made, 0, 120)
    made.tell(120, OFF)
    run(made, 120, 126)
    assert made.watts > 0
    run(made, 126, 131)
    assert made.watts == 0.0
    assert made.hard == 1


def test_what_it_says_is_what_it_does() -> None:
    made = box(replace(LOCAL, wires=(1, 2, 0)))
    made.tell(0, Command(10.0, 1))
    run(made, 0, 181)
    reading = made.reading
    assert reading.currents is not None
    assert list(reading.currents) == [0.0, 9.5, 0.0]
    assert reading.power == pytest.approx(9.5 * 230.0)
    assert reading.current_phases == 1
    assert reading.limit == 10.0
