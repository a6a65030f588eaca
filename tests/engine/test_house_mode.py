"""Power back to the house: what a car gives and takes, second by second."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
import math

from hypothesis import given as for_all, settings as hypothesis_settings, strategies as st
import pytest

from custom_components.smart_evse.engine.claims import Case
from custom_components.smart_evse.engine.giving import best_giving
from custom_components.smart_evse.engine.model import (
    Circuit,
    ClaimKind,
    ConnectorSettings,
    GridReading,
    Mode,
    Override,
    PerPhase,
    Rank,
    ReasonKey,
    SiteState,
    VehicleSettings,
)
from custom_components.smart_evse.engine.plan.model import Plan, PlanReason, PlanSource, SlotPlan, StayPlan
from custom_components.smart_evse.engine.scene import Scene
from custom_components.smart_evse.engine.settings import BatteryPolicy, BatterySettings, GivingSettings

from .plant import START, VOLTS, Charger, Flow, HomeBattery, Plant, site

CAPACITY = 50_000.0
QUIET = 120.0
"""What a fine step and its dead band leave open, in W."""


def box(**changes: object) -> ConnectorSettings:
    """Return a one-phase DC box that goes from 0.23 to 7.4 kW either way."""
    known = ConnectorSettings(
        id="garage:0",
        phase_map=(0,),
        dc=True,
        min_current=1.0,
        max_current=32.0,
        max_discharge=32.0,
        step=0.1,
        mode=Mode.HOUSE,
        vehicle=VehicleSettings(capacity=CAPACITY),
    )
    return replace(known, **changes)


def car(**changes: object) -> Charger:
    return Charger(**{"phases": (0,), "soc": 60.0, **changes})


def house(watts: Callable[[int], float]) -> Flow:
    """Return a house without chargers, the sun taken off, evenly on its phases."""
    return lambda t: PerPhase(*[watts(t) / 3 / VOLTS] * 3)


def steps(*levels: tuple[int, float]) -> Flow:
    """Return a house that draws so many W from each second on."""
    return house(lambda t: next(watts for begin, watts in reversed(levels) if t >= begin))


def planned(*, value: float, target: float = 0.0, hours: float | None = None, power: float = 0.0) -> Plan:
    """Return a plan for the one car: what its energy is worth, and what has to be in it when it departs."""
    departs = None if hours is None else START + timedelta(hours=hours)
    slot = SlotPlan(
        start=START,
        hours=24.0,
        power=power,
        from_sun=0.0,
        energy=target,
        reason=PlanReason.GIVE if power < 0 else PlanReason.WAIT,
    )
    stay = StayPlan(
        connector="garage:0",
        arrives=START,
        departs=departs,
        target=target,
        slots=(slot,),
        value=value,
        planned=0.0,
        missing=0.0,
        cost=0.0,
        next_start=None,
        expected_end=None,
    )
    return Plan(
        made_at=START,
        source=PlanSource.GREEDY,
        stays=(stay,),
        slots=(),
        cost=0.0,
        cost_otherwise=0.0,
        horizon=START + timedelta(days=1),
    )


@pytest.mark.parametrize("lag", [1, 3, 10])
@pytest.mark.parametrize("meter", [1, 10])
@pytest.mark.parametrize("cadence", [1, 5])
def test_a_car_holds_the_grid_at_nothing_with_one_command_for_each_step(lag: int, meter: int, cadence: int) -> None:
    levels = ((0, 600.0), (60, 2600.0), (120, 3600.0), (180, 600.0), (240, -2500.0), (300, -1000.0))
    plant = Plant(
        site(box(settle=lag + 6.0), fuse=40.0),
        steps(*levels),
        [car(lag=lag, cadence=cadence)],
        meter=lambda t: t % meter == 0,
    )
    for _ in levels:
        plant.run(60 if plant.t else 59)
        assert all(abs(watts) <= QUIET for watts in plant.grid_watts(meter))
    assert len(plant.chargers[0].commands) <= len(levels) + 2
    assert plant.state is SiteState.NORMAL


def test_a_step_is_answered_on_the_first_sample_that_shows_it() -> None:
    plant = Plant(site(box()), steps((0, 600.0), (60, 4600.0), (120, 900.0)), [car()])
    plant.run(60)
    assert plant.watts() == pytest.approx(-4600, abs=QUIET)
    plant.run(60)
    assert plant.watts() == pytest.approx(-900, abs=QUIET)


def test_a_house_that_trembles_moves_nothing() -> None:
    plant = Plant(site(box()), house(lambda t: 2000 + 20 * (t % 2)), [car()])
    plant.run(600)
    assert len(plant.chargers[0].commands) <= 3


def test_peaks_are_shaved_down_to_the_import_that_is_paid_for() -> None:
    plant = Plant(
        site(box(giving=GivingSettings(ceiling=3000.0)), fuse=40.0), steps((0, 2500.0), (60, 7000.0)), [car()]
    )
    plant.run(59)
    assert plant.watts() == 0
    assert plant.why() is ReasonKey.HOUSE_RESTING
    plant.run(60)
    assert plant.grid_watts(1)[0] == pytest.approx(3000, abs=QUIET)


def test_between_taking_and_giving_there_is_a_pause() -> None:
    giving = GivingSettings(dead_time=20.0)
    plant = Plant(site(box(giving=giving)), steps((0, 2000.0), (60, -2000.0)), [car()])
    plant.run(59)
    assert plant.why() is ReasonKey.HOUSE_GIVING
    plant.run(15)
    assert plant.why() is ReasonKey.DEAD_TIME
    assert plant.watts() == 0
    plant.run(30)
    assert plant.why() is ReasonKey.HOUSE_TAKING
    signs = [told > 0 for _, told in plant.chargers[0].commands if told]
    assert signs == sorted(signs)


def test_a_box_rests_where_the_house_needs_less_than_its_least() -> None:
    plant = Plant(site(box(min_current=7.0)), house(lambda t: 1500 if t % 40 < 20 else 2000), [car()])
    plant.run(1200)
    assert len(plant.chargers[0].commands) <= 30
    assert all(
        watts == 0 or abs(watts) >= 7 * VOLTS - 1 for watts in (a * VOLTS for _, a in plant.chargers[0].commands)
    )


@pytest.mark.parametrize(
    ("changes", "soc", "why"),
    [
        ({"reserve_soc": 60.0}, 61.0, ReasonKey.RESERVE),
        ({"minimum_soc": 60.0}, 61.0, ReasonKey.RESERVE),
        ({"giving": GivingSettings(backup_soc=70.0)}, 70.0, ReasonKey.BACKUP_RESERVE),
        ({"giving": GivingSettings(reserve_km=150.0)}, 50.0, ReasonKey.RESERVE),
        ({}, None, ReasonKey.RESERVE_UNKNOWN),
        ({"max_discharge": 0.0}, 60.0, ReasonKey.NOT_BIDIRECTIONAL),
    ],
)
@pytest.mark.parametrize("told", [None, Override(amps=-10.0)])
def test_what_has_to_stay_in_the_car_stays_there(
    changes: dict[str, object], soc: float | None, why: ReasonKey, told: Override | None
) -> None:
    plant = Plant(site(box(**changes, override=told)), steps((0, 3000.0)), [car(soc=soc)])
    plant.run(60)
    assert plant.watts() == 0
    assert plant.why() is why


@pytest.mark.parametrize(("hours", "gives"), [(1.0, False), (3.0, False), (12.0, True), (None, True)])
def test_a_car_that_is_counted_on_keeps_what_it_could_not_get_back(hours: float | None, *, gives: bool) -> None:
    plan = planned(value=0.1, target=48_000.0, hours=hours)
    plant = Plant(site(box()), steps((0, 3000.0)), [car(soc=60.0)], told=lambda _: {"plan": plan})
    plant.run(60)
    assert (plant.watts() < 0) is gives
    assert plant.why() is (ReasonKey.HOUSE_GIVING if gives else ReasonKey.DEPARTURE_RESERVE)


@pytest.mark.parametrize("house_draws", [500.0, 5000.0])
@pytest.mark.parametrize(("hours", "misses"), [(3.0, True), (12.0, False), (None, False)])
def test_a_drivers_word_passes_the_departure_and_says_so(
    hours: float | None, house_draws: float, *, misses: bool
) -> None:
    plan = planned(value=0.1, target=48_000.0, hours=hours)
    word = box(override=Override(amps=-10.0))
    plant = Plant(site(word), steps((0, house_draws)), [car(soc=60.0)], told=lambda _: {"plan": plan})
    plant.run(60)
    assert plant.watts() == pytest.approx(-min(house_draws, 10 * VOLTS), abs=QUIET)
    assert (plant.why() is ReasonKey.OVERRIDE_MISSES) is misses
    setpoint = plant.decisions[-1].setpoint("garage:0")
    assert setpoint is not None
    word_claim = next(claim.reason for claim in setpoint.chain if claim.rank is Rank.OVERRIDE)
    assert word_claim.key is (ReasonKey.OVERRIDE_MISSES if misses else ReasonKey.OVERRIDE)
    if misses:
        departure = (START + timedelta(hours=3)).isoformat()
        assert dict(word_claim.placeholders) == {"amps": "-10", "time": departure}


@pytest.mark.parametrize(
    ("price", "value", "watts", "gives"),
    [(0.40, 0.20, 3000.0, True), (0.25, 0.20, 3000.0, False), (0.40, 0.20, 400.0, False), (None, 0.2, 3000.0, True)],
)
def test_giving_has_to_save_more_than_it_costs(price: float | None, value: float, watts: float, *, gives: bool) -> None:
    told = {"plan": planned(value=value), "import_price": price}
    plant = Plant(site(box()), steps((0, watts)), [car()], told=lambda _: told)
    plant.run(60)
    assert (plant.watts() < 0) is gives
    assert plant.why() is (ReasonKey.HOUSE_GIVING if gives else ReasonKey.GIVING_NOT_WORTH)


def test_a_charge_that_is_forgotten_at_rest_stops_and_starts_nothing() -> None:
    """A box that says 0 % while no power flows, and 1 % once in a while."""
    charger = car()
    plant = Plant(site(box()), steps((0, 2000.0), (120, -500.0), (180, 2000.0)), [charger])
    for t in range(1, 300):
        charger.soc = 1.0 if t in {30, 31} else 60.0 if charger.drawn or t < 10 else 0.0
        plant.step()
    assert [math.copysign(bool(amps), amps) for _, amps in charger.commands] == [-1, 0, 1, 0, -1]


def test_a_charge_that_is_really_low_is_believed_after_a_minute() -> None:
    charger = car()
    plant = Plant(site(box()), steps((0, 2000.0)), [charger])
    plant.run(60)
    charger.soc = 20.0
    plant.run(30)
    assert plant.watts() < 0
    plant.run(40)
    assert plant.watts() == 0
    assert plant.why() is ReasonKey.RESERVE


@pytest.mark.parametrize("fault", ["silent", "frozen"])
def test_a_meter_that_says_no_more_ends_the_giving_within_its_time(fault: str) -> None:
    dead_from = 60
    plant = Plant(
        site(box(settle=5.0)),
        house(lambda t: 3000.0 if t < 90 else 1500.0),
        [car(lag=1)],
        meter=lambda t: fault != "silent" or t < dead_from,
    )
    plant.run(dead_from)
    assert plant.watts() < -2000
    if fault == "silent":
        plant.run(12)
        assert plant.watts() == 0
        return
    frozen = plant.grid
    assert frozen is not None
    for _ in range(60):
        plant.step()
        plant.grid = replace(frozen, at=float(plant.t))
    given = [watts for watts in plant.grid_watts(60) if watts < -QUIET]
    # A frozen meter shows no step of ours: none is made, and what the house changes unseen ends with the next step.
    assert plant.watts() >= -3000 - QUIET
    assert min(given, default=0.0) >= -1500 - QUIET


def test_a_car_gives_nothing_while_another_one_takes_from_the_grid_for_all_anyone_knows() -> None:
    other = ConnectorSettings(id="drive:0", mode=Mode.FAST, max_current=8.0)
    plant = Plant(site(box(), other, fuse=63.0), steps((0, 3000.0)), [car(), Charger(id="drive:0", appetite=8.0)])
    plant.run(60)
    assert plant.watts() == 0
    assert plant.why() is ReasonKey.NO_CIRCLE
    told = {"plan": planned(value=0.1), "import_price": 0.4}
    plant.told = lambda _: told
    plant.run(60)
    assert plant.watts() == pytest.approx(-3000, abs=QUIET)
    plant.told = lambda _: {}
    plant.change("drive:0", mode=Mode.OFF)
    plant.run(60)
    assert plant.watts() == pytest.approx(-3000, abs=QUIET)


def test_a_car_that_follows_the_sun_takes_nothing_of_what_another_gives() -> None:
    sun = ConnectorSettings(id="drive:0", mode=Mode.SOLAR, phase_map=(1,))
    plant = Plant(site(box(), sun, fuse=63.0), steps((0, 3000.0)), [car(), Charger(id="drive:0", phases=(1,))])
    plant.run(900)
    assert plant.chargers[1].energy == 0
    assert plant.watts() == pytest.approx(-3000, abs=QUIET)


def test_cars_of_one_priority_share_what_the_house_needs_and_a_better_one_gives_first() -> None:
    second = box(id="drive:0", phase_map=(1,))
    cars = [car(), car(id="drive:0", phases=(1,))]
    plant = Plant(site(box(), second, fuse=63.0), steps((0, 5000.0), (120, 1200.0)), cars)
    plant.run(119)
    assert plant.watts() == pytest.approx(-2500, abs=QUIET)
    assert plant.watts("drive:0") == pytest.approx(-2500, abs=QUIET)
    plant.change("drive:0", priority=1)
    plant.run(60)
    assert plant.watts("drive:0") == pytest.approx(-1200, abs=QUIET)
    assert plant.watts() == 0


def test_an_override_gives_no_more_than_the_house_draws_unless_it_may_export() -> None:
    asked = box(mode=Mode.OFF, override=Override(amps=-20.0))
    plant = Plant(site(asked), steps((0, 2000.0)), [car()])
    plant.run(30)
    assert -2000 <= plant.watts() <= -2000 + QUIET
    plant.change(giving=GivingSettings(may_export=True))
    plant.run(30)
    assert plant.watts() == -20 * VOLTS
    plant.settings = replace(plant.settings, export_limit=500.0)
    plant.run(30)
    assert -2500 <= plant.watts() <= -2500 + QUIET


@pytest.mark.parametrize(("lag", "cadence"), [(2, 1), (5, 1), (3, 10)])
def test_a_battery_that_serves_first_is_left_what_it_can(lag: int, cadence: int) -> None:
    battery = HomeBattery(lag=lag, cadence=cadence, discharge=3000.0)
    settings = site(box(), fuse=40.0, battery=BatterySettings(policy=BatteryPolicy.BATTERY_FIRST))
    plant = Plant(settings, steps((0, 2000.0), (120, 5000.0), (400, 2000.0)), [car()], battery=battery)
    plant.run(119)
    assert battery.power == pytest.approx(2000, abs=QUIET)
    plant.run(240)
    assert battery.power == pytest.approx(3000, abs=2 * QUIET)
    assert plant.watts() == pytest.approx(-2000, abs=2 * QUIET)
    plant.run(200)
    assert plant.watts() == 0
    assert battery.power == pytest.approx(2000, abs=QUIET)
    assert len(plant.chargers[0].commands) <= 20


@pytest.mark.parametrize(("lag", "cadence"), [(2, 1), (5, 1), (3, 10)])
def test_a_car_that_serves_first_takes_over_from_the_battery_and_keeps_it(lag: int, cadence: int) -> None:
    battery = HomeBattery(lag=lag, cadence=cadence)
    settings = site(box(), fuse=40.0, battery=BatterySettings(policy=BatteryPolicy.CAR_FIRST))
    plant = Plant(settings, steps((0, 2000.0), (200, 6000.0), (400, 1600.0)), [car(plugged=False)], battery=battery)
    plant.run(60)
    assert battery.power == pytest.approx(2000, abs=QUIET)
    plant.chargers[0].plugged = True
    for watts in (2000.0, 6000.0, 1600.0):
        plant.run(200 - plant.t % 200 - 1)
        assert plant.watts() == pytest.approx(-watts, abs=2 * QUIET)
        assert battery.power == pytest.approx(0, abs=2 * QUIET)
        plant.run(1)
    told = [amps for t, amps in plant.chargers[0].commands if t > 100]
    assert 0.0 not in told
    assert len(told) <= 40


@dataclass
class SlowToBegin(Charger):
    """A box whose session takes half a minute to begin."""

    begins_at: int | None = None

    def step(self, t: int) -> None:
        """Let a second pass."""
        if not self.limit and not any(amps for _, amps in self.pending):
            self.begins_at = None
        elif self.begins_at is None:
            self.begins_at = t + 30
        wanted, self.appetite = self.appetite, 0.0 if self.begins_at is None or t < self.begins_at else 32.0
        super().step(t)
        self.appetite = wanted


@pytest.mark.parametrize(("lag", "cadence"), [(2, 1), (5, 1), (3, 10), (5, 30)])
@pytest.mark.parametrize("meter", [1, 10])
def test_a_car_that_takes_long_to_begin_does_not_begin_with_all_of_it(lag: int, cadence: int, meter: int) -> None:
    battery, charger = HomeBattery(lag=lag, cadence=cadence), SlowToBegin(phases=(0,), soc=60.0, lag=1, plugged=False)
    settings = site(box(min_current=6.0), fuse=40.0, battery=BatterySettings(policy=BatteryPolicy.CAR_FIRST))
    plant = Plant(settings, steps((0, 3000.0)), [charger], battery=battery, meter=lambda t: t % meter == 0)
    plant.run(60)
    charger.plugged = True
    plant.run(30)
    assert plant.watts() == pytest.approx(-6 * VOLTS, abs=1)
    plant.run(200)
    assert min(plant.grid_watts(200)) >= -6 * VOLTS - QUIET
    assert plant.watts() == pytest.approx(-3000, abs=2 * QUIET)
    assert battery.power == pytest.approx(0, abs=2 * QUIET)


@pytest.mark.parametrize(("lag", "cadence", "read"), [(2, 1, 2), (2, 5, 5), (3, 5, 2)])
@hypothesis_settings(max_examples=6, deadline=None)
@for_all(levels=st.lists(st.sampled_from([1500.0, 3000.0, 4500.0, 6500.0]), min_size=4, max_size=6))
def test_beside_a_battery_no_more_is_asked_for_than_the_house_draws(
    lag: int, cadence: int, read: int, levels: list[float]
) -> None:
    """A load that ends while box and battery are still on their way to it is not asked for once more."""
    flow = steps(*((index * 60, watts) for index, watts in enumerate(levels)))
    settings = site(box(min_current=6.0), fuse=40.0, battery=BatterySettings(policy=BatteryPolicy.CAR_FIRST))
    plant = Plant(settings, flow, [car(lag=1, cadence=read)], battery=HomeBattery(lag=lag, cadence=cadence))
    more = 0
    for t in range(1, 60 * len(levels)):
        plant.step()
        more = more + 1 if -(plant.watts() or 0.0) > flow(t).total * VOLTS + 300 else 0
        assert more <= 3
        assert plant.state is SiteState.NORMAL


@hypothesis_settings(max_examples=25, deadline=None)
@for_all(
    st.lists(st.floats(-6000, 8000), min_size=4, max_size=8),
    st.integers(1, 6),
    st.sampled_from([1, 5, 10]),
    st.sampled_from([1.0, 6.0]),
)
def test_what_is_fed_in_lasts_no_longer_than_the_loop(levels: list[float], lag: int, meter: int, least: float) -> None:
    flow = steps(*((index * 60, watts) for index, watts in enumerate(levels)))
    plant = Plant(
        site(box(settle=lag + 6.0, min_current=least), fuse=63.0),
        flow,
        [car(lag=lag, cadence=1)],
        meter=lambda t: t % meter == 0,
    )
    for t in range(1, 60 * len(levels)):
        plant.step()
        base = flow(t).total * VOLTS
        if t % 60 > meter + lag + 4:
            assert plant.chargers[0].watts >= min(0.0, -base) - 1
            assert plant.chargers[0].watts <= max(0.0, -base) + 1


@pytest.mark.parametrize("watts", [-3000.0, 3000.0])
def test_a_meter_with_the_wrong_sign_is_found_out_and_nothing_more_is_given(watts: float) -> None:
    plant = Plant(site(box(settle=5.0), fuse=63.0), house(lambda _: watts), [car(lag=1)], meter=lambda _: False)
    for _ in range(60):
        plant.step()
        shown = plant.totals[-1].map(lambda amps: -amps)
        plant.grid = GridReading(at=float(plant.t), power=shown.total * VOLTS, currents=shown)
    assert plant.state is SiteState.DEGRADED
    assert plant.why() is ReasonKey.METER_NOT_TRUSTED
    assert plant.watts() == 0


def test_a_start_to_give_has_to_save_more_than_it_wears() -> None:
    told = {"plan": planned(value=0.1), "import_price": 0.3, "export_price": 0.08}

    def gives(flow: Flow) -> bool:
        plant = Plant(site(box(mode=Mode.SMART), fuse=63.0), flow, [car()], told=lambda _: told)
        plant.run(300)
        return plant.chargers[0].given > 0

    assert gives(house(lambda _: 500.0))
    assert gives(house(lambda t: 2_500.0 if t < 60 else 0.0)), "a kettle of a minute is worth it"
    assert not gives(house(lambda t: 500.0 if t % 60 < 20 else 100.0)), "what comes and goes is not"


def test_a_plan_that_sells_may_feed_the_grid_where_the_price_pays_and_the_contract_allows() -> None:
    told = {"plan": planned(value=0.1, power=-6000.0), "import_price": 0.5, "export_price": 0.45}
    selling = box(mode=Mode.SMART, giving=GivingSettings(may_export=True), override=None)
    for changes, sells in (
        ({}, True),
        ({"giving": GivingSettings()}, False),
        ({"mode": Mode.HOUSE}, False),
    ):
        plant = Plant(site(replace(selling, **changes), fuse=63.0), steps((0, 1000.0)), [car()], told=lambda _: told)
        plant.run(30)
        chain = plant.decisions[-1].setpoints[0].chain
        room = min(claim.amps for claim in chain if claim.kind is ClaimKind.DISCHARGE) * VOLTS
        assert room >= 6000 if sells else room <= 1000 + 1
    told = {**told, "export_price": 0.12}
    plant = Plant(site(selling, fuse=63.0), steps((0, 1000.0)), [car()], told=lambda _: told)
    plant.run(30)
    chain = plant.decisions[-1].setpoints[0].chain
    assert min(claim.amps for claim in chain if claim.kind is ClaimKind.DISCHARGE) * VOLTS <= 1000 + 1


@pytest.mark.parametrize(
    ("prices", "best"),
    [((0.4, 0.05), 3000.0), ((0.4, 0.38), 7000.0), ((0.2, 0.05), 0.0), ((None, None), 3000.0)],
)
def test_the_best_power_to_give_is_the_house_unless_export_pays_too(
    prices: tuple[float | None, float | None], best: float
) -> None:
    told = {"plan": planned(value=0.2), "import_price": prices[0], "export_price": prices[1]}
    plant = Plant(site(box(mode=Mode.OFF)), steps((0, 3000.0)), [car()], told=lambda _: told)
    plant.run(5)
    memory = plant.memory
    case = Case(
        settings=plant.settings.connectors[0],
        memory=memory.connector("garage:0"),
        reading=plant.chargers[0].reading,
        last=None,
        phases=(0,),
        per_amp=VOLTS,
    )
    scene = Scene(
        snapshot=plant.snapshot(),
        settings=plant.settings,
        memory=memory,
        house=memory.house,
        cases=(case,),
        seconds=1.0,
    )
    assert best_giving(case, scene, 7000.0) == pytest.approx(best, abs=1)


def test_a_circuit_carries_no_more_outward_than_inward() -> None:
    boxes = (box(circuit="shed"), box(id="drive:0", circuit="shed"))
    settings = site(*boxes, fuse=63.0, circuits=(Circuit(id="shed", name="Shed", limit=17.0),))
    plant = Plant(settings, steps((0, 9000.0)), [car(), car(id="drive:0")])
    plant.run(120)
    assert 10 <= sum(-charger.drawn for charger in plant.chargers) <= 16
    assert plant.why() is ReasonKey.CIRCUIT


@pytest.mark.parametrize("signed", [True, False])
def test_a_current_without_a_sign_makes_no_room_outward(*, signed: bool) -> None:
    boxes = (box(circuit="shed"), box(id="drive:0", circuit="shed"))
    shed = Circuit(id="shed", name="Shed", limit=17.0, max_age=10.0)
    plant = Plant(site(*boxes, fuse=63.0, circuits=(shed,)), steps((0, 9000.0)), [car(), car(id="drive:0")])

    def told(t: int) -> dict[str, object]:
        amps = sum(charger.drawn for charger in plant.chargers)
        currents = PerPhase(amps if signed else abs(amps))
        powers = currents.map(lambda each: each * VOLTS) if signed else None
        return {"circuits": (("shed", GridReading(at=float(t), power=0.0, currents=currents, powers=powers)),)}

    plant.told = told
    given = []
    for _ in range(300):
        plant.step()
        given.append(-sum(charger.drawn for charger in plant.chargers))
    assert max(given) <= 17.0
    assert given[-1] >= 10
