from random import Random

import pytest

from simulator.car import MODELS, Battery, Car, CarModel, Offer
from simulator.clockwork import TICK, Delayed


def drive(car: Car, seconds: float, offer: Offer, *, powered: bool = True) -> None:
    for _ in range(round(seconds / TICK)):
        car.step(TICK, offer, powered=powered)


def test_it_takes_what_it_is_offered_and_not_more() -> None:
    car = Car(CarModel(shortfall=0.3), Random(1))
    drive(car, 60, Offer(10.0))
    assert car.closed
    assert car.currents == pytest.approx((9.7, 9.7, 9.7))


def test_it_knows_its_own_maximum() -> None:
    car = Car(MODELS["modest"], Random(1))
    drive(car, 60, Offer(32.0))
    assert car.currents[0] == pytest.approx(13.0)


def test_it_uses_only_the_phases_that_it_has() -> None:
    car = Car(MODELS["city"], Random(1))
    drive(car, 60, Offer(10.0))
    assert car.currents[0] > 9
    assert car.currents[1:] == (0.0, 0.0)


def test_it_uses_only_the_phases_that_are_switched_on() -> None:
    car = Car(CarModel(), Random(1))
    drive(car, 60, Offer(10.0, phases=1))
    assert car.currents[1:] == (0.0, 0.0)


@pytest.mark.parametrize("seed", range(20))
def test_it_follows_a_lower_offer_within_its_time(seed: int) -> None:
    car = Car(CarModel(), Random(seed))
    drive(car, 60, Offer(16.0))
    seconds = 0.0
    while car.currents[0] > 6:
        drive(car, TICK, Offer(6.0))
        seconds += TICK
    assert 0.8 <= seconds <= car.model.slowest


@pytest.mark.parametrize("seed", range(20))
def test_it_stops_within_six_seconds_and_opens_without_load(seed: int) -> None:
    car = Car(CarModel(), Random(seed))
    drive(car, 60, Offer(16.0))
    drive(car, 6.1, Offer(0.0))
    assert not car.closed
    assert car.currents[0] == 0


def test_it_tapers_on_a_straight_line() -> None:
    assert Battery(soc=50).appetite == 1.0
    assert Battery(soc=80).appetite == 1.0
    assert Battery(soc=90).appetite == pytest.approx(0.55)
    assert Battery(soc=99.9999).appetite == pytest.approx(0.1, abs=1e-3)
    assert Battery(soc=100).appetite == 0.0


def test_a_full_car_stops_by_itself() -> None:
    car = Car(CarModel(capacity=1000.0), Random(1), soc=99.9)
    drive(car, 30, Offer(16.0))
    assert car.closed
    car.charge(3600.0, 60.0)
    drive(car, 30, Offer(16.0))
    assert car.battery.soc == 100
    assert not car.closed


def test_charging_slowly_loses_more() -> None:
    slow, fast = Car(CarModel(), Random(1)), Car(CarModel(), Random(1))
    start = slow.battery.soc
    slow.charge(1380.0, 3600.0)
    fast.charge(11_040.0, 3600.0)
    stored = [(car.battery.soc - start) / 100 * car.battery.capacity for car in (slow, fast)]
    assert stored[0] / 1380 == pytest.approx(0.75, abs=0.02)
    assert stored[1] / 11_040 == pytest.approx(0.91, abs=0.02)


def test_a_sleepy_car_wakes_after_some_time() -> None:
    car = Car(MODELS["sleepy"], Random(1))
    drive(car, 130, Offer(0.0))
    assert car.asleep
    drive(car, 50, Offer(16.0))
    assert car.currents[0] == 0
    drive(car, 60, Offer(16.0))
    assert car.currents[0] > 15


def test_one_that_sleeps_deeply_wakes_when_it_is_plugged_in_anew() -> None:
    car = Car(CarModel(sleeps_after=60.0), Random(1))
    drive(car, 70, Offer(0.0))
    drive(car, 600, Offer(16.0))
    assert car.currents[0] == 0
    car.unplug()
    drive(car, 60, Offer(16.0))
    assert car.currents[0] > 15


def test_without_a_closed_contactor_nothing_flows() -> None:
    car = Car(CarModel(), Random(1))
    drive(car, 60, Offer(16.0), powered=False)
    assert car.closed
    assert car.currents == (0.0, 0.0, 0.0)


def test_a_newer_value_takes_the_place_of_one_that_waits() -> None:
    delayed, rng = Delayed(0), Random(1)
    delayed.tell(1, (2.0, 2.0), rng)
    delayed.step(1.5)
    delayed.tell(2, (2.0, 2.0), rng)
    delayed.step(0.6)
    assert delayed.value == 2
