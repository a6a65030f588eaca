"""A session from plug-in to plug-out, over registers that behave and registers that do not."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
import math

import pytest

from custom_components.smart_evse.engine.model import VehicleState
from custom_components.smart_evse.engine.sessions.follow import follow
from custom_components.smart_evse.engine.sessions.model import Ends, Mark, Rung
from custom_components.smart_evse.engine.sessions.moment import Identity
from custom_components.smart_evse.engine.sessions.sources import Mix, Shares

from .stream import AWAY, CHARGING, PLUGGED, START, Life, charge, live, moment, shifted


def test_energy_is_the_difference_of_two_registers_and_pauses_lie_inside() -> None:
    told = live(
        moment(0, PLUGGED, 1_000_000),
        moment(600, CHARGING, 1_001_500),
        moment(1200, PLUGGED, 1_001_500),
        moment(1800, CHARGING, 1_003_000),
        moment(2400, AWAY, 1_003_200),
    )
    record = told.record
    assert (record.energy_in, record.taken, record.started, record.ended) == (
        3200,
        Ends(start=1_000_000, stop=1_003_200),
        START,
        START + timedelta(seconds=2400),
    )
    assert sum(told.energies()) == 3200
    assert (told.session.active, told.session.energy, told.session.duration) == (False, 3200, 2400)


def test_intervals_are_those_of_the_clock_and_add_up_to_the_wh() -> None:
    told = live(*charge(0, 4000), moment(4000, AWAY, 1_012_222))
    assert [interval.start.minute for interval in told.intervals] == [30, 45, 0, 15, 30]
    assert told.energies() == [2750, 2750, 2750, 2750, 1222]
    assert all(before.end == after.start for before, after in pairwise(told.intervals))
    assert told.intervals[0].mean_power == told.intervals[0].peak_power == 11_000.0


def test_an_interval_ends_where_a_price_a_tariff_or_the_driver_changes() -> None:
    def readings(begin: int, price: str, tariff: str, driver: str) -> list[object]:
        identity = Identity(driver=driver, tariff=tariff, known_by=Rung.CARD)
        return shifted(charge(begin, begin + 300), import_price=Decimal(price), currency="EUR", identity=identity)  # type: ignore[return-value]

    told = live(
        *readings(0, "0.30", "day", "anna"),  # type: ignore[arg-type]
        *readings(300, "0.20", "day", "anna"),  # type: ignore[arg-type]
        *readings(600, "0.20", "night", "anna"),  # type: ignore[arg-type]
        *readings(900, "0.20", "night", "ben"),  # type: ignore[arg-type]
    )
    assert [(each.end - START).total_seconds() for each in told.intervals] == [300, 600, 900]
    assert [(str(each.import_price), each.tariff, each.driver) for each in told.intervals] == [
        ("0.30", "day", "anna"),
        ("0.20", "day", "anna"),
        ("0.20", "night", "anna"),
    ]
    assert told.session.interval.terms.driver == "ben"


def test_what_becomes_known_within_a_quarter_hour_holds_for_all_of_it() -> None:
    known = Identity(driver="anna", known_by=Rung.CARD)
    later = shifted(charge(300, 910), identity=known, import_price=Decimal("0.30"), currency="EUR")
    told = live(*charge(0, 300), *later)
    assert [(each.driver, each.import_price, each.marks) for each in told.intervals] == [
        ("anna", Decimal("0.30"), frozenset())
    ]


def test_a_price_that_nobody_knows_yet_is_provisional_where_the_site_has_prices() -> None:
    told = live(*shifted(charge(0, 910), currency="EUR"))
    assert told.intervals[0].marks == {Mark.PROVISIONAL}
    assert live(*charge(0, 910)).intervals[0].marks == frozenset()


def test_sources_are_split_to_the_wh() -> None:
    shares = Shares(sun=1 / 3, battery=1 / 3, grid=1 / 3)
    told = live(*shifted(charge(0, 910), shares=shares, mix=Mix(sun=0.75, price=0.081234)))
    (first,) = told.intervals
    assert sorted((first.from_sun, first.from_battery, first.from_grid)) == [916, 917, 917]
    assert (first.unattributed, first.battery_sun, first.battery_price) == (0, 0.75, Decimal("0.08123"))


def test_a_source_is_not_known_while_a_meter_is_silent() -> None:
    seen = shifted(charge(0, 450), shares=Shares(sun=1.0))
    told = live(*seen, *charge(450, 910))
    (first,) = told.intervals
    assert (first.from_sun, first.unattributed, first.energy_in) == (1344, 1406, 2750)


def test_a_restart_loses_nothing_that_the_register_shows() -> None:
    told = live(*charge(0, 130)).restart()
    told.hear(*shifted(charge(4000, 4510), run="second"), replace(moment(4510, AWAY, 1_013_778), run="second"))
    assert (told.record.energy_in, sum(told.energies())) == (13_778, 13_778)
    missed = told.intervals[1]
    assert (missed.start, missed.end) == (START + timedelta(seconds=120), START + timedelta(seconds=4000))
    assert (missed.unattributed, missed.energy_in, missed.marks) == (11_855, 11_855, {Mark.RECONSTRUCTED})


def test_a_restart_within_a_quarter_hour_stays_in_it() -> None:
    told = live(*shifted(charge(0, 130), shares=Shares(grid=1.0))).restart()
    told.hear(*shifted(charge(430, 910), run="second", shares=Shares(grid=1.0)))
    (first,) = told.intervals
    assert (first.energy_in, first.unattributed, first.from_grid) == (2750, 947, 1803)
    assert first.marks == {Mark.RECONSTRUCTED}


def test_what_flowed_during_the_shortest_restart_has_no_source() -> None:
    told = live(*shifted(charge(0, 130), shares=Shares(grid=1.0))).restart()
    told.hear(*shifted(charge(150, 910), run="second", shares=Shares(grid=1.0)))
    (first,) = told.intervals
    assert (first.energy_in, first.unattributed, first.marks) == (2750, 91, {Mark.RECONSTRUCTED})


def test_a_restart_of_the_machine_begins_its_clock_anew() -> None:
    told = live(*charge(0, 130)).restart()
    told.hear(*(replace(each, run="second", now=each.now - 5000) for each in charge(430, 910)))
    assert (told.energies(), told.marks) == ([2750], {Mark.RECONSTRUCTED})


@pytest.mark.parametrize("state", [None, VehicleState.NO_POWER, VehicleState.FAULT])
def test_a_state_that_tells_nothing_neither_starts_nor_ends_a_session(state: VehicleState | None) -> None:
    assert not follow(None, moment(0, state, 100)).state.active
    told = live(moment(0, CHARGING, 100), moment(5, state, 110), moment(10, CHARGING, 120))
    assert (told.session.active, told.session.energy, told.closed) == (True, 20, [])
    left = live(moment(0, CHARGING, 100), moment(5, AWAY, 110))
    assert left.hear(moment(10, state, 110)).session == live(moment(0, CHARGING, 100), moment(5, AWAY, 110)).session


def test_a_charger_that_boots_may_say_nothing_and_then_zero() -> None:
    told = live(*charge(0, 130), moment(130, None), moment(140, None, 0), *charge(160, 910))
    assert (told.energies(), told.marks) == ([2750], set())


@pytest.mark.parametrize(("value", "mark"), [(10.0, Mark.REGISTER_BACKWARDS), (9_000_000.0, Mark.REGISTER_LEAPT)])
def test_another_register_is_flagged_and_only_what_it_shows_counts(value: float, mark: Mark) -> None:
    told = live(*charge(0, 310))
    told.hear(*charge(310, 910, base=value), moment(910, AWAY, value + 2780))
    # 10 s were between the last reading of the one and the first of the other.
    assert sum(told.energies()) == told.record.energy_in == 2780 - 30
    assert told.record.marks == {mark, Mark.GAP}
    assert told.record.taken == Ends(start=1_000_000, stop=value + 2780)


def test_a_register_in_doubt_at_the_end_is_flagged() -> None:
    told = live(*charge(0, 310), moment(310, AWAY, 7))
    assert told.closed == []
    told.hear(moment(371, AWAY))
    assert told.record.energy_in == 917
    assert told.record.marks == {Mark.REGISTER_BACKWARDS, Mark.GAP}


def test_a_figure_that_is_none_is_not_told() -> None:
    told = live(moment(0, PLUGGED, math.nan), moment(5, CHARGING, 100, power=math.inf), moment(10, AWAY, 110))
    assert (told.record.energy_in, told.record.marks) == (10, frozenset())


def test_a_last_digit_that_trembles_is_no_fault() -> None:
    told = live(moment(0, CHARGING, 1000), moment(5, CHARGING, 1010), moment(10, CHARGING, 1009))
    assert told.hear(moment(15, CHARGING, 1009), moment(20, AWAY, 1020)).record.energy_in == 20
    assert told.record.marks == frozenset()


@pytest.mark.parametrize("lump", [1000, 11_000])
def test_a_register_that_counts_in_lumps_is_believed(lump: int) -> None:
    steps = (
        moment(second, register=500_000.0 + 11_000 * second // 3600 // lump * lump, power=11_000.0)
        for second in range(0, 7201, 2)
    )
    told = live(*steps)
    assert (told.session.energy, told.session.estimated) == (22_000, False)


def test_the_source_of_a_lump_is_that_of_the_time_in_which_it_flowed() -> None:
    def readings(begin: int, end: int, shares: Shares) -> list[object]:
        return [
            moment(t, register=4000 * t // 3600 // 2000 * 2000, power=4000.0, shares=shares)
            for t in range(begin, end, 10)
        ]

    told = live(*readings(0, 910, Shares(sun=1.0)), *readings(910, 1810, Shares(grid=1.0)))  # type: ignore[arg-type]
    assert [(each.energy_in, each.from_sun, each.from_grid) for each in told.intervals] == [
        (0, 0, 0),
        (2000, 1000, 1000),
    ]


def test_power_is_summed_up_where_there_is_no_register_and_the_session_says_so() -> None:
    told = live(*(moment(second, power=3600.0) for second in range(0, 601, 10)), moment(610, AWAY, power=0.0))
    assert told.record.energy_in == 605
    assert told.record.marks == {Mark.ESTIMATED}


def test_a_gap_is_not_summed_up() -> None:
    told = live(moment(0, power=3600.0), moment(7200, power=3600.0), moment(7210, AWAY, power=3600.0))
    assert told.record.energy_in == 70
    assert told.record.marks == {Mark.ESTIMATED, Mark.GAP}


def test_a_register_that_appears_in_mid_session_goes_on_from_what_was_summed_up() -> None:
    told = live(*(moment(second, power=3600.0) for second in range(0, 601, 10)))
    told.hear(moment(610, register=80_000, power=3600.0), moment(1210, register=80_500, power=3600.0))
    assert told.session.energy == 610 + 500
    assert told.session.estimated


def test_a_register_that_falls_silent_is_made_up_for_when_it_speaks_again() -> None:
    told = live(*charge(0, 310), *shifted(charge(310, 1500), energy_in=None), *charge(1500, 1810))
    assert sum(told.energies()) == 5500
    assert [each.marks for each in told.intervals] == [set(), {Mark.RECONSTRUCTED}, set()]


def test_a_register_that_is_silent_until_the_end_leaves_a_gap() -> None:
    told = live(*charge(0, 310), *shifted(charge(310, 1500), energy_in=None), moment(1500, AWAY), moment(1561, AWAY))
    assert told.record.energy_in == 917
    assert (told.record.marks, told.intervals[-1].end) == ({Mark.GAP}, told.record.ended)


def test_a_register_that_is_behind_is_waited_for_and_tells_of_the_car_that_left() -> None:
    behind = live(*charge(0, 310), *shifted(charge(310, 340), energy_in=1_000_917), moment(340, AWAY, 1_000_917))
    assert (behind.closed, behind.session.active) == ([], False)
    told = behind.restart().hear(moment(350, None), moment(360, AWAY, 1_001_030))
    assert (told.record.energy_in, told.record.ended) == (1030, START + timedelta(seconds=340))
    assert told.record.marks == frozenset()
    assert sum(told.energies()) == 1030
    # The next one begins where this one ended.
    assert told.hear(moment(400, PLUGGED, 1_001_030)).session.energy == 0


def test_a_register_is_not_waited_for_longer_than_a_minute_nor_for_the_next_car() -> None:
    told = live(*charge(0, 310), *shifted(charge(310, 340), energy_in=1_000_917), moment(340, AWAY, 1_000_917))
    after = told.restart().session
    late = Life(state=after).hear(moment(401, AWAY, 1_000_917))
    assert [record.energy_in for record in late.closed] == [917]
    swapped = Life(state=after).hear(moment(350, PLUGGED, 1_001_030), moment(360, CHARGING, 1_001_060))
    assert [record.energy_in for record in swapped.closed] == [1030]
    assert (swapped.session.active, swapped.session.energy) == (True, 30)
    restarted = Life(state=after).hear(moment(3600, AWAY, 1_001_030, run="second"))
    assert [record.energy_in for record in restarted.closed] == [917]
    restarted.hear(moment(3610, AWAY, 1_001_030, run="second"))
    assert [record.energy_in for record in restarted.closed] == [917, 113]


def test_what_is_given_back_is_counted_apart() -> None:
    told = live(
        moment(0, CHARGING, 100, energy_out=50, power=-3000.0),
        moment(60, CHARGING, 100, energy_out=100, power=-3000.0),
        moment(70, AWAY, 100, energy_out=108, power=0.0),
    )
    record = told.record
    assert (record.energy_in, record.energy_out, record.given) == (0, 58, Ends(start=50, stop=108))
    assert told.intervals[0].peak_power == -3000.0
    summed = live(*(moment(t, CHARGING, 100, power=-3600.0) for t in (0, 10, 20)))
    assert (summed.session.energy, summed.session.energy_out, summed.session.estimated) == (0, 20, True)


def test_a_clock_set_forward_leaves_a_hole_in_time_and_none_in_energy() -> None:
    told = live(*charge(0, 310), *(replace(each, at=each.at + timedelta(hours=1)) for each in charge(310, 1210)))
    assert sum(told.energies()) + told.session.energy - told.session.interval.taken == told.session.energy == 3667
    first, second = told.intervals[:2]
    assert first.end == START + timedelta(seconds=300)
    assert second.start == START + timedelta(seconds=300 + 3600)
    assert Mark.CLOCK in first.marks
    assert Mark.CLOCK in second.marks


def test_a_clock_set_back_makes_no_hour_twice() -> None:
    told = live(*charge(0, 3610), *(replace(each, at=each.at - timedelta(hours=1)) for each in charge(3610, 9010)))
    edges = [(each.start, each.end) for each in told.intervals]
    assert edges == sorted(edges)
    assert all(before[1] <= after[0] for before, after in pairwise(edges))
    assert sum(told.energies()) == told.session.interval.taken
    assert told.session.energy == 27_500
    assert [Mark.CLOCK in each.marks for each in told.intervals].count(True) == 1


def test_a_machine_that_slept_finds_what_was_taken_meanwhile() -> None:
    told = live(*charge(0, 310))
    awake = (replace(each, now=each.now - 3600) for each in charge(3910, 4510))
    told.hear(*awake)
    assert told.session.energy == 13_750
    assert Mark.RECONSTRUCTED in told.marks
    assert Mark.CLOCK not in told.marks


def test_a_car_that_left_while_nobody_looked_took_what_the_register_shows() -> None:
    told = live(*charge(0, 130)).restart().hear(moment(7200, AWAY, 1_008_000, run="second"))
    assert told.record.energy_in == sum(told.energies()) == 8000
    assert told.record.marks == {Mark.RECONSTRUCTED}
    assert told.record.ended == START + timedelta(seconds=7200)


def test_a_charge_that_nobody_saw_is_on_record_without_a_name() -> None:
    told = live(*charge(0, 130), moment(130, AWAY, 1_000_400)).restart()
    told.hear(moment(7200, AWAY, 1_009_400, run="second"))
    seen, unseen = told.closed
    assert (seen.energy_in, unseen.energy_in, unseen.driver, unseen.marks) == (400, 9000, None, {Mark.RECONSTRUCTED})
    assert (unseen.started, unseen.ended) == (START + timedelta(seconds=130), START + timedelta(seconds=7200))
    assert [each.energy_in for each in told.of[unseen.id]] == [9000]


def test_a_car_that_came_while_nobody_looked_took_what_the_register_shows() -> None:
    told = live(*charge(0, 130), moment(130, AWAY, 1_000_400)).restart()
    told.hear(moment(7200, CHARGING, 1_003_400, run="second"), moment(7210, AWAY, 1_003_430, run="second"))
    assert [each.energy_in for each in told.closed] == [400, 3030]
    assert told.record.started == START + timedelta(seconds=130)
    assert told.record.marks == {Mark.RECONSTRUCTED}


def test_a_car_that_is_seen_to_come_has_come_then() -> None:
    told = live(moment(0, PLUGGED, 100), moment(10, AWAY, 100), moment(15, CHARGING, 130))
    assert (told.session.started, told.session.energy, told.session.marks) == (
        START + timedelta(seconds=15),
        30,
        frozenset(),
    )


def test_what_the_register_counts_while_we_see_no_car_is_no_car() -> None:
    told = live(moment(0, PLUGGED, 100), moment(10, AWAY, 100), moment(15, AWAY, 180), moment(20, PLUGGED, 180))
    assert (len(told.closed), told.session.energy) == (1, 0)


def test_the_last_wh_of_a_charge_have_a_source() -> None:
    grid = Shares(grid=1.0)
    told = live(moment(0, PLUGGED, 100, power=0.0), moment(10, PLUGGED, 110, power=0.0, shares=grid))
    told.hear(moment(20, AWAY, 110, power=0.0))
    assert [(each.from_grid, each.unattributed) for each in told.intervals] == [(10, 0)]


def test_what_a_box_takes_for_itself_is_no_car() -> None:
    told = live(*charge(0, 130), moment(130, AWAY, 1_000_400)).restart()
    told.hear(moment(36_130, AWAY, 1_000_440, run="second"), moment(36_140, CHARGING, 1_000_440, run="second"))
    assert len(told.closed) == 1
    assert told.session.started == START + timedelta(seconds=36_140)


def test_another_car_while_nobody_looked_is_another_session() -> None:
    before = shifted(charge(0, 130), charger_session="41", identity=Identity(driver="anna", known_by=Rung.CARD))
    after = shifted(charge(7200, 7520), charger_session="42", run="second")
    told = live(*before).restart().hear(*after, moment(7520, AWAY, 1_022_978, run="second"))
    anna, nobody, second = told.closed
    assert (anna.energy_in, anna.driver, anna.marks) == (367, "anna", frozenset())
    assert (nobody.driver, nobody.marks) == (None, {Mark.RECONSTRUCTED})
    assert (second.driver, second.marks) == (None, frozenset())
    assert anna.energy_in + nobody.energy_in + second.energy_in == 22_978


def test_a_transaction_that_ends_while_the_car_stays_does_not_end_the_session() -> None:
    told = live(*shifted(charge(0, 130), charger_session="41"), *shifted(charge(130, 300), charger_session="42"))
    assert (told.closed, told.session.charger_session) == ([], "42")


def test_the_last_session_stays_until_the_next_car() -> None:
    told = live(moment(0, PLUGGED, 100), moment(10, CHARGING, 200), moment(20, AWAY, 200), moment(30, AWAY, 200))
    assert (told.session.energy, told.session.active, told.session.duration) == (100, False, 20)
    assert told.hear(moment(40, PLUGGED, 200)).session.energy == 0
    assert told.session.started == START + timedelta(seconds=40)


def test_a_session_has_the_same_id_whenever_it_is_told() -> None:
    ids = {live(moment(0, PLUGGED, 100), moment(10, CHARGING, register)).session.id for register in (110, 120)}
    assert len(ids) == 1
    assert live(moment(0, PLUGGED, 101)).session.id not in ids


def test_charge_and_odometer_are_kept_at_both_ends() -> None:
    told = live(
        moment(0, PLUGGED, 100),
        moment(10, PLUGGED, 100, soc=40.0, odometer=12_345.0),
        moment(20, CHARGING, 120, soc=41.0),
        moment(30, AWAY, 130),
    )
    assert told.record.soc == Ends(start=40.0, stop=41.0)
    assert told.record.odometer == Ends(start=12_345.0, stop=12_345.0)


def test_what_the_car_counts_is_told_apart() -> None:
    cars = [replace(each, vehicle_energy=5000.0 + index * 25) for index, each in enumerate(charge(0, 910))]
    (first,) = live(*cars).intervals
    assert (first.vehicle_energy, first.marks) == (2250, {Mark.VEHICLE})
    begun_anew = [*cars[:31], *(replace(each, vehicle_energy=each.vehicle_energy - 5750) for each in cars[31:])]  # type: ignore[operator]
    assert live(*begun_anew).intervals[0].vehicle_energy == 2225


def test_the_grids_intensity_is_its_mean() -> None:
    told = live(*shifted(charge(0, 450), co2=200.0), *shifted(charge(450, 910), co2=300.0))
    assert told.intervals[0].co2 == pytest.approx(251, abs=1)


def test_a_surer_clue_is_not_overruled_and_none_is_forgotten() -> None:
    said = [
        Identity(driver="anna", vehicle="zoe", known_by=Rung.DEFAULT, vehicle_by=Rung.DEFAULT),
        Identity(driver="ben", card="7", known_by=Rung.CARD),
        Identity(driver="anna", vehicle="zoe", known_by=Rung.DEFAULT, vehicle_by=Rung.DEFAULT),
        Identity(),
    ]
    told = Life()
    for index, identity in enumerate(said):
        told.hear(moment(10 * index, PLUGGED, 100, identity=identity))
    record = told.hear(moment(100, AWAY, 100)).record
    assert (record.driver, record.card, record.known_by, record.vehicle) == ("ben", "7", Rung.CARD, "zoe")
