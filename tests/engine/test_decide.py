"""The decision as a whole, second by second against a small house."""

from dataclasses import replace
from datetime import timedelta
import math

import pytest

from custom_components.smart_evse.engine.model import (
    AcLimit,
    Circuit,
    ClaimKind,
    ConnectorReading,
    Mode,
    Override,
    PerPhase,
    PowerLimit,
    ReasonKey,
    SiteState,
    SolarSettings,
    VehicleSettings,
    VehicleState,
)
from custom_components.smart_evse.engine.settings import GivingSettings

from .plant import START, VOLTS, Charger, Plant, garage, site, steady


def test_a_fast_charge_takes_what_the_fuse_leaves_and_is_not_taken_for_a_load_of_the_house() -> None:
    plant = Plant(site(garage()), steady(5.0), [Charger()])
    plant.run(60)
    assert plant.amps() == 16
    assert plant.why() is ReasonKey.MODE_FAST
    assert [amps for _, amps in plant.chargers[0].commands] == [16]


def test_a_kettle_brings_the_car_down_at_once_and_up_again_only_after_the_hold() -> None:
    def flow(t: int) -> PerPhase:
        return PerPhase(15.0 if 100 <= t < 200 else 5.0, 5.0, 5.0)

    plant = Plant(site(garage()), flow, [Charger()])
    plant.run(99)
    assert plant.amps() == 16
    plant.run(2)
    assert plant.amps() == 9
    assert plant.why() is ReasonKey.MAIN_FUSE
    plant.run(119)
    assert plant.amps() == 9
    plant.run(60)
    assert plant.amps() == 16
    assert plant.overload(25.0) <= (31 - 25) * (2 + plant.chargers[0].lag)


def test_a_house_that_leaves_less_than_the_minimum_stops_the_car() -> None:
    plant = Plant(site(garage()), steady(20.0, 3.0, 3.0), [Charger()])
    plant.run(30)
    assert plant.amps() == 0
    assert plant.why() is ReasonKey.MAIN_FUSE


def test_only_the_phases_of_a_one_phase_car_count() -> None:
    plant = Plant(site(garage(phase_map=(1,))), steady(24.0, 2.0, 24.0), [Charger(phases=(1,))])
    plant.run(30)
    assert plant.amps() == 16


def test_two_chargers_share_a_phase_equally_and_each_within_its_wish() -> None:
    second = replace(garage(), id="drive:0", max_current=8.0)
    plant = Plant(site(garage(), second), steady(4.0), [Charger(), Charger(id="drive:0")])
    plant.run(90)
    assert plant.amps("drive:0") == 8
    assert plant.amps() == 12
    assert plant.overload(25.0) == 0


def test_the_minimum_goes_to_the_one_of_higher_priority_first() -> None:
    second = replace(garage(), id="drive:0", priority=1)
    plant = Plant(site(garage(), second), steady(14.0), [Charger(), Charger(id="drive:0")])
    plant.run(30)
    assert (plant.amps("drive:0"), plant.amps()) == (10, 0)


def test_starting_leaves_a_running_charge_alone_and_then_adopts_it() -> None:
    charger = Charger(limit=10.0)
    plant = Plant(site(garage(mode=Mode.SOLAR)), steady(-12.0), [charger], meter=lambda t: t > 20)
    plant.run(20)
    assert plant.state is SiteState.STARTING
    assert charger.commands == []
    plant.run(30)
    assert plant.state is SiteState.NORMAL
    assert 0 not in [amps for _, amps in charger.commands]
    assert charger.drawn >= 10


def test_a_meter_that_never_speaks_degrades_the_site_after_the_grace() -> None:
    charger = Charger(limit=16.0)
    plant = Plant(site(garage(fallback=6.0)), steady(3.0), [charger], meter=lambda _: False)
    plant.run(119)
    assert plant.state is SiteState.STARTING
    plant.run(10)
    assert plant.state is SiteState.DEGRADED
    assert plant.amps() == 6
    assert plant.why() is ReasonKey.METER_SILENT


def test_a_meter_that_goes_silent_holds_each_charger_to_its_fallback_and_raises_nothing() -> None:
    plant = Plant(site(garage(fallback=7.0)), steady(3.0), [Charger()], meter=lambda t: not 60 <= t < 200)
    plant.run(60)
    assert plant.amps() == 16
    plant.run(15)
    assert plant.amps() == 7
    plant.change(mode=Mode.FAST, override=Override(amps=16.0))
    plant.run(60)
    assert plant.amps() == 7
    plant.run(100)
    assert plant.state is SiteState.NORMAL
    assert plant.amps() == 16


def test_a_stop_is_obeyed_even_when_the_meter_is_silent() -> None:
    plant = Plant(site(garage(fallback=7.0)), steady(3.0), [Charger()], meter=lambda t: t < 60)
    plant.run(80)
    plant.change(override=Override(amps=0.0))
    plant.run(5)
    assert plant.amps() == 0


def test_a_meter_with_the_wrong_sign_is_found_out_by_our_own_steps() -> None:
    plant = Plant(site(garage()), steady(3.0), [Charger()])
    plant.run(40)
    honest = plant.flow
    for t in range(6):
        plant.change(override=Override(amps=6.0 if t % 2 else 16.0))
        plant.flow = honest
        _run_inverted(plant, 30)
    assert plant.state is SiteState.DEGRADED
    setpoint = plant.decisions[-1].setpoint("garage:0")
    assert setpoint is not None
    assert setpoint.limited_by.key is ReasonKey.METER_NOT_TRUSTED


def _run_inverted(plant: Plant, seconds: int) -> None:
    """Run with a meter that shows the car as a generator."""
    honest, charger = plant.flow, plant.chargers[0]
    plant.flow = lambda t: honest(t) - charger.currents - charger.currents
    plant.run(seconds)
    plant.flow = honest


def test_an_honest_meter_is_trusted_through_many_steps() -> None:
    plant = Plant(site(garage()), steady(3.0), [Charger()])
    for t in range(12):
        plant.change(override=Override(amps=6.0 if t % 2 else 16.0))
        plant.run(30)
    assert {decision.site.state for decision in plant.decisions} == {SiteState.NORMAL}


def test_one_step_that_a_cloud_hides_condemns_no_meter() -> None:
    """The sun falls by as much as the car, and longer than the step is looked at: that is one miss and not two."""
    plant = Plant(site(garage()), lambda t: steady(3.0)(t) if t < 102 else steady(9.0)(t), [Charger()])
    plant.run(99)
    plant.change(override=Override(amps=10.0))
    plant.run(60)
    assert {decision.site.state for decision in plant.decisions} == {SiteState.NORMAL}
    assert plant.memory.misses == 1


def test_a_large_step_with_the_wrong_sign_condemns_a_meter_at_once() -> None:
    plant = Plant(site(garage()), steady(3.0), [Charger()])
    _run_inverted(plant, 30)
    assert plant.state is SiteState.DEGRADED
    assert plant.decisions[-1].site.reason is not None
    assert plant.decisions[-1].site.reason.key is ReasonKey.METER_NOT_TRUSTED


def test_a_step_that_shows_late_is_no_miss() -> None:
    plant = Plant(site(garage()), lambda t: steady(13.0)(t) if 102 <= t < 112 else steady(3.0)(t), [Charger()])
    plant.run(99)
    plant.change(override=Override(amps=6.0))
    plant.run(60)
    assert plant.memory.misses == 0


@pytest.mark.parametrize("lag", range(1, 31, 2))
@pytest.mark.parametrize("every", [1, 5, 10])
def test_a_car_that_starts_late_is_no_fault_of_the_meter(lag: int, every: int) -> None:
    plant = Plant(site(garage()), steady(3.0), [Charger(lag=lag, cadence=5)], meter=lambda t: t % every == 0, delay=1)
    for amps in (0.0, 16.0, 0.0, 10.0, 0.0):
        plant.change(override=Override(amps=amps))
        # One that is stopped as soon as it has started was seen by no meter.
        plant.run(lag + 4 if amps == 16.0 else 60)
    assert {decision.site.state for decision in plant.decisions[10:]} == {SiteState.NORMAL}
    assert plant.memory.misses == 0


def test_a_three_phase_site_with_only_a_total_gets_fallback_shares() -> None:
    plant = Plant(site(garage(fallback=8.0)), steady(3.0), [Charger()], total_only=True)
    plant.run(30)
    setpoint = plant.decisions[-1].setpoint("garage:0")
    assert setpoint is not None
    assert ReasonKey.METER_MISSING_PHASES in {claim.reason.key for claim in setpoint.chain}
    assert setpoint.limit == AcLimit(8.0, 3)


def test_a_charger_that_falls_silent_is_told_nothing_and_its_car_counts_as_house() -> None:
    silent = Charger()
    second = replace(garage(), id="drive:0")
    plant = Plant(site(garage(), second), steady(2.0), [silent, Charger(id="drive:0")])
    plant.run(60)
    silent.cadence = 10**9
    plant.run(60)
    assert plant.amps() is None
    assert plant.why() is ReasonKey.CHARGER_SILENT
    assert plant.amps("drive:0") == 22 - silent.drawn


def test_a_silent_charger_is_stopped_when_the_house_overloads_the_fuse() -> None:
    silent = Charger()
    plant = Plant(site(garage()), lambda t: steady(3.0)(t) if t < 100 else steady(18.0)(t), [silent])
    plant.run(60)
    silent.cadence = 10**9
    plant.run(60)
    setpoint = plant.decisions[-1].setpoint("garage:0")
    assert setpoint is not None
    assert setpoint.limit == AcLimit(0.0, 3)
    assert setpoint.urgent


@pytest.mark.parametrize(
    ("changes", "amps", "limited_by"),
    [
        ({"cable_current": 13.0}, 13, ReasonKey.CABLE_MAXIMUM),
        ({"vehicle": VehicleSettings(max_current=10.0)}, 10, ReasonKey.VEHICLE_MAXIMUM),
        ({"override": Override(amps=9.0)}, 9, ReasonKey.OVERRIDE),
        ({"override": Override(amps=20.0)}, 16, ReasonKey.CHARGER_MAXIMUM),
        ({"override": Override(amps=4.0)}, 0, ReasonKey.BELOW_MINIMUM),
        ({"override": Override(amps=-8.0)}, 0, ReasonKey.NOT_BIDIRECTIONAL),
        ({"mode": Mode.OFF}, 0, ReasonKey.MODE_OFF),
        ({"energy_left": 0.0}, 0, ReasonKey.STOP_AFTER_ENERGY),
        ({"unattended": 7.0}, 7, ReasonKey.UNATTENDED),
        ({"vehicle": VehicleSettings(min_current=8.0), "override": Override(amps=7.0)}, 0, ReasonKey.BELOW_MINIMUM),
        ({"step": 0.1, "override": Override(amps=9.99)}, 9.9, ReasonKey.OVERRIDE),
    ],
)
def test_each_limit_is_named_when_it_decides(changes: dict[str, object], amps: float, limited_by: ReasonKey) -> None:
    plant = Plant(site(garage(**changes)), steady(2.0), [Charger()])
    decision = plant.run(30)
    setpoint = decision.setpoint("garage:0")
    assert setpoint is not None
    assert (plant.amps(), setpoint.limited_by.key) == (amps, limited_by)


def test_an_override_ends_at_its_time() -> None:
    plant = Plant(site(garage(mode=Mode.OFF)), steady(2.0), [Charger()])
    plant.change(override=Override(amps=10.0, until=START + timedelta(seconds=60)))
    plant.run(59)
    assert plant.amps() == 10
    plant.run(2)
    assert plant.amps() == 0


def test_an_unplugged_connector_is_offered_nothing() -> None:
    plant = Plant(site(garage()), steady(2.0), [Charger(plugged=False)])
    plant.run(10)
    assert plant.amps() == 0
    assert plant.why() is ReasonKey.NOT_CONNECTED


def test_a_fault_stops_everything_and_says_so() -> None:
    charger = Charger()
    plant = Plant(site(garage()), steady(2.0), [charger])
    plant.run(30)
    charger.cadence = 10**9
    charger.reading = replace(charger.read(31.0), state=VehicleState.FAULT, fault="earth leakage")
    plant.run(1)
    assert plant.amps() == 0
    assert plant.why() is ReasonKey.CHARGER_FAULT


def test_a_car_that_does_not_take_what_it_is_offered_is_said_to_wait() -> None:
    plant = Plant(site(garage()), steady(2.0), [Charger(appetite=0.0)])
    plant.run(30)
    assert plant.amps() == 16
    assert plant.why() is ReasonKey.VEHICLE_NOT_CHARGING


def test_phases_are_switched_in_the_safe_order() -> None:
    charger = Charger()
    plant = Plant(site(garage(phase_switching=True)), steady(2.0), [charger])
    plant.run(30)
    plant.change(override=Override(amps=16.0, phases=1))
    plant.run(5)
    assert plant.amps() == 0
    assert plant.why() is ReasonKey.PHASE_SWITCH
    plant.run(110)
    setpoint = plant.decisions[-1].setpoint("garage:0")
    assert setpoint is not None
    assert setpoint.limit == AcLimit(0.0, 3)
    plant.run(20)
    limits = [s.limit for d in plant.decisions[-30:] if (s := d.setpoint("garage:0")) is not None]
    assert AcLimit(0.0, 1) in limits
    assert limits[-1] == AcLimit(16.0, 1)


def _bidirectional(**changes: object) -> Plant:
    box = garage(
        phase_map=(0,),
        dc=True,
        step=0.1,
        max_discharge=16.0,
        reserve_soc=30.0,
        override=Override(amps=-10.0),
        **changes,
    )
    return Plant(site(box), steady(6.0), [Charger(phases=(0,), soc=60.0)])


def _watts(plant: Plant) -> float:
    setpoint = plant.decisions[-1].setpoint("garage:0")
    assert setpoint is not None
    assert isinstance(setpoint.limit, PowerLimit)
    return setpoint.limit.watts


def test_a_bidirectional_charger_gives_what_it_is_asked_for() -> None:
    plant = _bidirectional()
    plant.run(5)
    assert _watts(plant) == -2300


@pytest.mark.parametrize(
    ("soc", "reason"), [(None, ReasonKey.RESERVE_UNKNOWN), (30.0, ReasonKey.RESERVE), (31.0, ReasonKey.RESERVE)]
)
def test_a_battery_at_its_reserve_or_unknown_gives_nothing(soc: float | None, reason: ReasonKey) -> None:
    plant = _bidirectional()
    plant.chargers[0].soc = soc
    plant.run(5)
    assert _watts(plant) == 0
    setpoint = plant.decisions[-1].setpoint("garage:0")
    assert setpoint is not None
    assert setpoint.limited_by.key is reason


def test_nothing_is_fed_in_beyond_the_export_limit() -> None:
    plant = _bidirectional()
    plant.settings = replace(plant.settings, export_limit=0.0)
    plant.flow = steady(7.0, 0.0, 0.0)
    plant.run(5)
    assert -1610 <= _watts(plant) < -1500


def test_a_discharge_ends_when_the_meter_falls_silent_and_while_starting() -> None:
    plant = _bidirectional()
    plant.run(5)
    plant.meter = lambda _: False
    plant.run(12)
    assert _watts(plant) == 0
    starting = _bidirectional()
    starting.meter = lambda _: False
    starting.chargers[0].limit = -10.0
    starting.run(3)
    assert starting.state is SiteState.STARTING
    assert _watts(starting) == 0


def test_every_ceiling_of_the_chain_holds() -> None:
    plant = Plant(site(garage(cable_current=20.0)), steady(12.0), [Charger()])
    decision = plant.run(30)
    setpoint = decision.setpoint("garage:0")
    assert setpoint is not None
    ceilings = [claim.amps for claim in setpoint.chain if claim.kind is ClaimKind.CEILING]
    assert len(ceilings) >= 3
    assert all(plant.amps() <= amps for amps in ceilings if not math.isnan(amps))


def test_a_circuit_below_the_main_fuse_holds_for_all_on_it_together() -> None:
    shed = Circuit(id="shed", name="Shed", limit=21.0, parent="yard")
    yard = Circuit(id="yard", name="Yard", limit=26.0)
    boxes = (garage(circuit="shed"), replace(garage(circuit="shed"), id="drive:0"))
    settings = site(*boxes, fuse=63.0, circuits=(shed, yard))
    plant = Plant(settings, steady(2.0), [Charger(), Charger(id="drive:0")])
    plant.run(30)
    assert (plant.amps(), plant.amps("drive:0")) == (10, 10)
    assert plant.why() is ReasonKey.CIRCUIT


def test_a_connector_whose_circuit_is_gone_hangs_on_the_main_fuse() -> None:
    plant = Plant(site(garage(circuit="gone")), steady(5.0), [Charger()])
    plant.run(30)
    assert plant.amps() == 16


def test_two_cars_together_feed_in_no_more_than_a_phase_carries_out() -> None:
    exports = GivingSettings(may_export=True)
    box = garage(phase_map=(0,), step=0.1, max_discharge=16.0, giving=exports, override=Override(amps=-16.0))
    settings = site(box, replace(box, id="drive:0"), fuse=16.0)
    cars = [Charger(phases=(0,), soc=80.0), Charger(id="drive:0", phases=(0,), soc=80.0)]
    plant = Plant(settings, steady(5.0), cars)
    plant.run(60)
    given = [plant.amps(), plant.amps("drive:0")]
    assert min(given) == -16
    assert plant.overload(16.0) == 0


def test_what_a_charger_draws_beyond_its_limit_is_no_room_for_another() -> None:
    rogue, second = Charger(), replace(garage(), id="drive:0")
    plant = Plant(site(garage(), second), steady(5.0), [rogue, Charger(id="drive:0")])
    plant.run(60)
    plant.change(override=Override(amps=6.0))
    rogue.lag = 10**9
    plant.run(120)
    assert rogue.drawn == 9
    plant.change(override=None)
    rogue.limit = 16.0
    plant.run(60)
    assert sum(total.l1 > 25 for total in plant.totals[-30:]) == 0


def test_a_circuit_leaves_room_for_a_charger_that_fell_silent() -> None:
    silent, second = Charger(), replace(garage(circuit="shed"), id="drive:0")
    settings = site(garage(circuit="shed"), second, fuse=63.0, circuits=(Circuit(id="shed", name="Shed", limit=21.0),))
    plant = Plant(settings, steady(2.0), [silent, Charger(id="drive:0")])
    plant.run(60)
    assert (plant.amps(), plant.amps("drive:0")) == (10, 10)
    silent.cadence = 10**9
    plant.run(60)
    assert plant.amps("drive:0") == 10


def test_a_car_on_more_phases_than_expected_is_seen_on_all_of_them() -> None:
    box = garage(vehicle=VehicleSettings(phases=1))
    plant = Plant(site(box), lambda t: steady(2.0)(t) if t < 60 else PerPhase(2.0, 15.0, 15.0), [Charger()])
    plant.run(120)
    assert plant.amps() == 9
    assert plant.overload(25.0) <= 2 * 6 * (plant.chargers[0].lag + 2)


def test_a_second_load_is_seen_while_the_car_still_gives_way_to_the_first() -> None:
    plant = Plant(site(garage(settle=20.0)), steady(8.0), [Charger()])
    plant.run(120)
    begun = plant.t
    plant.flow = lambda t: steady(14.0 if t < begun + 4 else 20.0)(t)
    plant.run(60)
    assert sum(total.l1 > 25 for total in plant.totals) <= 8


def test_a_car_that_falls_silent_while_it_gives_is_stopped() -> None:
    plant = _bidirectional()
    plant.run(20)
    plant.chargers[0].cadence = 10**9
    plant.run(60)
    told = [s.limit for d in plant.decisions[-60:] if (s := d.setpoint("garage:0")) and s.limit is not None]
    assert told[-1] == PowerLimit(0)


def test_a_charger_that_is_back_is_not_taken_for_a_load_that_has_just_ended() -> None:
    charger = Charger()
    plant = Plant(site(garage(max_age=15.0)), steady(6.0), [charger])
    plant.run(100)
    charger.cadence = 10**9
    plant.run(18)
    charger.cadence = 2
    plant.run(6)
    assert plant.amps() == 16


def test_a_mirrored_answer_to_one_step_condemns_the_meter() -> None:
    plant = Plant(site(garage(phase_map=(0,))), steady(3.0), [Charger(phases=(0,), appetite=10.0)])
    _run_inverted(plant, 60)
    assert plant.state is SiteState.DEGRADED


def telling(charger: Charger) -> Charger:
    """Let a box say how many phases it has switched on."""
    told = charger.read
    charger.read = lambda at: replace(told(at), current_phases=len(charger.phases))  # type: ignore[method-assign]
    return charger


def test_a_charger_that_refuses_to_switch_goes_on_with_the_phases_it_has() -> None:
    plant = Plant(site(garage(phase_switching=True)), steady(2.0), [telling(Charger())])
    plant.run(30)
    plant.change(override=Override(amps=12.0, phases=1))
    plant.run(400)
    assert plant.amps() == 12
    assert {s.limit for d in plant.decisions[-60:] if (s := d.setpoint("garage:0"))} == {AcLimit(12.0, 3)}


def test_a_charger_that_follows_late_may_tell_late_that_it_has_switched() -> None:
    charger = Charger(switches=True)
    plant = Plant(site(garage(phase_switching=True, settle=60.0)), steady(2.0), [charger])
    told = charger.read

    def late(at: float) -> ConnectorReading:
        known = charger.switched and at >= charger.switched[0][0] + 130
        return replace(told(at), current_phases=1 if known else 3)

    charger.read = late  # type: ignore[method-assign]
    plant.run(30)
    plant.change(override=Override(amps=12.0, phases=1))
    plant.run(600)
    assert [phases for _, phases in charger.switched] == [1]
    assert plant.amps() == 12


def test_an_order_to_switch_that_got_lost_is_given_again() -> None:
    charger = telling(Charger())
    plant = Plant(site(garage(phase_switching=True)), steady(2.0), [charger])
    plant.run(30)
    plant.change(override=Override(amps=12.0, phases=1))
    plant.run(600)
    charger.switches = True
    plant.run(1200)
    assert charger.switched == []
    plant.run(1200)
    assert [phases for _, phases in charger.switched] == [1]
    assert plant.amps() == 12


def test_a_charger_that_never_switches_is_asked_no_more_often_than_it_may_switch() -> None:
    box = garage(phase_switching=True, solar=SolarSettings(switches_per_day=2))
    plant = Plant(site(box), steady(2.0), [telling(Charger())])
    plant.run(30)
    plant.change(override=Override(amps=12.0, phases=1))
    plant.run(3 * 3600)
    assert len(plant.memory.connector("garage:0").switches) == 2
    assert plant.chargers[0].energy >= 0.95 * 3 * 12 * 3 * VOLTS
