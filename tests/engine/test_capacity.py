"""Capacity tariffs: the budget of a window, and the peaks that are paid for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.capacity import capacity_price, window_start
from custom_components.smart_evse.engine.capacity_presets import PRESETS
from custom_components.smart_evse.engine.capacity_tariff import CapacityTariff
from custom_components.smart_evse.engine.memory import CapacityMemory
from custom_components.smart_evse.engine.model import Memory, Mode, Override, PerPhase, ReasonKey
from custom_components.smart_evse.engine.plan import make_plan
from custom_components.smart_evse.engine.plan.model import PlanReason, Slot

from .plan.world import car, site as planned_site
from .plant import START, VOLTS, Charger, Flow, Plant, garage, site, steady
from .test_smart import planned, slot as planned_slot, told

FLANDERS = PRESETS["belgium_flanders"].tariff
SWEDEN = PRESETS["sweden_ellevio"].tariff
NORWAY = PRESETS["norway"].tariff
QUARTER = 900


def plant_on(tariff: CapacityTariff, flow: Flow, **changes: object) -> Plant:
    return Plant(site(garage(phase_map=(0,), max_current=32.0), fuse=63.0, capacity=tariff, **changes), flow, [one()])


def one() -> Charger:
    return Charger(phases=(0,))


def means(plant: Plant, seconds: int = QUARTER) -> list[float]:
    """Return the mean import of each full window in W: the plant begins on a full hour."""
    watts = [max(0.0, total.total * VOLTS) for total in plant.totals]
    return [sum(watts[i : i + seconds]) / seconds for i in range(0, len(watts) - seconds + 1, seconds)]


def peaks_of(plant: Plant) -> list[float]:
    return [value for _, value in plant.memory.capacity.peaks]


def test_a_car_fills_the_peak_that_is_paid_anyway_and_no_more() -> None:
    plant = plant_on(FLANDERS, steady(0.4))
    plant.run(3 * QUARTER)
    assert all(0.9 * 2_500 <= mean <= 2_500 for mean in means(plant))
    assert plant.why() is ReasonKey.CAPACITY
    assert plant.decisions[-1].site.capacity_budget == pytest.approx(2_450, rel=0.05)


def test_a_peak_of_this_month_may_be_had_again() -> None:
    plant = plant_on(FLANDERS, steady(0.4))
    peak = (START - timedelta(days=0, minutes=30), 5_000.0)
    plant.memory = Memory(capacity=CapacityMemory(window=START - timedelta(minutes=15), peaks=(peak,)))
    plant.run(2 * QUARTER)
    assert all(0.9 * 5_000 <= mean <= 5_000 for mean in means(plant))


def test_a_kettle_is_made_up_for_within_the_window_without_a_stop() -> None:
    def flow(t: int) -> PerPhase:
        return PerPhase(10.0 if t % QUARTER in range(300, 420) else 0.5)

    plant = plant_on(FLANDERS, flow, accepted_peak=4_000.0)
    plant.run(4 * QUARTER)
    assert all(mean <= 4_000 for mean in means(plant))
    assert means(plant)[1] >= 0.88 * 4_000
    assert 0 not in [amps for _, amps in plant.chargers[0].commands[1:]]


def test_a_load_that_stays_stops_the_car_once_and_not_in_every_window() -> None:
    plant = plant_on(FLANDERS, lambda t: PerPhase(1.0 if t < 2_000 else 8.0))
    plant.run(8 * QUARTER)
    limits = [amps for _, amps in plant.chargers[0].commands]
    assert all(mean <= 2_500 for mean in means(plant))
    assert sum(before > 0 == after for before, after in pairwise(limits)) == 1
    assert plant.amps() == 0


def test_three_phases_that_do_not_fit_never_start() -> None:
    plant = Plant(site(garage(), capacity=FLANDERS), steady(0.2), [Charger()])
    plant.run(2 * QUARTER)
    assert plant.amps() == 0
    assert [amps for _, amps in plant.chargers[0].commands] == [0]


def test_a_drivers_word_and_the_owners_pass() -> None:
    plant = plant_on(FLANDERS, steady(0.4))
    plant.run(60)
    assert plant.amps() == 9
    plant.change(override=Override(amps=32.0))
    plant.run(30)
    assert plant.amps() == 32
    plant.change(override=None)
    plant.settings = replace(plant.settings, may_set_new_peak=True)
    plant.run(30)
    assert plant.amps() == 32
    assert plant.decisions[-1].site.capacity_budget is None


@pytest.mark.parametrize(("peak", "allowed"), [(5_000.0, 5_000), (1_000.0, 2_500)])
def test_a_new_peak_is_as_high_as_planned_and_what_is_paid_anyway_may_be_had(peak: float, allowed: int) -> None:
    plan = replace(planned(0.9, planned_slot(PlanReason.DEPARTURE, power=7_000.0)), peak=peak)
    plant = plant_on(FLANDERS, steady(0.4), may_set_new_peak=True)
    plant.told = told(plan)
    plant.change(mode=Mode.SMART)
    plant.run(3 * QUARTER)
    assert all(0.9 * allowed <= mean <= allowed for mean in means(plant))
    assert plant.decisions[-1].site.capacity_budget == pytest.approx(0.98 * allowed, rel=0.05)
    plant.change(mode=Mode.FAST)
    plant.run(30)
    assert plant.amps() == 32, "who follows no plan heeds no peak"


def test_the_meters_own_mean_and_peak_are_believed() -> None:
    plant = plant_on(FLANDERS, steady(0.4))
    plant.metered = lambda _: {"quarter_hour_average": 2_400.0, "month_peak": 1_000.0}
    plant.run(120)
    assert plant.amps() == 0
    assert plant.memory.capacity.energy == pytest.approx(600, abs=20)
    plant.metered = lambda _: {"month_peak": 6_000.0}
    plant.run(QUARTER)
    assert peaks_of(plant) == [6_000]
    assert (plant.amps() or 0.0) > 20


def test_the_turn_of_a_window_hears_no_old_mean() -> None:
    plant = plant_on(FLANDERS, steady(0.4))
    plant.run(QUARTER - 1)
    plant.metered = lambda _: {"quarter_hour_average": 2_450.0}
    plant.run(20)
    assert (plant.amps() or 0.0) >= 8


def test_sun_makes_room() -> None:
    plant = plant_on(FLANDERS, steady(-3.0))
    plant.run(QUARTER)
    assert (plant.amps() or 0.0) >= 19
    assert means(plant)[0] <= 2_500


@pytest.mark.parametrize(
    ("tariff", "utc", "start"),
    [
        (FLANDERS, datetime(2026, 6, 1, 10, 14, 59, tzinfo=UTC), datetime(2026, 6, 1, 10, 0, tzinfo=UTC)),
        (NORWAY, datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 0, tzinfo=UTC)),
        (NORWAY, datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 0, tzinfo=UTC)),
        (
            replace(NORWAY, zone="Asia/Kathmandu"),
            datetime(2026, 6, 1, 10, 20, tzinfo=UTC),
            datetime(2026, 6, 1, 10, 15, tzinfo=UTC),
        ),
        (
            replace(NORWAY, zone="No/Where"),
            datetime(2026, 6, 1, 10, 20, tzinfo=UTC),
            datetime(2026, 6, 1, 10, tzinfo=UTC),
        ),
    ],
)
def test_windows_lie_on_the_clock_of_the_meter(tariff: CapacityTariff, utc: datetime, start: datetime) -> None:
    assert window_start(tariff, utc) == start


def test_nights_count_by_half_in_sweden_and_a_day_has_one_peak() -> None:
    days = (START - timedelta(days=3), START - timedelta(days=2), START - timedelta(days=1))
    peaks = tuple((day, watts) for day, watts in zip(days, (6_000.0, 5_000.0, 4_000.0), strict=True))
    day = replace(CapacityMemory(window=START, peaks=peaks), peaks=peaks)
    assert capacity_price(SWEDEN, day).peak == 4_000
    own = replace(day, peaks=((START - timedelta(hours=2), 4_800.0), *peaks[:2]))
    assert capacity_price(SWEDEN, own).peak == 4_800
    assert capacity_price(SWEDEN, day).price == pytest.approx(81.25 / 3)
    night = plant_on(SWEDEN, steady(0.4))
    night.memory = Memory(capacity=CapacityMemory(window=START, peaks=peaks))
    night.run(30)
    assert night.decisions[-1].site.capacity_budget == pytest.approx(0.98 * 4_000, rel=0.02)
    night.settings = replace(night.settings, capacity=replace(SWEDEN, zone="Asia/Tokyo", hours=frozenset({18, 19})))
    night.run(30)
    assert night.decisions[-1].site.capacity_budget == pytest.approx(0.98 * 4_000, rel=0.03)
    night.settings = replace(night.settings, capacity=replace(SWEDEN, zone="Asia/Tokyo", hours=frozenset({7})))
    night.run(30)
    assert night.decisions[-1].site.capacity_budget is None


@pytest.mark.parametrize(("peaks", "allowed"), [((), 2_000), ((3_000.0,), 5_000), ((7_000.0, 4_000.0), 10_000)])
def test_norway_leaves_the_rest_of_a_step(peaks: tuple[float, ...], allowed: float) -> None:
    known = tuple((START - timedelta(days=number + 1), watts) for number, watts in enumerate(peaks))
    assert capacity_price(NORWAY, CapacityMemory(window=START, peaks=known)).peak == allowed


def test_a_plan_is_told_which_slots_count() -> None:
    working = replace(FLANDERS, weekdays=frozenset(range(5)))
    slots = [
        Slot(start=START + timedelta(days=day), hours=1, import_price=0.3, export_price=0.0, sun=0.0, house=0.0)
        for day in range(7)
    ]
    told = capacity_price(working, CapacityMemory(window=START, energy=123.0), slots, accepted=3_000.0)
    assert told.weights == (1.0,) * 5 + (0.0,) * 2
    assert (told.peak, told.imported, told.window_hours) == (3_000.0, 123.0, 0.25)


def test_a_plan_is_told_what_an_hour_counts() -> None:
    hours = [
        Slot(start=START + timedelta(hours=hour), hours=1, import_price=0.3, export_price=0.0, sun=0.0, house=0.0)
        for hour in range(24)
    ]
    told = capacity_price(SWEDEN, CapacityMemory(window=START), hours)
    nights = {slot.start for slot, weight in zip(hours, told.weights or (), strict=True) if weight == 0.5}
    assert {at.astimezone(ZoneInfo(SWEDEN.zone)).hour for at in nights} == {22, 23, 0, 1, 2, 3, 4, 5}
    assert sum(told.weights or ()) == 16 + 8 * 0.5


def test_a_plan_leaves_the_peak_that_is_paid_anyway_only_where_that_pays() -> None:
    tariff = capacity_price(FLANDERS, CapacityMemory(window=START))
    patient = make_plan(planned_site(car(), capacity=tariff), None, 0.0)
    assert max(each.grid for each in patient.slots) <= 2_501
    hurried = make_plan(planned_site(car(hours=2.0, miss_price=3.0), capacity=tariff), None, 0.0)
    highest = max(each.grid for each in hurried.slots)
    assert highest > 5_000
    without = make_plan(planned_site(car(hours=2.0, miss_price=3.0)), None, 0.0)
    assert hurried.cost - without.cost >= (highest - 2_500) / 1000 * FLANDERS.price


def test_a_new_month_starts_anew() -> None:
    plant = plant_on(FLANDERS, steady(0.4))
    old = datetime(2026, 5, 20, tzinfo=UTC)
    plant.memory = Memory(capacity=CapacityMemory(window=datetime(2026, 5, 31, tzinfo=UTC), peaks=((old, 9_000.0),)))
    plant.run(5)
    assert peaks_of(plant) == []


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 8), st.integers(60, 600)), min_size=2, max_size=6),
    st.sampled_from([3_500.0, 6_000.0]),
)
def test_no_window_costs_more_than_the_house_alone_would(loads: list[tuple[float, int]], accepted: float) -> None:
    levels = [amps for amps, seconds in loads for _ in range(seconds)]
    plant = plant_on(FLANDERS, lambda t: PerPhase(levels[t % len(levels)]), accepted_peak=accepted)
    plant.run(2 * QUARTER)
    alone = [sum(levels[t % len(levels)] for t in range(i, i + QUARTER)) / QUARTER * VOLTS for i in (1, QUARTER + 1)]
    for mean, house in zip(means(plant), alone, strict=True):
        assert mean <= max(accepted, house) * 1.02 + 60
