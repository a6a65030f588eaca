"""A meter that stands still, or turns its sign while a car gives: asked, found out, and never condemned unasked."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.model import (
    ConnectorSettings,
    GridReading,
    Mode,
    Override,
    PerPhase,
    ReasonKey,
    SiteState,
    Snapshot,
    VehicleSettings,
)
from tests.engine.plant import VOLTS, Charger, Flow, HomeBattery, Plant, garage, site, steady

STANDS_AT, MOVES_AT = 200, 290
STALE, FOLLOW = 10, 8
"""How long a silent meter is believed, and how long box and car take to follow, in s."""


@dataclass
class Doubtful(Plant):
    """A site whose meter says, between two seconds, what `lie` makes of the truth and of what it said before."""

    lie: Callable[[GridReading, GridReading], GridReading] = lambda _, before: before
    before: GridReading | None = None

    def snapshot(self) -> Snapshot:
        """Return what is known now."""
        snapshot = super().snapshot()
        if snapshot.grid is None or not STANDS_AT <= self.t < MOVES_AT or self.before is None:
            self.before = snapshot.grid
            return snapshot
        return replace(snapshot, grid=replace(self.lie(snapshot.grid, self.before), at=snapshot.grid.at))


def mirrored(truth: GridReading, _: GridReading) -> GridReading:
    """Return what a meter says whose sign has turned."""
    assert truth.currents is not None
    return replace(truth, power=-truth.power, currents=truth.currents.map(lambda amps: -amps))


def busy(amps: float) -> Flow:
    """Return a house that moves a little every second."""
    return lambda t: PerPhase(amps + t % 5 / 20, amps, amps)


def asked(plant: Plant) -> list[int]:
    """Return at which seconds a question was put."""
    seconds = [at for at, each in enumerate(plant.decisions, start=1) if each.memory.doubt.asked is not None]
    return [at for at in seconds if at - 1 not in seconds]


def giving_box() -> ConnectorSettings:
    return ConnectorSettings(
        id="garage:0",
        dc=True,
        min_current=1.0,
        max_current=14.0,
        max_discharge=14.0,
        step=0.1,
        settle=4.0,
        mode=Mode.HOUSE,
        vehicle=VehicleSettings(capacity=60_000.0),
    )


@pytest.mark.parametrize("step", [1.0, 0.1])
def test_a_meter_that_stands_still_is_asked_and_found_out(step: float) -> None:
    plant = Doubtful(site(garage(fallback=6.0, step=step)), busy(4.0), [Charger(appetite=16.0)])
    plant.run(STANDS_AT)
    assert plant.amps() == 16.0
    plant.run(STALE + 2)
    assert plant.amps() == 15.0
    assert plant.why() is ReasonKey.METER_ASKED
    plant.run(FOLLOW - 1)
    assert plant.state is SiteState.DEGRADED
    assert plant.decisions[-1].site.reason is not None
    assert plant.decisions[-1].site.reason.key is ReasonKey.METER_NOT_TRUSTED
    assert plant.amps() == 6.0


def test_it_is_believed_again_when_it_moves_and_nothing_rises_at_once() -> None:
    plant = Doubtful(site(garage(fallback=6.0)), busy(4.0), [Charger(appetite=16.0)])
    plant.run(MOVES_AT + 1)
    assert plant.state is SiteState.NORMAL
    assert plant.amps() == 6.0
    plant.run(25)
    assert plant.why() is ReasonKey.METER_RECOVERED
    plant.run(20)
    assert plant.amps() == 16.0


def test_a_house_load_that_a_frozen_meter_hides_is_over_in_time() -> None:
    def flow(t: int) -> PerPhase:
        return busy(4.0 if t < STANDS_AT + 3 else 16.0)(t)

    plant = Doubtful(site(garage(fallback=6.0)), flow, [Charger(appetite=16.0)])
    plant.run(MOVES_AT - 1)
    over = [t for t, total in enumerate(plant.totals, start=1) if max(total) > 25.0]
    assert over[0] == STANDS_AT + 3
    assert over[-1] <= STANDS_AT + 3 + STALE + FOLLOW


def test_a_meter_in_a_house_at_rest_answers_and_is_asked_ever_less() -> None:
    """A recorded house says the same for minutes: it costs a few small steps and no trust."""

    def flow(t: int) -> PerPhase:
        return steady(4.0)(t) if t < 400 or t % 240 else steady(5.0)(t)

    quiet = {"voltages": PerPhase(VOLTS, VOLTS, VOLTS)}
    car = Charger(appetite=16.0)
    plant = Plant(site(garage()), lambda t: busy(4.0)(t) if t < 200 else flow(t), [car], metered=lambda _: quiet)
    plant.run(4 * 3600)
    assert plant.state is SiteState.NORMAL
    assert {each.site.state for each in plant.decisions[200:]} == {SiteState.NORMAL}
    assert 1 <= len(asked(plant)) <= 12
    assert car.energy >= 0.99 * (4 * 3600 - 30) / 3600 * 16 * 3 * VOLTS


@pytest.mark.parametrize("plugged", [True, False])
def test_a_meter_is_asked_nothing_while_no_car_moves_it(plugged: bool) -> None:  # noqa: FBT001
    still = {"voltages": PerPhase(VOLTS, VOLTS, VOLTS)}
    charger = Charger(plugged=plugged, appetite=0.0)
    plant = Plant(site(garage()), steady(0.4), [charger], metered=lambda _: still)
    plant.run(1200)
    assert asked(plant) == []
    assert plant.state is SiteState.NORMAL


def test_a_battery_that_makes_up_for_the_step_is_no_fault_of_the_meter() -> None:
    """A home battery that holds the connection at nothing, and a meter that says nothing all day."""

    @dataclass
    class Held(Plant):
        def snapshot(self) -> Snapshot:
            """Return what is known now: the battery takes over each step at once."""
            snapshot = super().snapshot()
            if snapshot.grid is None or snapshot.battery is None:
                return snapshot
            held = replace(snapshot.battery, at=snapshot.now, power=snapshot.battery.power + snapshot.grid.power)
            nothing = GridReading(at=snapshot.grid.at, power=0.0, currents=PerPhase(0.0, 0.0, 0.0))
            return replace(snapshot, grid=nothing, battery=held)

    plant = Held(site(garage()), steady(2.0), [Charger(appetite=16.0)], battery=HomeBattery(energy=9e9, capacity=1e10))
    plant.run(1800)
    assert len(asked(plant)) >= 2
    assert plant.state is SiteState.NORMAL


def test_a_car_at_its_least_and_no_more_than_its_safe_share_is_not_stopped_for_a_question() -> None:
    plant = Doubtful(site(garage(max_current=6.0, fallback=6.0)), busy(4.0), [Charger()])
    plant.run(MOVES_AT - 1)
    assert asked(plant) == []
    assert plant.amps() == 6.0


@pytest.mark.parametrize(
    ("count", "house", "later", "box", "appetite"),
    [
        (2, 4.0, 16.0, {"mode": Mode.SOLAR_MIN}, 16.0),
        (2, 10.5, 22.0, {"mode": Mode.SOLAR_MIN}, 16.0),
        (2, 11.0, 22.0, {}, 16.0),
        (2, 4.0, 16.0, {"max_current": 6.0}, 16.0),
        (1, 17.5, 23.0, {}, 16.0),
        (2, 4.0, 16.0, {"mode": Mode.SOLAR_MIN}, 6.0),
    ],
    ids=["more for both", "more for one", "no more by the fuse", "no more by the box", "one", "no more wanted"],
)
def test_cars_at_their_least_ask_as_well(
    count: int, house: float, later: float, box: dict[str, object], appetite: float
) -> None:
    def flow(t: int) -> PerPhase:
        return busy(house if t < STANDS_AT + 3 else later)(t)

    boxes = [garage(**{**box, "id": f"box{number}:0"}) for number in range(count)]
    cars = [Charger(id=each.id, appetite=appetite) for each in boxes]
    plant = Doubtful(site(*boxes), flow, cars)
    plant.run(STANDS_AT)
    assert {plant.amps(each.id) for each in boxes} == {6.0}
    plant.run(MOVES_AT - 1 - STANDS_AT)
    assert plant.state is SiteState.DEGRADED
    assert {plant.amps(each.id) for each in boxes} == {0.0}
    over = [t for t, total in enumerate(plant.totals, start=1) if max(total) > 25.0]
    asked_twice = 2 * FOLLOW if appetite == 6.0 else 0
    assert over[0] == STANDS_AT + 3
    assert over[-1] <= STANDS_AT + 3 + STALE + FOLLOW + asked_twice


def test_a_drivers_word_is_not_raised_and_off_is_off_while_a_meter_is_asked() -> None:
    plant = Doubtful(site(garage(mode=Mode.SOLAR_MIN)), busy(4.0), [Charger(appetite=16.0)])
    plant.run(STANDS_AT + STALE + 2)
    assert (plant.amps(), plant.why()) == (7.0, ReasonKey.METER_ASKED)
    plant.change(override=Override(amps=6.0))
    plant.run(1)
    assert plant.amps() == 6.0
    plant.change(mode=Mode.OFF, override=None)
    plant.run(1)
    assert plant.amps() == 0.0


def test_a_house_at_rest_costs_a_car_at_its_least_no_stop() -> None:
    quiet = {"voltages": PerPhase(VOLTS, VOLTS, VOLTS)}
    plant = Plant(
        site(garage(mode=Mode.SOLAR_MIN)),
        lambda t: (busy if t < 200 else steady)(4.0)(t),
        [Charger(appetite=16.0)],
        metered=lambda _: quiet,
    )
    plant.run(2 * 3600)
    assert {each.site.state for each in plant.decisions[200:]} == {SiteState.NORMAL}
    assert 1 <= len(asked(plant)) <= 12
    assert min(amps for _, amps in plant.chargers[0].commands[1:]) == 6.0


@given(house=st.floats(2.0, 6.0), falls=st.integers(0, 25), lag=st.integers(1, 2))
@settings(max_examples=20, deadline=None)
def test_a_sign_that_turns_while_a_car_gives_ends_the_giving(house: float, falls: int, lag: int) -> None:
    def flow(t: int) -> PerPhase:
        return busy(house if t < STANDS_AT + falls else house / 3)(t)

    charger = Charger(soc=60.0, lag=lag, cadence=1)
    plant = Doubtful(site(giving_box(), fuse=40.0), flow, [charger], lie=mirrored)
    plant.run(MOVES_AT - 1)
    fed = [t for t, total in enumerate(plant.totals, start=1) if total.total * VOLTS < -300 and t >= STANDS_AT]
    assert not fed or fed[-1] - fed[0] <= STALE + 2 * FOLLOW


@given(levels=st.lists(st.floats(0.5, 14.0), min_size=3, max_size=8), every=st.integers(10, 40))
@example(levels=[1.0, 4.0, 12.0], every=17)
@settings(max_examples=20, deadline=None)
def test_an_honest_meter_is_never_condemned_however_the_house_rises(levels: list[float], every: int) -> None:
    charger = Charger(soc=90.0, lag=2, cadence=1)
    plant = Plant(site(giving_box(), fuse=63.0), lambda t: busy(levels[t // every % len(levels)])(t), [charger])
    plant.run(600)
    assert {each.site.state for each in plant.decisions[10:]} == {SiteState.NORMAL}


@given(
    levels=st.lists(st.sampled_from([1500.0, 3000.0, 6500.0]), min_size=4, max_size=8),
    every=st.integers(10, 40),
    cadence=st.sampled_from([1, 2, 5]),
    read=st.sampled_from([1, 5]),
)
@settings(max_examples=20, deadline=None)
def test_nothing_is_asked_about_the_sign_beside_a_home_battery(
    levels: list[float], every: int, cadence: int, read: int
) -> None:
    """It moves within seconds of every step, and its word is older than that: no answer would prove anything."""
    plant = Plant(
        site(replace(giving_box(), phase_map=(0,), max_current=32.0, max_discharge=32.0), fuse=63.0),
        lambda t: busy(levels[t // every % len(levels)] / 3 / VOLTS)(t),
        [Charger(phases=(0,), soc=90.0, lag=2, cadence=read)],
        battery=HomeBattery(lag=2, cadence=cadence),
    )
    plant.run(400)
    assert asked(plant) == []
