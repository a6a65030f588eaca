"""Several cars on one sun: one after another, all together, or in turns."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings as hypothesis, strategies as st
import pytest

from custom_components.smart_evse.engine.model import ConnectorSettings, Mode, ReasonKey
from custom_components.smart_evse.engine.settings import SunSharing

from .plant import Charger, Plant, garage, site
from .test_house_mode import planned
from .test_phase_choice import sun

ONE, TWO, THREE = "garage:0", "drive:0", "yard:0"


def cars(sharing: SunSharing, watts: float, *changes: dict[str, object]) -> Plant:
    """Return cars on one sun, each with its own changes of the settings."""
    boxes = tuple(
        garage(**{"mode": Mode.SOLAR, **change}).__replace__(id=key)
        for key, change in zip((ONE, TWO, THREE), changes, strict=False)
    )
    return Plant(site(*boxes, fuse=63.0, sun_sharing=sharing), sun(watts), [Charger(id=box.id) for box in boxes])


def test_together_they_share_by_weight_above_their_minimum() -> None:
    plant = cars(SunSharing.PROPORTIONAL, 13_800.0, {}, {"weight": 3.0})
    plant.run(600)
    assert plant.amps(ONE) == pytest.approx(8, abs=1)
    assert plant.amps(TWO) == pytest.approx(12, abs=1)


def test_together_the_sun_serves_as_many_as_it_carries() -> None:
    plant = cars(SunSharing.PROPORTIONAL, 10_000.0, {}, {}, {})
    plant.run(900)
    running = [key for key in (ONE, TWO, THREE) if (plant.amps(key) or 0) > 0]
    assert len(running) == 2
    assert sum(charger.watts for charger in plant.chargers) == pytest.approx(10_000, abs=700)
    waiting = next(key for key in (ONE, TWO, THREE) if key not in running)
    assert plant.why(waiting) is ReasonKey.SOLAR_WAITING


def test_together_what_one_leaves_goes_to_the_other() -> None:
    plant = cars(SunSharing.PROPORTIONAL, 13_800.0, {}, {})
    plant.chargers[0].appetite = 6.0
    plant.run(600)
    assert plant.chargers[1].drawn == pytest.approx(13, abs=1)


def test_one_whose_turn_it_is_has_the_sun_and_then_makes_room() -> None:
    plant = cars(SunSharing.TURNS, 6000.0, {}, {})
    plant.run(600)
    first = next(key for key in (ONE, TWO) if (plant.amps(key) or 0) > 0)
    second = TWO if first == ONE else ONE
    assert plant.amps(second) == 0
    assert plant.why(second) is ReasonKey.SUN_TURN
    plant.run(900)
    assert plant.amps(first) == 0
    assert plant.amps(second) == 9
    plant.run(900)
    assert plant.amps(second) == 0
    assert plant.amps(first) == 9


def test_turns_are_fair_and_gentle() -> None:
    plant = cars(SunSharing.TURNS, 6000.0, {}, {}, {})
    plant.run(9000)
    energies = [charger.energy for charger in plant.chargers]
    assert min(energies) > 0.75 * max(energies)
    for charger in plant.chargers:
        starts = [t for (_, before), (t, amps) in pairwise(charger.commands) if before == 0 < amps]
        assert all(later - earlier >= 900 for earlier, later in pairwise(starts))


def test_a_sun_that_carries_both_needs_no_turns() -> None:
    plant = cars(SunSharing.TURNS, 16_000.0, {}, {})
    plant.run(2400)
    assert all(charger.drawn > 0 for charger in plant.chargers)


@pytest.mark.parametrize("sharing", SunSharing)
def test_a_car_that_waits_for_a_better_hour_leaves_the_sun_to_others(sharing: SunSharing) -> None:
    plant = cars(sharing, 6000.0, {"mode": Mode.SMART, "priority": 1}, {})
    # Selling the sun now earns as much as having it in the car.
    told = {"plan": planned(value=0.1), "import_price": 0.3, "export_price": 0.12}
    plant.told = lambda _: told
    plant.run(600)
    assert plant.amps(ONE) == 0
    assert plant.chargers[1].watts == pytest.approx(6000, abs=700)
    told["export_price"] = 0.0
    plant.run(900)
    assert plant.chargers[0].watts == pytest.approx(6000, abs=700)
    assert plant.amps(TWO) == 0


@pytest.mark.parametrize("sharing", SunSharing)
def test_two_cars_that_wait_do_not_begin_on_the_same_sun(sharing: SunSharing) -> None:
    plant = cars(sharing, 6000.0, {"mode": Mode.SMART}, {"mode": Mode.SMART})
    (stay,) = planned(value=0.15).stays
    plan = replace(planned(value=0.15), stays=(stay, replace(stay, connector=TWO)))
    plant.told = lambda _: {"plan": plan, "import_price": 0.3, "export_price": 0.05}
    plant.run(900)
    assert (
        sum(charger.commands != [] and max(amps for _, amps in charger.commands) > 0 for charger in plant.chargers) == 1
    )


def test_a_car_that_is_full_has_no_turn() -> None:
    plant = cars(SunSharing.TURNS, 6000.0, {}, {})
    plant.run(60)
    first = next(charger for charger in plant.chargers if charger.limit > 0)
    other = next(charger for charger in plant.chargers if charger is not first)
    other.appetite = 0.0
    plant.run(5400)
    assert first.energy > 6000 * 1.5 * 0.6


@hypothesis(max_examples=20, deadline=None)
@given(
    st.sampled_from(SunSharing),
    st.floats(0, 30_000),
    st.lists(st.builds(dict, weight=st.floats(0.5, 4), priority=st.integers(0, 1)), min_size=1, max_size=3),
)
def test_no_sun_is_handed_out_twice(sharing: SunSharing, watts: float, changes: list[dict[str, object]]) -> None:
    plant = cars(sharing, watts, *changes)
    plant.run(400)
    taken = sum(charger.watts for charger in plant.chargers)
    boxes: tuple[ConnectorSettings, ...] = plant.settings.connectors
    # Each car may round up by half a step, and hold its minimum for 5 % less.
    assert taken <= watts + sum(0.7 * 690 for _ in boxes)
