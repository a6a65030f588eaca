"""Unbalance: no phase carries much more of our chargers than another."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.model import ConnectorSettings, Mode, Override, ReasonKey
from custom_components.smart_evse.engine.unbalance import PRESETS

from .plant import Charger, Plant, garage, site, steady


def box(number: int, phases: tuple[int, ...], **changes: object) -> ConnectorSettings:
    return replace(garage(phase_map=phases, max_current=32.0, **changes), id=f"box:{number}")


def plant_of(*maps: tuple[int, ...], limit: float | None = 20.0, fuse: float = 63.0) -> Plant:
    boxes = [box(number, phases) for number, phases in enumerate(maps)]
    chargers = [Charger(id=item.id, phases=item.phase_map) for item in boxes]
    return Plant(site(*boxes, fuse=fuse, unbalance_limit=limit), steady(0.0), chargers)


def unbalance(plant: Plant) -> float:
    """Return the most that two phases differ in now because of the chargers."""
    own = [sum(charger.currents[phase] for charger in plant.chargers) for phase in range(3)]
    return max(own) - min(own)


@pytest.mark.parametrize(("country", "amps"), [("DE", 20), ("AT", 16), ("CH", 16)])
def test_a_one_phase_car_is_held_to_its_countrys_limit(country: str, amps: float) -> None:
    plant = plant_of((1,), limit=PRESETS[country])
    plant.run(60)
    assert plant.amps("box:0") == amps
    assert plant.why("box:0") is ReasonKey.UNBALANCE


def test_a_three_phase_car_is_not() -> None:
    plant = plant_of((0, 1, 2))
    plant.run(60)
    assert plant.amps("box:0") == 32


def test_two_on_one_phase_share_what_is_allowed() -> None:
    plant = plant_of((0,), (0,))
    plant.run(120)
    assert (plant.amps("box:0"), plant.amps("box:1")) == (10, 10)


def test_what_another_phase_carries_is_not_set_off() -> None:
    plant = plant_of((0,), (1,))
    plant.run(60)
    assert (plant.amps("box:0"), plant.amps("box:1")) == (20, 20)


def test_without_a_limit_there_is_none() -> None:
    plant = plant_of((1,), limit=None)
    plant.run(60)
    assert plant.amps("box:0") == 32


def test_a_car_that_gives_on_another_phase_counts() -> None:
    giver = box(1, (1,), max_discharge=16.0, override=Override(amps=-12.0))
    taker = box(0, (0,))
    plant = Plant(
        site(taker, giver, fuse=63.0, unbalance_limit=20.0),
        steady(20.0),
        [Charger(id="box:0", phases=(0,)), Charger(id="box:1", phases=(1,), soc=80.0)],
    )
    plant.run(90)
    assert unbalance(plant) <= 20


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from([(0,), (1,), (2,), (0, 1), (0, 1, 2)]), min_size=1, max_size=5),
    st.sampled_from([10.0, 16.0, 20.0]),
)
def test_no_two_phases_differ_by_more(maps: list[tuple[int, ...]], limit: float) -> None:
    plant = plant_of(*maps, limit=limit, fuse=200.0)
    for _ in range(60):
        plant.step()
        assert unbalance(plant) <= limit + 1e-6
    assert any(plant.amps(f"box:{number}") for number in range(len(maps)))


def test_a_silent_site_keeps_to_it() -> None:
    boxes = [box(number, (0,), fallback=16.0) for number in range(2)]
    plant = Plant(
        site(*boxes, fuse=63.0, unbalance_limit=20.0),
        steady(0.0),
        [Charger(id=item.id, phases=(0,), limit=16.0) for item in boxes],
        meter=lambda _: False,
    )
    plant.settings = replace(plant.settings, start_grace=5.0)
    plant.run(60)
    assert sum(plant.amps(item.id) or 0.0 for item in boxes) <= 20
    assert all(item.mode is Mode.FAST for item in boxes)
