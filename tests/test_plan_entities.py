"""The plan, the car and the money on the dashboard, through Home Assistant's states."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import get_instance  # type: ignore[attr-defined]
from homeassistant.components.recorder.history import get_significant_states
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.smart_evse.engine.model import Mode, VehicleState
from custom_components.smart_evse.engine.vehicle.distance import Amount, Unit
from custom_components.smart_evse.meters.port import Measurement
from tests.evening import CAR, NOW, PRICES, SEVEN, SOC, planned, show_prices, smart, with_car
from tests.home import CONNECTED, V2G, Box, MakeSite, Site, charger

CHEAP = SEVEN.replace(hour=3)
TAKES = replace(CONNECTED, state=VehicleState.CHARGING, power=11_000.0, limit=16.0)


@pytest.fixture(autouse=True)
async def evening(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    await hass.config.async_set_time_zone("UTC")
    hass.config.currency = "EUR"
    freezer.move_to(NOW)


async def cheap_night(make_site: MakeSite, *, kwh: float = 8.0) -> Site:
    """Set up a site whose car is to have some kWh by seven and may have them cheaply at three."""
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await site.coordinator.async_set_target(site.connector, Amount(kwh, Unit.KILOWATT_HOURS))
    await smart(site)
    return site


async def with_battery(make_site: MakeSite, soc: str = "50") -> Site:
    site = await make_site(options=PRICES, others=(CAR,))
    await with_car(site)
    site.hass.states.async_set(SOC, soc, {"unit_of_measurement": "%"})
    show_prices(site.hass, cheap=3)
    await smart(site)
    return site


def enable(site: Site, platform: str, key: str, owner: str | None = None) -> None:
    er.async_get(site.hass).async_update_entity(site.entity_id(platform, key, owner), disabled_by=None)


async def reload(site: Site) -> None:
    """Let Home Assistant set the site up again, as it does when an entity has been enabled."""
    site.freezer.tick(31)
    async_fire_time_changed(site.hass, dt_util.utcnow())
    await site.hass.async_block_till_done()
    del site.meters[:-1]
    await site.settle()
    await site.sample(1000.0)
    await site.read(CONNECTED)


# When, how much and what for


async def test_what_is_planned_is_shown(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    shown = {key: site.state("sensor", key).state for key in ("plan", "next_start", "expected_end")}
    assert shown["plan"] == "wait"
    assert CHEAP <= dt_util.parse_datetime(shown["next_start"], raise_on_error=True) < CHEAP + timedelta(minutes=30)
    assert dt_util.parse_datetime(shown["expected_end"], raise_on_error=True) <= CHEAP + timedelta(hours=1)
    assert float(site.state("sensor", "planned_energy").state) == pytest.approx(8.0, rel=0.05)
    assert dt_util.parse_datetime(site.state("datetime", "departure").state) == SEVEN


async def test_what_it_costs_is_in_the_currency_of_the_house(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    cost = site.state("sensor", "planned_cost")
    assert cost.attributes["unit_of_measurement"] == "EUR"
    assert float(cost.state) == pytest.approx(8 / 0.9 * 0.1, rel=0.1)
    owner = site.entry.entry_id
    site_cost, otherwise, saving = (
        float(site.state("sensor", key, owner).state) for key in ("planned_cost", "cost_otherwise", "planned_saving")
    )
    assert otherwise > 2 * site_cost
    assert saving == pytest.approx(otherwise - site_cost, abs=0.011)


async def test_the_plan_is_there_for_a_chart(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    slots = site.state("sensor", "plan").attributes["slots"]
    charging = [slot for slot in slots if slot["power"] > 0]
    assert {slot["price"] for slot in charging} == {0.1}
    assert {slot["reason"] for slot in charging} <= {"cheap", "departure"}
    assert slots[-1]["energy"] > slots[0]["energy"]
    assert [slot["start"] for slot in slots] == sorted(slot["start"] for slot in slots)


@pytest.mark.usefixtures("recorder_mock")
async def test_the_chart_is_not_recorded(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    entity_id = site.entity_id("sensor", "plan")
    await async_wait_recording_done(hass)
    start = NOW - timedelta(minutes=1)
    query = partial(get_significant_states, hass, start, entity_ids=[entity_id], significant_changes_only=False)
    states = (await get_instance(hass).async_add_executor_job(query))[entity_id]
    assert states
    assert all("slots" not in state.attributes for state in states if isinstance(state, State))


async def test_the_next_start_is_not_the_run_that_is_under_way(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    site.freezer.move_to(CHEAP + timedelta(minutes=32))
    await site.sample(1000.0)
    await site.read(CONNECTED)
    await planned(site)
    assert site.state("sensor", "plan").state in ("cheap", "departure")
    assert site.state("sensor", "next_start").state == "unknown"


async def test_who_plans_nothing_sees_nothing_of_plans(make_site: MakeSite) -> None:
    site = await make_site()
    await site.read(CONNECTED)
    await planned(site)
    known = {entry.unique_id for entry in er.async_get(site.hass).entities.values()}
    owners = (site.connector, site.entry.entry_id)
    for key in ("plan", "next_start", "planned_cost", "planned_saving", "departure", "target_energy", "import_price"):
        assert not known & {f"{owner}_{key}" for owner in owners}, key


async def test_who_made_the_plan_and_when(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    owner = site.entry.entry_id
    for key in ("plan_source", "plan_made"):
        enable(site, "sensor", key, owner)
    await reload(site)
    plan = await planned(site)
    assert site.state("sensor", "plan_source", owner).state == plan.source.value
    made = dt_util.parse_datetime(site.state("sensor", "plan_made", owner).state)
    assert made == plan.made_at.replace(microsecond=0)


# The car


async def test_a_car_that_is_counted_on_shows_its_battery(make_site: MakeSite) -> None:
    site = await with_battery(make_site)
    assert float(site.state("sensor", "soc").state) == 50
    await site.read(TAKES)
    site.freezer.tick(3600)
    await site.sample(1000.0)
    await site.read(replace(TAKES, energy_in=1_234_000.0 + 11_000.0))
    # A charger that only goes on charging is no reason to beat: the next sample of the meter is.
    site.freezer.tick(15)
    await site.sample(1000.0)
    assert float(site.state("sensor", "soc").state) == pytest.approx(66.5, abs=1)


async def test_charging_is_so_many_kilometres_an_hour(make_site: MakeSite) -> None:
    site = await with_battery(make_site)
    assert site.state("sensor", "charge_speed").state == "0.0"
    await site.coordinator.async_set_mode(site.connector, Mode.FAST)
    await site.read(TAKES)
    speed = site.state("sensor", "charge_speed")
    assert speed.attributes["unit_of_measurement"] == "km/h"
    assert float(speed.state) == pytest.approx(11_000 * 0.9 / 180, rel=0.05)
    minutes = float(site.state("sensor", "time_to_target").state)
    assert minutes == pytest.approx(60 * 18_000 / (11_000 * 0.9), rel=0.1)


async def test_the_time_to_the_target_is_that_of_the_plan(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    end = dt_util.parse_datetime(site.state("sensor", "expected_end").state, raise_on_error=True)
    left = float(site.state("sensor", "time_to_target").state)
    assert left == pytest.approx((end - dt_util.utcnow()).total_seconds() / 60, abs=1)


async def test_what_the_day_has_left(make_site: MakeSite) -> None:
    site = await make_site()
    enable(site, "sensor", "starts_left")
    await reload(site)
    assert site.state("sensor", "starts_left").state == "10"
    await site.coordinator.async_set_mode(site.connector, Mode.FAST)
    for _ in range(40):
        site.freezer.tick(5)
        await site.sample(1000.0)
        await site.read(CONNECTED)
    assert site.state("sensor", "starts_left").state == "9"


# What is wanted


async def test_a_target_in_percent(make_site: MakeSite) -> None:
    site = await with_battery(make_site)
    number = site.entity_id("number", "target_soc")
    assert site.state("number", "target_soc").state == "80.0"
    await site.call("number", "set_value", entity_id=number, value=60)
    stay = next((await planned(site)).of(site.connector))
    assert stay.target == pytest.approx(36_000)
    await site.coordinator.async_set_target(site.connector, Amount(100.0, Unit.KILOMETRES))
    assert site.state("number", "target_soc").state == "unknown"


async def test_a_minimum_is_charged_at_once(make_site: MakeSite) -> None:
    site = await with_battery(make_site)
    await site.call("number", "set_value", entity_id=site.entity_id("number", "minimum_soc"), value=55)
    await planned(site)
    assert site.state("sensor", "plan").state == "minimum"


async def test_a_target_in_kwh_where_nobody_knows_the_battery(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    assert site.state("number", "target_energy").state == "8.0"
    await site.call("number", "set_value", entity_id=site.entity_id("number", "target_energy"), value=4)
    assert next((await planned(site)).of(site.connector)).target == 4_000


async def test_a_departure_is_set_on_the_dashboard(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    entity_id = site.entity_id("datetime", "departure")
    leaves = SEVEN.replace(hour=2)
    await site.call("datetime", "set_value", entity_id=entity_id, datetime=leaves.isoformat())
    assert next((await planned(site)).of(site.connector)).departs == leaves
    assert dt_util.parse_datetime(site.state("datetime", "departure").state) == leaves
    with pytest.raises(ServiceValidationError) as refused:
        await site.call("datetime", "set_value", entity_id=entity_id, datetime=NOW.isoformat())
    assert refused.value.translation_key == "departure_is_over"


async def test_a_reserve_is_only_for_cars_that_give(make_site: MakeSite) -> None:
    site = await make_site(Box(V2G), chargers=(charger(phase_map="1"),))
    assert site.state("number", "reserve_soc").state == "30.0"
    await site.call("number", "set_value", entity_id=site.entity_id("number", "reserve_soc"), value=45)
    assert site.coordinator.settings().connectors[0].reserve_soc == 45
    assert site.state("number", "reserve_soc").state == "45.0"


async def test_a_price_below_which_it_is_cheap(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    enable(site, "number", "cheap_price")
    await reload(site)
    show_prices(site.hass, cheap=3)
    await planned(site)
    assert site.state("number", "cheap_price").attributes["unit_of_measurement"] == "EUR/kWh"
    await site.coordinator.async_set_mode(site.connector, Mode.CHEAP)
    await site.call("number", "set_value", entity_id=site.entity_id("number", "cheap_price"), value=0.25)
    reason = site.state("sensor", "reason")
    assert (reason.state, reason.attributes["sentence"]) == (
        "cheap_waiting",
        "Waiting for a lower price; it is 0.30 EUR per kWh now.",
    )


# The grid


async def test_prices_of_now(make_site: MakeSite) -> None:
    site = await make_site(options={**PRICES, "export_kind": "fixed", "export_add": 0.05})
    show_prices(site.hass, cheap=3)
    await planned(site)
    owner = site.entry.entry_id
    price = site.state("sensor", "import_price", owner)
    assert (float(price.state), price.attributes["unit_of_measurement"]) == (pytest.approx(0.30), "EUR/kWh")
    assert float(site.state("sensor", "export_price", owner).state) == pytest.approx(0.05)


async def test_a_capacity_tariff_has_its_budget_and_its_peak(make_site: MakeSite) -> None:
    site = await make_site(options={"capacity_tariff": "belgium_flanders"})
    owner = site.entry.entry_id
    site.freezer.tick(60)
    await site.sample(1000.0)
    assert float(site.state("sensor", "peak_budget", owner).state) > 1500
    await site.call("number", "set_value", entity_id=site.entity_id("number", "accepted_peak", owner), value=6000)
    site.freezer.tick(11)
    await site.sample(1000.0)
    assert float(site.state("sensor", "peak_budget", owner).state) > 5000
    await site.call("switch", "turn_on", entity_id=site.entity_id("switch", "new_peak", owner))
    assert site.coordinator.settings().may_set_new_peak
    assert site.state("switch", "new_peak", owner).state == "on"
    assert site.state("sensor", "peak_budget", owner).state == "unknown"
    await site.call("switch", "turn_off", entity_id=site.entity_id("switch", "new_peak", owner))
    assert site.state("switch", "new_peak", owner).state == "off"


async def test_a_meter_that_knows_the_peak_tells_it(make_site: MakeSite) -> None:
    site = await make_site()
    known = {entry.unique_id for entry in er.async_get(site.hass).entities.values()}
    assert f"{site.entry.entry_id}_month_peak" not in known
    publish = site.meters[0].publish
    assert publish is not None
    publish(Measurement(power=1000.0, quarter_hour_average=640.0, month_peak=4210.0))
    await site.settle()
    owner = site.entry.entry_id
    shown = {key: float(site.state("sensor", key, owner).state) for key in ("window_mean", "month_peak")}
    assert shown == {"window_mean": 640, "month_peak": 4210}


async def test_how_much_of_the_fuse_s_endurance_is_used(make_site: MakeSite) -> None:
    site = await make_site(options={"lenient": True})
    enable(site, "sensor", "melting", site.entry.entry_id)
    await reload(site)
    assert float(site.state("sensor", "melting", site.entry.entry_id).state) == 0


async def test_a_limit_of_the_grid_is_shown(make_site: MakeSite) -> None:
    site = await make_site()
    owner = site.entry.entry_id
    assert site.state("binary_sensor", "grid_limit", owner).state == "off"
    until = dt_util.utcnow() + timedelta(hours=1)
    await site.coordinator.async_set_grid_limit(4200.0, until=until)
    limit = site.state("binary_sensor", "grid_limit", owner)
    assert limit.state == "on"
    assert limit.attributes["until"] == until.isoformat()
    assert limit.attributes["sentence"] == "The grid operator limits charging from the grid to 4200 W for now."
    site.freezer.tick(3601)
    await site.sample(1000.0)
    assert site.state("binary_sensor", "grid_limit", owner).state == "off"
