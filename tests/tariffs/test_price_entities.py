"""Prices by entities: every known shape, every unit, and what is not told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util.json import JsonObjectType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.smart_evse.almanac import HassActions
from custom_components.smart_evse.engine.forecast.series import Series
from custom_components.smart_evse.links.errors import Silent
from custom_components.smart_evse.states import HassStates
from custom_components.smart_evse.tariffs.price_entities import EntityPrices
from custom_components.smart_evse.tariffs.units import price_scale

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 10, 11, 20, tzinfo=UTC)
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)
ONE = NOON + timedelta(hours=1)
PRICE = "sensor.price"


@pytest.fixture(autouse=True)
def now(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NOW)


async def fetched(hass: HomeAssistant, *entity_ids: str) -> Series:
    source = EntityPrices(HassStates(hass), entity_ids or (PRICE,), ZONE, HassActions(hass))
    return await source.fetch(NOW)


def show(hass: HomeAssistant, attributes: dict[str, object], state: str = "0.2", unit: str | None = "EUR/kWh") -> None:
    known = {} if unit is None else {"unit_of_measurement": unit}
    hass.states.async_set(PRICE, state, {**known, **attributes})


TOMORROW = NOON + timedelta(days=1)

SHAPES: dict[str, dict[str, object]] = {
    "nord pool": {
        "raw_today": [
            {"start": NOON, "end": ONE, "value": 0.21},
            {"start": ONE, "end": ONE + timedelta(hours=1), "value": 0.31},
        ],
        "raw_tomorrow": [{"start": TOMORROW, "end": TOMORROW + timedelta(hours=1), "value": 0.11}],
        "today": [0.5] * 24,
    },
    "entso-e": {
        "prices_today": [{"time": "2026-03-10 12:00:00+01:00", "price": 0.21}],
        "prices": [
            {"time": "2026-03-10 12:00:00+01:00", "price": 0.21},
            {"time": "2026-03-10 13:00:00+01:00", "price": 0.31},
            {"time": "2026-03-11 12:00:00+01:00", "price": 0.11},
        ],
    },
    "zonneplan": {
        "forecast": [
            {"datetime": "2026-03-10T11:00:00.000000Z", "electricity_price": 2100000, "tariff_group": "low"},
            {"datetime": "2026-03-10T12:00:00.000000Z", "electricity_price": 3100000, "tariff_group": "normal"},
            {"datetime": "2026-03-11T11:00:00.000000Z", "electricity_price": 1100000, "tariff_group": "low"},
        ]
    },
    "octopus": {
        "rates": [
            {"start": "2026-03-10T11:00:00+00:00", "end": "2026-03-10T12:00:00+00:00", "value_inc_vat": 0.21},
            {"start": "2026-03-10T12:00:00+00:00", "end": "2026-03-10T13:00:00+00:00", "value_inc_vat": 0.31},
            {"start": "2026-03-11T11:00:00+00:00", "end": "2026-03-11T12:00:00+00:00", "value_inc_vat": 0.11},
        ]
    },
    "amber": {
        "forecasts": [
            {"start_time": "2026-03-10T11:00:01+00:00", "end_time": "2026-03-10T12:00:00+00:00", "per_kwh": 0.21},
            {"start_time": "2026-03-10T12:00:01+00:00", "end_time": "2026-03-10T13:00:00+00:00", "per_kwh": 0.31},
            {"start_time": "2026-03-11T11:00:01+00:00", "end_time": "2026-03-11T12:00:00+00:00", "per_kwh": 0.11},
        ]
    },
    "awattar": {
        "data": [
            {"start_timestamp": 1773140400000, "end_timestamp": 1773144000000, "marketprice": 210.0},
            {"start_timestamp": 1773144000000, "end_timestamp": 1773147600000, "marketprice": 310.0},
            {"start_timestamp": 1773226800000, "end_timestamp": 1773230400000, "marketprice": 110.0},
        ]
    },
    "tibber": {
        "today": [
            {"startsAt": "2026-03-10T12:00:00+01:00", "total": 0.21},
            {"startsAt": "2026-03-10T13:00:00+01:00", "total": 0.31},
        ],
        "tomorrow": [{"startsAt": "2026-03-11T12:00:00+01:00", "total": 0.11}],
    },
    "frank": {
        "prices": [
            {"from": NOON, "till": ONE, "price": 0.21},
            {"from": ONE, "till": ONE + timedelta(hours=1), "price": 0.31},
            {"from": TOMORROW, "till": TOMORROW + timedelta(hours=1), "price": 0.11},
        ]
    },
    "omie": {
        "today_hours": {"2026-03-10T12:00:00+01:00": 0.21, "2026-03-10T13:00:00+01:00": 0.31},
        "tomorrow_hours": {"2026-03-11T12:00:00+01:00": 0.11},
    },
    "pvpc": {"price_12h": 0.21, "price_13h": 0.31, "price_next_day_12h": 0.11, "price_ratio": 0.4},
    "bare numbers": {
        "today": [0.0] * 12 + [0.21, 0.31] + [0.0] * 10,
        "tomorrow": [0.0] * 12 + [0.11] + [0.0] * 11,
    },
    "a name nobody has heard of": {
        "cijfers": [
            {"datetime": "2026-03-10 12:00:00", "value": 0.21},
            {"datetime": "2026-03-10 13:00:00", "value": "0.31"},
            {"datetime": "2026-03-11 12:00:00", "value": 0.11},
        ],
        "icons": [{"name": "cheap"}],
    },
}


@pytest.mark.parametrize("attributes", SHAPES.values(), ids=SHAPES)
async def test_each_shape_tells_the_price_of_now_later_and_tomorrow(
    hass: HomeAssistant, attributes: dict[str, object]
) -> None:
    show(hass, attributes)
    prices = await fetched(hass)
    told = [prices.at(moment) for moment in (NOW, ONE, ONE + timedelta(minutes=59), TOMORROW)]
    assert told == pytest.approx([0.21, 0.31, 0.31, 0.11])


@pytest.mark.parametrize(
    ("unit", "scale"),
    [
        ("EUR/kWh", 1.0),
        ("€/kWh", 1.0),
        ("ct/kWh", 0.01),
        ("Öre/kWh", 0.01),
        ("p/kWh", 0.01),
        ("EUR/MWh", 0.001),
        ("£/MWh", 0.001),
        ("c/kWh", 0.01),
        ("Cent/kWh", 0.01),
        (None, 1.0),
        ("EUR", 1.0),
        ("CHF/Wh", 1000.0),
    ],
)
def test_a_unit_is_read_for_what_it_is(unit: str | None, scale: float) -> None:
    assert price_scale(unit) == pytest.approx(scale)


async def test_rows_are_in_the_unit_of_their_entity(hass: HomeAssistant) -> None:
    show(hass, SHAPES["frank"], unit="ct/kWh")
    assert (await fetched(hass)).at(NOW) == pytest.approx(0.0021)


async def test_two_entities_tell_today_and_tomorrow(hass: HomeAssistant) -> None:
    show(hass, {"rates": [{"start": NOON, "end": ONE, "value_inc_vat": 0.2}]})
    row = {"start": TOMORROW, "end": TOMORROW + timedelta(hours=1), "value_inc_vat": 0.3}
    hass.states.async_set("event.next_day_rates", "2026-03-10T09:00:00", {"rates": [row]})
    prices = await fetched(hass, PRICE, "event.next_day_rates")
    assert (prices.at(NOW), prices.at(TOMORROW)) == (0.2, 0.3)


async def test_a_sensor_without_a_list_tells_the_price_until_the_hour_is_over(hass: HomeAssistant) -> None:
    show(hass, {})
    prices = await fetched(hass)
    assert (prices.at(NOW), prices.end) == (0.2, ONE.astimezone(UTC))


async def test_what_somebody_sets_by_hand_holds_until_it_is_set_again(hass: HomeAssistant) -> None:
    hass.states.async_set("input_number.price", "0.35", {"unit_of_measurement": "EUR/kWh"})
    prices = await fetched(hass, "input_number.price")
    assert prices.at(NOW + timedelta(days=2)) == 0.35


@pytest.mark.parametrize("state", ["unavailable", "unknown", "cheap", "nan"])
async def test_an_entity_that_says_nothing_is_silent(hass: HomeAssistant, state: str) -> None:
    show(hass, {"raw_today": [], "prices": "soon", "forecast": [{"start": "later", "value": 1}]}, state=state)
    with pytest.raises(Silent):
        await fetched(hass)


async def test_an_entity_that_is_not_there_is_silent(hass: HomeAssistant) -> None:
    with pytest.raises(Silent):
        await fetched(hass)


async def test_quarters_of_a_short_day_begin_where_the_clock_was_put_forward(hass: HomeAssistant) -> None:
    spring = datetime(2026, 3, 29, 9, 0, tzinfo=ZONE)
    show(hass, {"raw_today": [float(index) for index in range(92)]})
    prices = await EntityPrices(HassStates(hass), [PRICE], ZONE).fetch(spring)
    assert prices.at(spring.astimezone(UTC)) == 32.0


async def test_an_integration_without_lists_is_asked(hass: HomeAssistant) -> None:
    asked = owned_by(hass, "nordpool")

    async def answer(call: ServiceCall) -> JsonObjectType:
        asked.append(dict(call.data))
        if call.data["date"] == "2026-03-11":
            raise ServiceValidationError("not out yet")
        return {"NL": [{"start": NOON.isoformat(), "end": ONE.isoformat(), "price": 84.5}]}

    hass.services.async_register("nordpool", "get_prices_for_date", answer, supports_response=SupportsResponse.ONLY)
    show(hass, {})
    prices = await fetched(hass)
    assert prices.at(NOW) == pytest.approx(0.0845)
    assert [call["date"] for call in asked] == ["2026-03-10", "2026-03-11"]


async def test_prices_below_the_name_of_a_home_are_found(hass: HomeAssistant) -> None:
    owned_by(hass, "tibber")

    async def answer(call: ServiceCall) -> JsonObjectType:
        rows = [{"start_time": NOON.isoformat(), "price": 0.4}, {"start_time": ONE.isoformat(), "price": 0.5}]
        return {"prices": {"Home": rows}}

    hass.services.async_register("tibber", "get_prices", answer, supports_response=SupportsResponse.ONLY)
    show(hass, {})
    prices = await fetched(hass)
    assert (prices.at(NOW), prices.at(ONE)) == (0.4, 0.5)


async def test_an_integration_that_does_not_answer_leaves_the_price_of_now(hass: HomeAssistant) -> None:
    owned_by(hass, "nordpool")

    async def answer(call: ServiceCall) -> JsonObjectType:
        raise ServiceValidationError("no connection")

    hass.services.async_register("nordpool", "get_prices_for_date", answer, supports_response=SupportsResponse.ONLY)
    show(hass, {})
    assert (await fetched(hass)).at(NOW) == 0.2


def owned_by(hass: HomeAssistant, domain: str) -> list[dict[str, object]]:
    """Make the price an entity of an integration; returns where calls of its action may be noted."""
    entry = MockConfigEntry(domain=domain)
    entry.add_to_hass(hass)
    er.async_get(hass).async_get_or_create("sensor", domain, "price", config_entry=entry, suggested_object_id="price")
    return []
