"""Setting what may be set of a site: a menu, and one form for each subject."""

from collections.abc import Mapping
from datetime import timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.smart_evse.almanac import HassSolarForecasts
from custom_components.smart_evse.engine.capacity_presets import PRESETS
from custom_components.smart_evse.flows.fields import flat
from custom_components.smart_evse.site_options import buying, capacity_tariff
from tests.flows import DEMO_METER, configure, site
from tests.home import MakeSite

CONNECTION = {"house_maximum": 16, "margin": 1.5, "lenient": True, "feeding": {}, "more": {}}
MARKET = {"unit_of_measurement": "EUR/kWh"}


@pytest.fixture
def home(hass: HomeAssistant) -> MockConfigEntry:
    entry = site(DEMO_METER)
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def market(hass: HomeAssistant) -> str:
    hass.states.async_set("sensor.market", "0.21", MARKET)
    return "sensor.market"


FORMS = (
    ("connection",),
    ("forecast",),
    ("capacity",),
    ("operator",),
    ("backup",),
    ("sharing",),
    ("records",),
    ("prices", "price_entities"),
    ("prices", "price_day_night"),
    ("prices", "price_fixed"),
    ("prices", "price_none"),
    ("feed_in", "feed_in_fixed"),
    ("feed_in", "feed_in_same"),
    ("feed_in", "feed_in_entities"),
    ("feed_in", "feed_in_none"),
)


@pytest.mark.parametrize("taps", [(), ("prices",), ("feed_in",), *FORMS], ids="-".join)
async def test_every_form_is_told(hass: HomeAssistant, taps: tuple[str, ...]) -> None:
    entry = site(price_kind="entities")
    entry.add_to_hass(hass)
    walk = await configure(hass, entry, *taps)
    assert walk.is_told


async def test_a_form_leaves_alone_what_is_not_its_own(hass: HomeAssistant) -> None:
    entry = site(sun_bias="never_export", lenient=True, unbalance_limit=20.0)
    entry.add_to_hass(hass)
    walk = await configure(hass, entry, "sharing")
    assert walk.suggested["sun_bias"] == "never_export"
    await walk.say(sun_sharing="turns", sun_bias="never_import")
    assert entry.options == {
        "lenient": True,
        "unbalance_limit": 20.0,
        "sun_sharing": "turns",
        "sun_bias": "never_import",
    }


async def test_the_connection(hass: HomeAssistant, home: MockConfigEntry) -> None:
    walk = await configure(hass, home, "connection")
    await walk.say({**CONNECTION, "house_maximum": 26})
    assert walk.errors == {"house_maximum": "above_fuse"}
    assert walk.complaint
    assert walk.suggested["margin"] == 1.5
    await walk.say({**CONNECTION, "feeding": {"export_limit": 0, "curtailed_above": 4000}})
    assert home.options == {
        "house_maximum": 16,
        "margin": 1.5,
        "lenient": True,
        "rise_hold": 30,
        "voltage": 230,
        "export_limit": 0,
        "curtailed_above": 4000,
    }
    walk = await configure(hass, home, "connection")
    assert (walk.suggested["house_maximum"], walk.suggested["export_limit"]) == (16, 0)
    await walk.say({**CONNECTION, "more": {"rise_hold": 60, "voltage": 235, "unbalance_limit": 16}})
    assert home.options == {
        "house_maximum": 16,
        "margin": 1.5,
        "lenient": True,
        "rise_hold": 60,
        "voltage": 235,
        "unbalance_limit": 16,
    }


async def test_one_phase_is_never_out_of_balance(hass: HomeAssistant) -> None:
    entry = MockConfigEntry(domain="smart_evse", title="Hut", data={"name": "Hut", "phases": 1, "fuse": 35.0})
    entry.add_to_hass(hass)
    walk = await configure(hass, entry, "connection")
    assert "unbalance_limit" not in walk.fields


async def test_a_fixed_price(hass: HomeAssistant, home: MockConfigEntry) -> None:
    walk = await configure(hass, home, "prices", "price_fixed")
    await walk.say(price_add=0.28)
    assert home.options == {"price_kind": "fixed", "price_add": 0.28}


async def test_day_and_night(hass: HomeAssistant, home: MockConfigEntry) -> None:
    answers = {"day_price": 0.31, "night_price": 0.19, "night_start": "22:00:00", "weekend_is_night": True}
    walk = await configure(hass, home, "prices", "price_day_night")
    await walk.say(answers, night_end="22:00:00")
    assert walk.errors == {"night_end": "no_night"}
    assert walk.complaint
    await walk.say(answers, night_end="06:30:00")
    bands = home.options["price_bands"]
    assert [band["add"] for band in bands] == [-0.12, -0.12]
    contract = buying(home.options)
    monday = dt_util.parse_datetime("2026-11-16T12:00:00+01:00")
    assert monday is not None
    at = {
        (day, hour): contract.price(None, monday.replace(day=16 + day, hour=hour))
        for day, hour in ((0, 6), (0, 7), (0, 22), (5, 12), (6, 23))
    }
    assert at == {
        (0, 6): pytest.approx(0.19),
        (0, 7): 0.31,
        (0, 22): pytest.approx(0.19),
        (5, 12): pytest.approx(0.19),
        (6, 23): pytest.approx(0.19),
    }
    walk = await configure(hass, home, "prices", "price_day_night")
    assert walk.suggested == {**answers, "night_end": "06:30:00"}
    await walk.say({**answers, "weekend_is_night": False}, night_end="06:30:00")
    assert len(home.options["price_bands"]) == 1
    walk = await configure(hass, home, "prices", "price_fixed")
    await walk.say(price_add=0.25)
    assert "price_bands" not in home.options
    walk = await configure(hass, home, "prices", "price_day_night")
    assert "day_price" not in walk.suggested


async def test_prices_of_entities(hass: HomeAssistant, home: MockConfigEntry, market: str) -> None:
    hass.states.async_set("sensor.colour", "blue")
    walk = await configure(hass, home, "prices", "price_entities")
    bands = walk.result["data_schema"].schema["more"].schema.schema["price_bands"].config["fields"]
    assert bands["weekdays"]["selector"]["select"]["options"][6] == {"value": "6", "label": "Sunday"}
    await walk.say(price_entities=["sensor.colour"], more={})
    assert walk.errors == {"price_entities": "no_prices"}
    assert walk.complaint
    band = {"start": "17:00:00", "end": "20:00:00", "add": 0.1, "weekdays": ["0", "4"]}
    surcharges = {"price_add": 0.12, "price_vat": 21, "price_bands": [band], "slot_minutes": "30"}
    await walk.say(price_entities=[market], more=surcharges)
    assert walk.step == "price_check"
    assert walk.is_told
    assert walk.result["description_placeholders"]["lowest"] == "0.3993 EUR", "(0.21 + 0.12) with 21 % of VAT"
    await walk.say(answer="again")
    assert walk.step == "price_entities"
    assert walk.suggested == {"price_entities": [market], "price_factor": 1, **surcharges}
    await walk.say(price_entities=[market], more={**surcharges, "slot_minutes": "15"})
    await walk.say(answer="right")
    assert home.options == {
        "price_kind": "entities",
        "price_entities": [market],
        "price_factor": 1,
        "price_add": 0.12,
        "price_vat": 21,
        "price_bands": [band],
        "slot_minutes": 15,
    }
    (read,) = buying(home.options).bands
    assert read.weekdays == {0, 4}
    walk = await configure(hass, home, "prices", "price_entities")
    assert (walk.suggested["price_entities"], walk.suggested["slot_minutes"]) == ([market], "15")
    walk = await configure(hass, home, "prices", "price_none")
    await walk.say()
    assert home.options == {}


async def test_the_market_price_needs_a_market(hass: HomeAssistant, home: MockConfigEntry, market: str) -> None:
    walk = await configure(hass, home, "feed_in")
    assert "feed_in_same" not in walk.result["menu_options"]
    hass.config_entries.async_update_entry(home, options={"price_kind": "entities", "price_entities": [market]})
    walk = await configure(hass, home, "feed_in", "feed_in_same")
    await walk.say(more={"export_add": -0.02})
    assert home.options["export_kind"] == "same"
    assert home.options["export_add"] == -0.02
    assert home.options["price_entities"] == [market]


async def test_what_feeding_in_earns(hass: HomeAssistant, home: MockConfigEntry, market: str) -> None:
    walk = await configure(hass, home, "feed_in", "feed_in_entities")
    await walk.say(export_entities=["sensor.nobody"], more={})
    assert walk.errors == {"export_entities": "no_prices"}
    await walk.say(export_entities=[market], more={"export_factor": 0.5})
    assert walk.result["description_placeholders"]["now"] == "0.1050 EUR"
    await walk.say(answer="right")
    assert home.options["export_kind"] == "entities"
    walk = await configure(hass, home, "feed_in", "feed_in_fixed")
    await walk.say(export_add=0.08)
    assert home.options == {"export_kind": "fixed", "export_add": 0.08}
    walk = await configure(hass, home, "feed_in", "feed_in_none")
    await walk.say()
    assert home.options == {}


async def test_who_forecasts_the_sun(hass: HomeAssistant, home: MockConfigEntry) -> None:
    now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    hass.states.async_set("sensor.sun", "3", {"watts": {now.isoformat(): 1200.0}})
    hass.states.async_set("sensor.moon", "3")
    roof = MockConfigEntry(domain="forecast_solar", title="Roof")
    roof.add_to_hass(hass)
    MockConfigEntry(domain="sun", title="Sun").add_to_hass(hass)
    walk = await configure(hass, home, "forecast")
    assert walk.fields == {"sun_entities"}, "nobody here has a forecast"
    with patch.object(HassSolarForecasts, "_known", return_value={"forecast_solar": None}):
        walk = await configure(hass, home, "forecast")
        assert walk.is_told
        await walk.say(sun_entities=["sensor.moon"])
        assert walk.errors == {"sun_entities": "no_forecast"}
        assert walk.complaint
        await walk.say(sun_forecasts=[roof.entry_id], sun_entities=["sensor.sun"])
    assert home.options == {"sun_forecasts": [roof.entry_id], "sun_entities": ["sensor.sun"]}
    walk = await configure(hass, home, "forecast")
    await walk.say()
    assert home.options == {}, "an empty form is the energy dashboard again"


async def test_the_grid_operator_and_a_power_cut(hass: HomeAssistant, home: MockConfigEntry) -> None:
    walk = await configure(hass, home, "operator")
    await walk.say(grid_operator_entity="binary_sensor.relay")
    walk = await configure(hass, home, "backup")
    await walk.say(off_grid_entity="switch.island", backup_limit=5000, more={"frequency_entity": "sensor.hertz"})
    assert home.options == {
        "grid_operator_entity": "binary_sensor.relay",
        "off_grid_entity": "switch.island",
        "off_grid_charging": False,
        "backup_limit": 5000,
        "frequency_entity": "sensor.hertz",
    }
    walk = await configure(hass, home, "operator")
    assert walk.suggested == {"grid_operator_entity": "binary_sensor.relay"}
    await walk.say(demand_response_entity="number.limit")
    assert "grid_operator_entity" not in home.options


async def test_a_capacity_tariff_that_we_know(hass: HomeAssistant, home: MockConfigEntry) -> None:
    walk = await configure(hass, home, "capacity")
    assert "may_set_new_peak" not in walk.fields, "nothing runs that could be told"
    assert walk.suggested == {"capacity_tariff": "none"}
    await walk.say(capacity_tariff="norway", capacity_price=30)
    tariff = capacity_tariff(home.options, "Europe/Oslo")
    assert tariff is not None
    assert (tariff.steps, tariff.price) == (PRESETS["norway"].tariff.steps, 30)
    walk = await configure(hass, home, "capacity")
    assert walk.suggested == {"capacity_tariff": "norway", "capacity_price": 30}
    await walk.say(capacity_tariff="none", capacity_price=30)
    assert home.options == {}


@pytest.mark.parametrize(
    ("more", "hours", "weekdays", "months"),
    [
        ({}, set(range(24)), set(range(7)), set(range(1, 13))),
        ({"first_hour": 7, "last_hour": 20, "workdays_only": True}, set(range(7, 20)), set(range(5)), {*range(1, 13)}),
        ({"first_hour": 22, "last_hour": 6, "months": ["11", "12"]}, {22, 23, *range(6)}, set(range(7)), {11, 12}),
    ],
)
async def test_a_capacity_tariff_of_ones_own(  # noqa: PLR0917 (pytest hands them over by name)
    hass: HomeAssistant,
    home: MockConfigEntry,
    more: Mapping[str, object],
    hours: set[int],
    weekdays: set[int],
    months: set[int],
) -> None:
    walk = await configure(hass, home, "capacity")
    await walk.say(capacity_tariff="own", capacity_price=45)
    assert walk.step == "capacity_own"
    assert walk.is_told
    answers = {"minutes": "60", "top": 3, "distinct_days": True, "floor": 2500, "more": more}
    await walk.say(answers)
    tariff = capacity_tariff(home.options, "Europe/Stockholm")
    assert tariff is not None
    assert (tariff.minutes, tariff.top, tariff.distinct_days, tariff.floor) == (60, 3, True, 2500.0)
    assert (tariff.hours, tariff.weekdays, tariff.months) == (hours, weekdays, months)
    assert (tariff.price, tariff.zone) == (45, "Europe/Stockholm")
    walk = await configure(hass, home, "capacity")
    assert walk.suggested["capacity_tariff"] == "own"
    await walk.say(capacity_tariff="own", capacity_price=45)
    usual = {"first_hour": 0, "last_hour": 24, "workdays_only": False, "months": []}
    assert walk.suggested == {**flat(answers), **usual, **more}


async def test_how_far_a_running_site_may_go(make_site: MakeSite) -> None:
    running = await make_site()
    assert running.entry.state is ConfigEntryState.LOADED
    walk = await configure(running.hass, running.entry, "capacity")
    assert walk.is_told
    assert walk.suggested["may_set_new_peak"] is False
    answers = {"capacity_tariff": "belgium_flanders", "may_set_new_peak": True, "more": {"accepted_peak": 4000}}
    await walk.say(answers)
    kept = running.coordinator.store.kept.site
    assert (kept.may_set_new_peak, kept.accepted_peak) == (True, 4000.0)
    await running.settle()
    walk = await configure(running.hass, running.entry, "capacity")
    assert walk.suggested == flat(answers)
    await walk.say(capacity_tariff="none", may_set_new_peak=False, more={})
    assert running.coordinator.store.kept.site.accepted_peak == 0.0
    await running.settle()


async def test_prices_are_shown_where_they_are_lowest_and_highest(
    hass: HomeAssistant, home: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    freezer.move_to("2026-11-18T09:30:00+00:00")
    midnight = dt_util.start_of_local_day()
    rows = [{"start": (midnight + timedelta(hours=hour)).isoformat(), "value": (hour % 24) / 100} for hour in range(48)]
    attributes = {**MARKET, "raw_today": rows[:24], "raw_tomorrow": rows[24:]}
    hass.states.async_set("sensor.market", "0.1", attributes)
    walk = await configure(hass, home, "prices", "price_entities")
    await walk.say(price_entities=["sensor.market"], more={})
    assert walk.result["description_placeholders"] == {
        "now": "0.1000 EUR",
        "lowest": "0.0000 EUR",
        "lowest_at": "00:00",
        "highest": "0.2300 EUR",
        "highest_at": "23:00",
    }


async def test_what_else_goes_on_record(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.services.async_register("notify", "mobile_app_phone", lambda _: None)
    walk = await configure(hass, home, "records")
    assert {"co2_entity", "ask_with", "forget_after", "replica_url"} <= walk.fields
    more = {"replica_url": "mysql://here/ledger", "forget_after": 24}
    await walk.say(co2_entity="sensor.co2", ask_with=["mobile_app_phone"], more=more)
    assert walk.complaint.startswith("This is not the address of a PostgreSQL database.")
    await walk.say(co2_entity="sensor.co2", ask_with=["mobile_app_phone"], more={"forget_after": 24})
    assert home.options == {"co2_entity": "sensor.co2", "ask_with": ["mobile_app_phone"], "forget_after": 24}


@pytest.mark.parametrize("url", ["ledger", "postgresql://host", "postgresql:///ledger", "postgresql://host:x/ledger"])
async def test_what_is_no_address(hass: HomeAssistant, home: MockConfigEntry, url: str) -> None:
    walk = await configure(hass, home, "records")
    await walk.say(more={"replica_url": url})
    assert walk.errors == {"base": "no_database_address"}
