from random import Random

import pytest

from simulator.car import MODELS, Car, CarModel
from simulator.clockwork import TICK
from simulator.station import Station, StationModel


def station(**model: float) -> Station:
    return Station(StationModel(**model), Random(1))  # type: ignore[arg-type]


def live(box: Station, seconds: float) -> None:
    for _ in range(round(seconds / TICK)):
        box.step(TICK)


def charging(amps: float = 16.0, **model: float) -> Station:
    box = station(**model)
    box.plug(Car(CarModel(), Random(2)))
    box.command(amps=amps)
    live(box, 30)
    assert box.state == "C"
    return box


def test_a_car_comes_charges_and_goes() -> None:
    box = station()
    assert box.state == "A"
    box.plug(Car(CarModel(), Random(2)))
    assert box.state == "B"
    live(box, 30)
    assert box.state == "C"
    assert box.tally.starts == 1
    assert box.power == pytest.approx(3 * 15.7 * 230)
    box.unplug()
    live(box, 1)
    assert box.state == "A"
    assert box.power == 0
    assert box.tally.contactor_actions == 2


def test_its_register_counts_what_flowed() -> None:
    box = charging()
    before = box.energy
    live(box, 3600)
    assert box.energy - before == pytest.approx(box.power, rel=1e-3)


def test_below_six_amperes_there_is_nothing() -> None:
    box = charging()
    box.command(amps=5.9)
    live(box, 10)
    assert box.offered == 0
    assert box.power == 0


def test_it_offers_no_more_than_it_is_rated_for() -> None:
    box = charging(amps=32.0, rating=16.0)
    assert box.offered == 16


@pytest.mark.parametrize("seed", range(10))
def test_it_and_its_car_answer_within_one_to_five_seconds(seed: int) -> None:
    box = Station(StationModel(), Random(seed))
    box.plug(Car(CarModel(), Random(seed)))
    live(box, 40)
    before = box.currents[0]
    box.command(amps=6.0)
    seconds = 0.0
    while box.currents[0] == before:
        box.step(TICK)
        seconds += TICK
    assert 0.9 <= seconds <= 5.2


def test_disabled_it_stops_without_opening_under_load() -> None:
    box = charging()
    box.command(enabled=False)
    live(box, 10)
    assert box.state == "B"
    assert box.tally.hard_openings == 0
    assert box.tally.contactor_actions == 2


@pytest.mark.parametrize("car", MODELS)
def test_every_car_lets_go_in_time_whatever_it_takes(car: str) -> None:
    for seed in range(20):
        box = Station(StationModel(), Random(seed))
        box.command(amps=32.0)
        box.plug(Car(MODELS[car], Random(seed)))
        live(box, 90)
        assert box.power > 0
        box.command(amps=0.0)
        live(box, 15)
        assert (box.power, box.tally.hard_openings) == (0.0, 0)


def test_a_car_that_does_not_stop_is_cut_off() -> None:
    box = Station(StationModel(), Random(1))
    box.plug(Car(CarModel(response=(30.0, 30.0)), Random(2)))
    live(box, 60)
    assert box.power > 0
    box.command(amps=0.0)
    live(box, 10)
    assert box.power == 0
    assert box.tally.hard_openings == 1


def test_phases_are_switched_in_the_safe_order() -> None:
    box = charging()
    box.command(phases=1)
    while box.phases == 3:
        if box.tally.contactor_actions == 2:
            assert box.currents == (0.0, 0.0, 0.0)
        box.step(TICK)
    assert box.tally.phase_switches == 1
    assert box.tally.hard_openings == 0
    live(box, 30)
    assert box.state == "C"
    assert box.currents[1:] == (0.0, 0.0)


def test_a_phase_switch_takes_its_pause() -> None:
    box = charging(phase_pause=60.0)
    box.command(phases=1)
    live(box, 60)
    assert box.phases == 3
    live(box, 20)
    assert box.phases == 1


def test_its_watchdog_strikes_and_a_command_ends_that() -> None:
    box = charging(timeout=30.0, safe=6.0)
    live(box, 40)
    assert box.fallen_back
    assert box.offered == 6
    assert box.tally.fallbacks >= 1
    box.command(amps=10.0)
    live(box, 10)
    assert not box.fallen_back
    assert box.offered == 10


def test_a_watchdog_without_a_safe_current_stops() -> None:
    box = charging(timeout=30.0)
    live(box, 50)
    assert box.power == 0


def test_one_that_ignores_answers_and_does_nothing() -> None:
    box = charging()
    box.ignoring = True
    box.command(amps=6.0)
    live(box, 20)
    assert box.offered == 16
    assert box.tally.commands == 2


def test_it_restarts_with_nothing_in_mind() -> None:
    box = charging(amps=8.0, initial=16.0, boot_time=25.0)
    box.reboot()
    live(box, 10)
    assert box.booting
    assert box.power == 0
    live(box, 60)
    assert not box.booting
    assert box.offered == 16


@pytest.mark.parametrize("fault", ["E", "F"])
def test_a_fault_ends_the_charge(fault: str) -> None:
    box = charging()
    box.fault = fault
    live(box, 10)
    assert box.state == fault
    assert box.power == 0


def test_a_ventilated_car_says_so() -> None:
    box = station()
    box.plug(Car(CarModel(ventilated=True), Random(2)))
    live(box, 30)
    assert box.state == "D"
