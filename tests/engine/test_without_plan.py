"""Mode `smart` while there is no plan: it follows the sun, and stops nothing that runs."""

from custom_components.smart_evse.engine.model import Mode, ReasonKey
from tests.engine.plant import Charger, Plant, garage, site, steady


def test_it_follows_the_sun() -> None:
    plant = Plant(settings=site(garage(mode=Mode.SMART)), flow=steady(-10.0), chargers=[Charger()])
    plant.run(300)
    assert (plant.amps() or 0.0) >= 9.0
    assert plant.why() is ReasonKey.SOLAR_FOLLOWING


def test_it_waits_without_sun_and_says_so() -> None:
    plant = Plant(settings=site(garage(mode=Mode.SMART)), flow=steady(2.0), chargers=[Charger()])
    plant.run(300)
    assert plant.amps() == 0.0
    assert plant.why() is ReasonKey.SOLAR_WAITING


def test_a_car_that_charges_goes_on_when_the_plan_is_not_there_yet() -> None:
    car = Charger(limit=8.0)
    plant = Plant(settings=site(garage(mode=Mode.SMART)), flow=steady(1.0), chargers=[car])
    plant.run(30)
    assert (plant.amps() or 0.0) >= 6.0
    assert all(amps > 0 for _, amps in car.commands)
