"""What a plan is made of: limits of others, peaks and home batteries as the plan needs them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
import pytest

from custom_components.smart_evse.engine.model import Mode
from custom_components.smart_evse.engine.plan.model import Problem
from custom_components.smart_evse.engine.settings import BatteryPolicy
from custom_components.smart_evse.meters.port import Measurement
from tests.desk import people
from tests.home import MakeSite, Site, make_site
from tests.test_access import ADA, HERS, controlled, show
from tests.test_planning import planned

__all__ = ["make_site"]

NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def evening(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(NOW)


async def problem_of(site: Site) -> Problem:
    await planned(site)
    problem = site.coordinator.planning.problem
    assert problem is not None
    return problem


async def test_a_limit_that_is_announced_holds_in_its_slots(make_site: MakeSite) -> None:
    site = await make_site()
    start, end = NOW + timedelta(hours=2), NOW + timedelta(hours=3)
    await site.coordinator.async_set_grid_limit(4200.0, start=start, until=end)
    slots = (await problem_of(site)).slots
    limited = {slot.start: (slot.import_limit or 0.0) - slot.house for slot in slots if slot.import_limit is not None}
    assert sorted(limited) == [start + timedelta(minutes=15 * quarter) for quarter in range(4)]
    assert list(limited.values()) == pytest.approx([4200.0] * 4)


async def test_what_the_grid_operator_guarantees_is_planned_with(make_site: MakeSite) -> None:
    site = await make_site()
    await site.coordinator.async_set_grid_limit(None)
    slot = (await problem_of(site)).slots[4]
    assert slot.import_limit == pytest.approx(4200.0 + slot.house)


@pytest.mark.parametrize(("may_set_new", "limited"), [(False, True), (True, False)])
async def test_a_new_peak_is_avoided_or_has_its_price(make_site: MakeSite, *, may_set_new: bool, limited: bool) -> None:
    site = await make_site(options={"capacity_tariff": "belgium_flanders", "capacity_price": 5.0})
    await site.coordinator.async_set_peak(may_set_new=may_set_new)
    problem = await problem_of(site)
    assert problem.capacity is not None
    assert (problem.capacity.price, problem.capacity.peak) == (5.0, 2500.0)
    assert all((slot.import_limit is not None) is limited for slot in problem.slots)


@pytest.mark.parametrize(("may_set_new", "peak"), [(False, 0.0), (True, 5.0 * 4)])
async def test_to_be_ready_in_time_comes_before_a_low_peak(
    make_site: MakeSite, *, may_set_new: bool, peak: float
) -> None:
    site = await make_site(options={"capacity_tariff": "belgium_flanders", "capacity_price": 5.0})
    await site.coordinator.async_set_live(site.connector, mode=Mode.SMART)
    await site.coordinator.async_set_peak(may_set_new=may_set_new)
    problem = await problem_of(site)
    dearest = max(slot.import_price for slot in problem.slots)
    assert [stay.miss_price for stay in problem.stays] == [pytest.approx(2 * (dearest + peak))]


async def test_an_hour_that_counts_half_may_have_twice_the_peak(make_site: MakeSite) -> None:
    site = await make_site(options={"capacity_tariff": "sweden_ellevio"})
    await site.coordinator.async_set_peak(accepted=4000.0)
    slots = (await problem_of(site)).slots
    stockholm = ZoneInfo("Europe/Stockholm")
    night = {slot.import_limit for slot in slots if slot.start.astimezone(stockholm).hour in {22, 23, *range(6)}}
    day = {slot.import_limit for slot in slots if 6 <= slot.start.astimezone(stockholm).hour < 22}
    assert (night, day) == ({8000.0}, {4000.0})


async def test_home_batteries_are_planned_with_as_one(make_site: MakeSite) -> None:
    battery = ConfigSubentryData(
        data={"kind": "demo", "capacity": 10.0, "charge_power": 4000, "discharge_power": 5000, "efficiency": 81.0},
        subentry_type="battery",
        title="Battery",
        unique_id=None,
    )
    options = {"battery_policy": "battery_until", "battery_until": 60, "battery_feeds_car": True}
    site = await make_site(others=(battery,), options=options)
    publish = site.meters[-1].publish
    assert publish is not None
    publish(Measurement(power=0.0, soc=40.0))
    site.coordinator.beat()
    known = (await problem_of(site)).battery
    assert known is not None
    assert (known.energy, known.capacity, known.charge, known.discharge) == (4000, 10_000, 4000, 5000)
    assert (known.efficiency, known.policy, known.until) == (pytest.approx(0.9), BatteryPolicy.BATTERY_UNTIL, 6000)
    assert known.feeds_cars


async def test_the_fuse_and_circuits_bound_what_is_planned(make_site: MakeSite) -> None:
    circuit = ConfigSubentryData(
        data={"limit": 20.0, "phases": 3, "others": 3.0}, subentry_type="circuit", title="Garage", unique_id=None
    )
    site = await make_site(others=(circuit,), options={"export_limit": 5000})
    problem = await problem_of(site)
    assert (problem.import_limit, problem.export_limit) == (pytest.approx(24 * 690), 5000)
    assert [limit.power for limit in problem.circuits] == [pytest.approx(16 * 690)]


async def test_a_car_that_may_not_charge_is_not_planned_for(make_site: MakeSite) -> None:
    site = await controlled(make_site)
    await people(site, ADA, HERS)
    await site.coordinator.async_set_live(site.connector, mode=Mode.SMART)
    assert (await problem_of(site)).stays == ()
    await show(site, HERS.number)
    assert {stay.connector for stay in (await problem_of(site)).stays} == {site.connector}
