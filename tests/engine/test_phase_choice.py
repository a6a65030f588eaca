"""One phase or three for the sun, and how many a car uses."""

from hypothesis import given, settings as hypothesis, strategies as st
import pytest

from custom_components.smart_evse.engine.model import Mode, Override, PerPhase, ReasonKey, SolarSettings

from .plant import VOLTS, Charger, Flow, Plant, garage, site, steady


def sun(watts: float) -> Flow:
    """Return a house under a steady sun that leaves so many W, from a three-phase inverter."""
    amps = -watts / 3 / VOLTS
    return lambda _: PerPhase(amps, amps, amps)


def switching_plant(flow: Flow, *, mode: Mode = Mode.SOLAR, appetite: float = 32.0, **changes: object) -> Plant:
    """Return a box that may switch, under a sun; the fuse is no matter."""
    box = garage(mode=mode, phase_switching=True, auto_phases=True, **changes)
    return Plant(site(box, fuse=63.0), flow, [Charger(switches=True, appetite=appetite)])


def test_a_weak_sun_is_taken_on_one_phase() -> None:
    plant = switching_plant(sun(2500.0))
    plant.run(900)
    charger = plant.chargers[0]
    assert [phases for _, phases in charger.switched] == [1]
    assert charger.watts == pytest.approx(2500, abs=130)


def test_a_strong_sun_is_taken_on_three_phases_once_it_has_paid_for_the_pause() -> None:
    plant = switching_plant(lambda t: sun(2500.0)(t) if t < 1200 else sun(8000.0)(t))
    plant.run(3600)
    charger = plant.chargers[0]
    assert [phases for _, phases in charger.switched] == [1, 3]
    assert charger.switched[1][0] > 1200 + 120
    assert charger.watts == pytest.approx(8000, abs=400)


def test_a_change_of_phases_pauses_first_and_says_why() -> None:
    plant = switching_plant(lambda t: sun(2500.0)(t) if t < 900 else sun(8000.0)(t))
    while len(plant.chargers[0].switched) < 2:
        plant.step()
    at, _ = plant.chargers[0].switched[1]
    nothing = [t for t, total in enumerate(plant.totals, start=1) if total == sun(8000.0)(t) and t <= at]
    assert len(nothing) >= 120
    assert any(d.setpoints[0].reason.key is ReasonKey.PHASE_SWITCH for d in plant.decisions[-130:])


@pytest.mark.parametrize("watts", [1500, 3600, 3800, 3950, 4100, 5000, 7400])
@pytest.mark.parametrize("most", [16.0, 32.0])
def test_no_steady_surplus_makes_the_phases_go_to_and_fro(watts: float, most: float) -> None:
    plant = switching_plant(sun(watts), max_current=most)
    plant.run(3600)
    assert len(plant.chargers[0].switched) <= 1


@pytest.mark.parametrize("appetite", [16.0, 32.0])
@pytest.mark.parametrize("begins_with", [1, 3])
def test_a_32_a_box_has_no_dead_gap(appetite: float, begins_with: int) -> None:
    plant = switching_plant(sun(6000.0), appetite=appetite, max_current=32.0)
    plant.chargers[0].phases = (0, 1, 2)[:begins_with]
    plant.run(2400)
    assert plant.chargers[0].watts == pytest.approx(6000, abs=400)


def test_the_budget_of_a_day_holds() -> None:
    solar = SolarSettings(switches_per_day=4, starts_per_day=100)
    plant = switching_plant(lambda t: sun(9000.0 if t // 1800 % 2 else 1800.0)(t), solar=solar)
    plant.run(8 * 1800)
    charger = plant.chargers[0]
    assert len(charger.switched) == 4 - 1
    assert charger.switched[-1][1] == 1
    assert all(
        after - before >= 600 for (before, _), (after, _) in zip(charger.switched, charger.switched[1:], strict=False)
    )


def test_without_leave_the_phases_stay() -> None:
    plant = Plant(site(garage(mode=Mode.SOLAR, phase_switching=True)), sun(2500.0), [Charger(switches=True)])
    plant.run(900)
    assert plant.chargers[0].switched == []


def test_a_driver_who_asks_for_phases_gets_them() -> None:
    plant = switching_plant(sun(9000.0), override=Override(amps=10.0, phases=1))
    plant.run(600)
    assert [phases for _, phases in plant.chargers[0].switched] == [1]


@hypothesis(max_examples=10, deadline=None)
@given(st.lists(st.floats(0, 12_000), min_size=4, max_size=4), st.sampled_from([Mode.SOLAR, Mode.SOLAR_MIN]))
def test_no_contactor_opens_under_load_whatever_the_sun_does(powers: list[float], mode: Mode) -> None:
    # The charger of the plant refuses to switch while current flows.
    plant = switching_plant(lambda t: sun(powers[t // 500 % len(powers)])(t), mode=mode)
    plant.run(2000)
    assert plant.amps() is not None


def test_a_one_phase_car_frees_two_phases_at_once() -> None:
    other = garage().__replace__(id="drive:0")
    chargers = [Charger(car_phases=1), Charger(id="drive:0")]
    chargers[1].plugged = False
    plant = Plant(site(garage(), other), steady(2.0), chargers)
    plant.run(60)
    assert plant.memory.connector("garage:0").car_phases == 1
    chargers[1].plugged = True
    plant.run(90)
    assert plant.amps("garage:0") == plant.amps("drive:0") == 11
    assert plant.overload(25.0) == 0


def test_a_one_phase_car_takes_the_sun_of_one_phase() -> None:
    plant = Plant(site(garage(mode=Mode.SOLAR), fuse=63.0), sun(4500.0), [Charger(car_phases=1)])
    plant.run(200)
    assert plant.amps() == 16
    assert plant.chargers[0].watts == pytest.approx(3680)


def test_another_car_is_learned_anew_and_a_second_phase_is_believed_at_once() -> None:
    plant = Plant(site(garage()), steady(2.0), [Charger(car_phases=1)])
    plant.run(60)
    plant.chargers[0].car_phases = 3
    plant.run(3)
    assert plant.memory.connector("garage:0").car_phases is None
    plant.chargers[0].car_phases = 1
    plant.run(60)
    assert plant.memory.connector("garage:0").car_phases == 1
    plant.chargers[0].plugged = False
    plant.run(5)
    assert plant.memory.connector("garage:0").car_phases is None
