"""The plan as Home Assistant runs it: what it is made of, when it is made anew, and what it survives."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.requirements import RequirementsNotFound
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    async_fire_time_changed,
    mock_integration,
    mock_platform,
)

from custom_components.smart_evse.engine.model import Mode, PerPhase, VehicleState
from custom_components.smart_evse.engine.plan import Plan, PlanSource, Problem, make_plan
from custom_components.smart_evse.engine.vehicle.departures import Weekly
from custom_components.smart_evse.engine.vehicle.distance import Amount, Unit
from custom_components.smart_evse.planning import SOLVER_TIME
from tests.evening import AWAY, CAR, NOW, PRICE, PRICES, SEVEN, SOC, hours_of, planned, show_prices, smart
from tests.home import AC, CONNECTED, V2G, Box, MakeSite, charger


@pytest.fixture(autouse=True)
async def evening(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(NOW)


# What a plan is made of


async def test_a_car_is_planned_into_the_cheap_hour_and_the_beat_knows_the_price(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await site.coordinator.async_set_target(site.connector, Amount(8.0, Unit.KILOWATT_HOURS))
    stay = await smart(site)
    assert hours_of(stay) == {3}
    assert stay.planned == pytest.approx(8000, rel=0.05)
    assert site.coordinator.data.snapshot.import_price == pytest.approx(0.30)
    assert stay.departs == SEVEN


async def test_surcharges_and_feeding_in_have_their_price(make_site: MakeSite) -> None:
    options = {**PRICES, "price_add": 0.10, "price_vat": 20.0, "export_kind": "same", "export_add": -0.02}
    site = await make_site(options=options)
    show_prices(site.hass, cheap=3)
    await smart(site)
    snapshot = site.coordinator.data.snapshot
    assert (snapshot.import_price, snapshot.export_price) == (pytest.approx(0.48), pytest.approx(0.28))


async def test_day_and_night_prices_need_no_entity(make_site: MakeSite) -> None:
    bands = [{"start": "23:00", "end": "04:00", "add": -0.15}]
    site = await make_site(options={"price_kind": "fixed", "price_add": 0.35, "price_bands": bands})
    await site.coordinator.async_set_target(site.connector, Amount(8.0, Unit.KILOWATT_HOURS))
    assert hours_of(await smart(site)) <= {23, 0, 1, 2, 3}


async def test_a_car_that_says_how_full_it_is_gets_what_it_lacks(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES, others=(CAR,))
    vehicle = next(key for key, sub in site.entry.subentries.items() if sub.subentry_type == "vehicle")
    box = next(sub for sub in site.entry.subentries.values() if sub.subentry_type == "charger")
    site.hass.config_entries.async_update_subentry(site.entry, box, data={**box.data, "vehicle": vehicle})
    await site.hass.async_block_till_done()
    site.hass.states.async_set(SOC, "50", {"unit_of_measurement": "%"})
    show_prices(site.hass, cheap=3)
    await site.coordinator.async_set_target(site.connector, Amount(70.0))
    stay = await smart(site)
    assert (stay.target, stay.planned) == (pytest.approx(42_000), pytest.approx(12_000, rel=0.02))
    ((_, reading),) = site.coordinator.data.snapshot.vehicles
    assert reading.soc == 50


async def test_the_sun_of_an_energy_platform_is_expected(make_site: MakeSite, hass: HomeAssistant) -> None:
    class Oracle:
        async def async_get_solar_forecast(self, hass: HomeAssistant, entry_id: str) -> dict[str, object]:
            return {"wh_hours": {(NOW + timedelta(hours=hour)).isoformat(): 1500.0 for hour in range(40)}}

    mock_integration(hass, MockModule("roof_oracle"))
    mock_platform(hass, "roof_oracle.energy", Oracle())  # type: ignore[arg-type]  # stands for a module
    assert await async_setup_component(hass, "roof_oracle", {})
    MockConfigEntry(domain="roof_oracle", entry_id="roof").add_to_hass(hass)
    site = await make_site(options={"sun_forecasts": ["roof"]})
    await planned(site)
    assert site.coordinator.data.snapshot.sun_ahead == pytest.approx(1500, rel=0.01)


async def test_without_any_sun_none_is_expected(make_site: MakeSite) -> None:
    site = await make_site()
    await planned(site)
    assert site.coordinator.data.snapshot.sun_ahead is None


async def test_the_house_is_learned_from_statistics(
    recorder_mock: Recorder, hass: HomeAssistant, make_site: MakeSite
) -> None:
    site = await make_site()
    entity_id = site.entity_id("sensor", "house_consumption", site.entry.entry_id)
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.ARITHMETIC,
        has_sum=False,
        name=None,
        source="recorder",
        statistic_id=entity_id,
        unit_class="power",
        unit_of_measurement="W",
    )
    first = NOW - timedelta(days=7)
    rows = [
        StatisticData(start=first + timedelta(hours=hour), mean=2000.0 if (18 + hour) % 24 == 20 else 400.0)
        for hour in range(24 * 7)
    ]
    async_import_statistics(hass, metadata, rows)
    await get_instance(hass).async_block_till_done()
    site.freezer.tick(3600)
    async_fire_time_changed(hass, dt_util.utcnow())
    await get_instance(hass).async_block_till_done()
    await planned(site)
    problem = site.coordinator.planning.problem
    assert problem is not None
    by_hour = {slot.start.hour: slot.house for slot in problem.slots}
    assert by_hour[20] == pytest.approx(2000, rel=0.05)
    assert by_hour[3] == pytest.approx(400, rel=0.05)


async def test_a_calendar_says_when_a_car_leaves_and_how_full(make_site: MakeSite, hass: HomeAssistant) -> None:
    async def events(call: ServiceCall) -> JsonObjectType:
        trip = {"start": "2026-03-11T05:30:00+00:00", "end": "2026-03-11T09:00:00+00:00", "summary": "Grandma 200 km"}
        return {"calendar.car": {"events": [trip, {"start": "2026-03-11", "end": "2026-03-12", "summary": "Holiday"}]}}

    # Ours sets it up, too: the one of the test takes the place of its action.
    assert await async_setup_component(hass, "calendar", {})
    hass.services.async_register("calendar", "get_events", events, supports_response=SupportsResponse.ONLY)
    car = ConfigSubentryData(
        data={**CAR["data"], "calendar": "calendar.car"}, subentry_type="vehicle", title="Car", unique_id=None
    )
    site = await make_site(others=(car,))
    vehicle = next(key for key, sub in site.entry.subentries.items() if sub.subentry_type == "vehicle")
    box = next(sub for sub in site.entry.subentries.values() if sub.subentry_type == "charger")
    site.hass.config_entries.async_update_subentry(site.entry, box, data={**box.data, "vehicle": vehicle})
    await site.hass.async_block_till_done()
    site.hass.states.async_set(SOC, "20", {"unit_of_measurement": "%"})
    stay = await smart(site)
    assert (stay.departs, stay.target) == (datetime(2026, 3, 11, 5, 30, tzinfo=UTC), pytest.approx(36_000))


# When it is made anew


async def test_a_new_target_is_planned_for(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await site.coordinator.async_set_target(site.connector, Amount(5.0, Unit.KILOWATT_HOURS))
    before = await smart(site)
    await site.coordinator.async_set_target(site.connector, Amount(9.0, Unit.KILOWATT_HOURS))
    after = next((await planned(site)).of(site.connector))
    assert (before.target, after.target) == (5_000, 9_000)


async def test_a_departure_once_takes_the_place_of_the_weekly_one(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await site.coordinator.async_set_departures(site.connector, [Weekly(at=time(6, 0))])
    assert (await smart(site)).departs == SEVEN.replace(hour=6)
    await site.coordinator.async_set_departure(site.connector, SEVEN.replace(hour=2))
    assert next((await planned(site)).of(site.connector)).departs == SEVEN.replace(hour=2)
    await site.coordinator.async_set_departure(site.connector, None)
    assert next((await planned(site)).of(site.connector)).departs == SEVEN.replace(hour=6)


async def test_a_skipped_day_has_no_weekly_departure(make_site: MakeSite) -> None:
    site = await make_site()
    await site.coordinator.async_set_departures(site.connector, [Weekly(at=time(6, 0))])
    await site.coordinator.async_skip_departure(site.connector, SEVEN.date())
    stay = await smart(site)
    assert stay.departs is None or stay.departs >= SEVEN.replace(day=12, hour=6)


async def test_new_prices_move_the_charging(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await site.coordinator.async_set_target(site.connector, Amount(8.0, Unit.KILOWATT_HOURS))
    assert hours_of(await smart(site)) == {3}
    show_prices(site.hass, cheap=22, low=0.05)
    assert hours_of(next((await planned(site)).of(site.connector))) == {22}


async def test_a_car_that_leaves_has_no_stay_any_more(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await smart(site)
    await site.read(AWAY)
    assert not [stay for stay in (await planned(site)).stays if stay.arrives <= dt_util.utcnow()]


async def test_a_plan_is_made_anew_every_few_minutes(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await smart(site)
    before = site.coordinator.planning.problem
    site.freezer.tick(301)
    await planned(site)
    after = site.coordinator.planning.problem
    assert before is not None
    assert after is not None
    assert after.now > before.now


async def test_a_car_that_follows_no_plan_has_none(make_site: MakeSite) -> None:
    site = await make_site()
    await site.read(CONNECTED)
    assert (await planned(site)).stays == ()


async def test_a_car_that_may_give_is_planned_whatever_its_mode(make_site: MakeSite) -> None:
    site = await make_site(Box(V2G), chargers=(charger(phase_map="1", max_current=32.0),))
    await site.read(CONNECTED)
    assert [stay.connector for stay in (await planned(site)).stays] == [site.connector]


# What it survives


async def test_without_a_price_it_still_plans_and_takes_the_price_when_it_comes(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    await smart(site)
    assert site.coordinator.data.snapshot.import_price is not None
    show_prices(site.hass, cheap=3)
    await planned(site)
    assert site.coordinator.data.snapshot.import_price == pytest.approx(0.30)


@pytest.mark.parametrize("restart", [False, True])
async def test_published_prices_hold_while_their_entity_is_gone(make_site: MakeSite, restart: bool) -> None:  # noqa: FBT001
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await site.coordinator.async_set_target(site.connector, Amount(8.0, Unit.KILOWATT_HOURS))
    await smart(site)
    site.hass.states.async_set(PRICE, "unavailable")
    if restart:
        assert await site.hass.config_entries.async_reload(site.entry.entry_id)
        await site.settle()
        await site.sample(1000.0)
        await site.read(CONNECTED)
    assert hours_of(next((await planned(site)).of(site.connector))) == {3}


async def test_the_solver_may_better_what_was_made_a_moment_ago(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[bool, float]] = []

    def spy(problem: Problem, previous: Plan | None = None, solver_seconds: float = 1.0) -> Plan:
        asked.append((previous is None, solver_seconds))
        return make_plan(problem, previous, solver_seconds)

    monkeypatch.setattr("custom_components.smart_evse.planning.make_plan", spy)
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await smart(site)
    await planned(site)
    assert (True, SOLVER_TIME) in asked


async def test_without_a_solver_the_simple_plan_serves(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise RequirementsNotFound("smart_evse", ["highspy"])

    monkeypatch.setattr("custom_components.smart_evse.planning.async_process_requirements", fail)
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await smart(site)
    plan = site.coordinator.data.snapshot.plan
    assert plan is not None
    assert plan.source is PlanSource.GREEDY
    assert site.coordinator.planning.solver_missing is not None


async def test_a_planner_that_fails_leaves_the_plan_and_the_beat_alone(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await smart(site)
    before = site.coordinator.data.snapshot.plan

    def broken(*_: object) -> Plan:
        raise ArithmeticError("no such number")

    monkeypatch.setattr("custom_components.smart_evse.planning.make_plan", broken)
    await site.coordinator.async_set_target(site.connector, Amount(3.0, Unit.KILOWATT_HOURS))
    assert await planned(site) == before
    assert "No plan could be made" in caplog.text


async def test_an_unloaded_site_plans_no_more(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await smart(site)
    planning = site.coordinator.planning
    await site.coordinator.async_set_target(site.connector, Amount(3.0, Unit.KILOWATT_HOURS))
    before = planning.plan
    assert await site.hass.config_entries.async_unload(site.entry.entry_id)
    site.freezer.tick(400)
    async_fire_time_changed(site.hass, dt_util.utcnow())
    await site.hass.async_block_till_done()
    assert planning.plan is before


async def test_a_stay_is_remembered_and_teaches_when_the_car_comes(make_site: MakeSite) -> None:
    site = await make_site(Box(AC))
    await site.read(CONNECTED)
    site.freezer.tick(7200)
    await site.read(AWAY)
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    (stayed,) = site.coordinator.store.learned.cars[site.connector].history
    assert stayed.left - stayed.arrived >= timedelta(hours=2)


async def test_what_would_be_planned_can_be_asked_without_setting_it(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await site.coordinator.async_set_target(site.connector, Amount(8.0, Unit.KILOWATT_HOURS))
    await smart(site)
    would_be = await site.coordinator.async_simulate(site.connector, target_energy=16_000.0)
    assert next(stay.target for stay in would_be.of(site.connector)) == 16_000
    assert site.coordinator.data.plan is not None
    assert next(site.coordinator.data.plan.of(site.connector)).target == 8_000


async def test_forecasts_are_scored_and_the_score_is_kept(make_site: MakeSite) -> None:
    site = await make_site()
    await planned(site)
    for _ in range(26):
        for _ in range(12):
            site.freezer.tick(300)
            await site.sample(900.0)
            site.freezer.tick(50)
            await site.sample(900.0)
        async_fire_time_changed(site.hass, dt_util.utcnow())
        await site.settle()
    score = site.coordinator.store.learned.site.house_score
    assert score.promised_at is not None
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    assert site.coordinator.store.learned.site.house_score.promised_at == score.promised_at


async def test_another_source_of_prices_forgets_those_of_the_one_before(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await planned(site)
    assert site.coordinator.store.learned.site.prices.spans
    options = {**site.entry.options, "price_entities": ["sensor.other_price"]}
    site.hass.config_entries.async_update_entry(site.entry, options=options)
    await site.hass.async_block_till_done()
    await site.settle()
    await site.sample(1000.0)
    await planned(site)
    assert site.coordinator.store.learned.site.prices.spans == ()


async def test_a_car_seen_to_use_one_phase_is_planned_with_one(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    charging = replace(
        CONNECTED, state=VehicleState.CHARGING, power=3680.0, currents=PerPhase(16.0, 0.0, 0.0), limit=16.0
    )
    await site.coordinator.async_set_mode(site.connector, Mode.FAST)
    for _ in range(40):
        await site.sample(5000.0)
        site.freezer.tick(4)
        await site.read(charging)
    assert site.coordinator.data.decision.memory.connector(site.connector).car_phases == 1
    stay = await smart(site)
    assert max(slot.power for slot in stay.slots) == pytest.approx(3680)


async def test_what_went_in_counts_where_the_car_says_nothing_new(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES, others=(CAR,))
    vehicle = next(key for key, sub in site.entry.subentries.items() if sub.subentry_type == "vehicle")
    box = next(sub for sub in site.entry.subentries.values() if sub.subentry_type == "charger")
    site.hass.config_entries.async_update_subentry(site.entry, box, data={**box.data, "vehicle": vehicle})
    await site.hass.async_block_till_done()
    await site.settle()
    site.hass.states.async_set(SOC, "40", {"unit_of_measurement": "%"})
    site.coordinator.beat()
    charging = replace(CONNECTED, state=VehicleState.CHARGING, power=11_000.0, limit=16.0)
    await site.read(charging)
    site.freezer.tick(3600)
    await site.read(replace(charging, energy_in=1_234_000.0 + 11_000.0))
    cars = site.coordinator.planning.cars
    assert cars.soc(site.connector, 60_000.0) == pytest.approx(40 + 11_000 * 0.9 / 60_000 * 100, abs=0.7)
    site.hass.states.async_set(SOC, "12.3", {"unit_of_measurement": "°C"})
    site.coordinator.beat()
    assert site.coordinator.data.snapshot.vehicles == ()


async def test_without_a_forecast_the_sun_is_learned_from_the_site_s_own(
    make_site: MakeSite, recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    roof = ConfigSubentryData(
        data={"kind": "entities", "entities": {"power": "sensor.roof"}},
        subentry_type="inverter",
        title="Roof",
        unique_id=None,
    )
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.ARITHMETIC,
        has_sum=False,
        name=None,
        source="recorder",
        statistic_id="sensor.roof",
        unit_class="power",
        unit_of_measurement="W",
    )
    first = NOW - timedelta(days=10)
    rows = [
        StatisticData(start=first + timedelta(hours=hour), mean=3000.0 if (18 + hour) % 24 in (11, 12, 13) else 0.0)
        for hour in range(240)
    ]
    async_import_statistics(hass, metadata, rows)
    await get_instance(hass).async_block_till_done()
    site = await make_site(others=(roof,))
    await planned(site)
    await get_instance(hass).async_block_till_done()
    await planned(site)
    problem = site.coordinator.planning.problem
    assert problem is not None
    assert next(slot.sun for slot in problem.slots if slot.start == SEVEN.replace(hour=12)) == pytest.approx(
        3000, rel=0.1
    )
    assert next(slot.sun for slot in problem.slots if slot.start == SEVEN.replace(hour=3)) == 0
