"""Actions about the plan and the car, through `hass.services`: effect, answers and refusals."""

from datetime import timedelta
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
import voluptuous as vol

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.model import Mode
from custom_components.smart_evse.engine.vehicle.departures import Trip
from custom_components.smart_evse.engine.vehicle.distance import Amount, Unit
from tests.evening import CAR, NOW, PRICES, SEVEN, SOC, planned, show_prices, smart, with_car
from tests.home import AC, CONNECTED, V2G, Box, MakeSite, Site, charger

TWO = (charger(), charger("Carport"))


@pytest.fixture(autouse=True)
async def evening(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(NOW)


async def cheap_night(make_site: MakeSite) -> Site:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await site.coordinator.async_set_target(site.connector, Amount(8.0, Unit.KILOWATT_HOURS))
    await smart(site)
    return site


async def act(site: Site, action: str, **data: object) -> dict[str, Any]:
    return await site.call(DOMAIN, action, entity_id=site.entity_id("sensor", "status"), **data)


async def refusal(site: Site, action: str, **data: object) -> str | None:
    with pytest.raises(ServiceValidationError) as refused:
        await act(site, action, **data)
    assert refused.value.translation_domain == DOMAIN
    return refused.value.translation_key


# The plan


async def test_the_plan_answers_when_how_much_and_why(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    answer = await act(site, "plan")
    json.dumps(answer, allow_nan=False)
    (stay,) = answer["Garage"]["stays"]
    charging = [slot for slot in stay["slots"] if slot["power"] > 0]
    assert {slot["price"] for slot in charging} == {0.1}
    assert {slot["words"] for slot in charging} <= {"Charging at a low price", "Charging for the departure"}
    assert stay["slots"][0]["words"] == "Waiting"
    assert (stay["departs"], stay["target"]) == (SEVEN.isoformat(), 8000)
    assert stay["energy"] == pytest.approx(8000, rel=0.05)
    assert stay["cost"] == pytest.approx(sum(slot["cost"] for slot in stay["slots"]), abs=0.02)
    assert stay["cost_otherwise"] == pytest.approx(3 * stay["cost"], rel=0.1)
    whole = answer["Garage"]["site"]
    assert whole["saving"] == pytest.approx(whole["cost_otherwise"] - whole["cost"], abs=0.011)


async def test_a_charger_that_follows_no_plan_has_no_stays_in_it(make_site: MakeSite) -> None:
    site = await make_site(Box(AC), Box(AC), chargers=TWO, options=PRICES)
    show_prices(site.hass, cheap=3)
    await smart(site)
    answer = await site.call(DOMAIN, "plan", entity_id="all")
    assert {name: len(told["stays"]) for name, told in answer.items()} == {"Garage": 1, "Carport": 0}


async def test_before_there_is_a_plan_it_says_so(make_site: MakeSite) -> None:
    site = await make_site()
    site.coordinator.planning.plan = None
    site.coordinator.beat()
    assert await refusal(site, "plan") == "no_plan_yet"
    site.coordinator.planning.expectations = None
    assert await refusal(site, "simulate") == "no_plan_yet"


async def test_a_simulation_stands_beside_the_plan_and_changes_nothing(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    before = site.coordinator.store.chosen(site.connector)
    answer = (await act(site, "simulate", energy=16))["Garage"]
    now, then = answer["now"]["stays"][0], answer["then"]["stays"][0]
    assert (now["target"], then["target"]) == (8000, 16_000)
    assert then["cost"] > 1.5 * now["cost"]
    assert site.coordinator.store.chosen(site.connector) == before


async def test_a_simulation_of_an_earlier_departure_cannot_wait_for_the_night(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    leaves = NOW + timedelta(hours=3)
    answer = (await act(site, "simulate", when=leaves.isoformat(), max_current=8))["Garage"]
    then = answer["then"]["stays"][0]
    assert then["departs"] == leaves.isoformat()
    assert {slot["price"] for slot in then["slots"] if slot["power"] > 0} == {0.3}
    assert max(slot["power"] for slot in then["slots"]) <= 8 * 3 * 230


async def test_a_simulation_tells_what_would_be_missing(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    leaves = NOW + timedelta(hours=1)
    answer = await act(site, "simulate", when=leaves.isoformat(), energy=50)
    assert answer["Garage"]["then"]["stays"][0]["missing"] > 30_000


async def test_a_charger_that_follows_the_sun_may_ask_what_a_plan_would_bring(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES)
    show_prices(site.hass, cheap=3)
    await site.read(CONNECTED)
    await planned(site)
    answer = (await act(site, "simulate", energy=8))["Garage"]
    assert answer["now"]["stays"] == []
    assert answer["then"]["stays"][0]["energy"] == pytest.approx(8000, rel=0.05)
    assert site.coordinator.live(site.connector).mode is Mode.SOLAR


async def test_what_cannot_be_is_not_simulated(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    assert await refusal(site, "simulate", when=(NOW - timedelta(hours=1)).isoformat()) == "departure_is_over"
    assert await refusal(site, "simulate", mode="house") == "mode_not_possible"
    with pytest.raises(vol.Invalid):
        await act(site, "simulate", mode="fast")


# Targets


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [({"energy": 12}, 12_000), ({"distance": 50}, 50 * 180)],
)
async def test_a_target_without_a_known_battery(make_site: MakeSite, asked: dict[str, Any], wanted: float) -> None:
    site = await cheap_night(make_site)
    await act(site, "set_target", **asked)
    assert next((await planned(site)).of(site.connector)).target == pytest.approx(wanted)


async def test_a_share_of_a_battery_that_nobody_knows_is_refused(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    assert await refusal(site, "set_target", soc=80) == "capacity_not_known"
    with pytest.raises(vol.Invalid):
        await act(site, "set_target", energy=12, distance=50)
    assert site.coordinator.store.chosen(site.connector).target_energy == 8000


async def test_a_share_of_the_battery_with_its_bounds(make_site: MakeSite) -> None:
    site = await make_site(options=PRICES, others=(CAR,))
    await with_car(site)
    site.hass.states.async_set(SOC, "50", {"unit_of_measurement": "%"})
    await smart(site)
    await act(site, "set_target", soc=70, minimum_soc=20, limit_soc=90)
    chosen = site.coordinator.store.chosen(site.connector)
    assert (chosen.target_soc, chosen.minimum_soc, chosen.limit_soc) == (70, 20, 90)
    await act(site, "set_target", minimum_soc=30)
    chosen = site.coordinator.store.chosen(site.connector)
    assert (chosen.target_soc, chosen.minimum_soc) == (70, 30)
    await act(site, "set_target")
    assert site.coordinator.store.chosen(site.connector).target_soc is None


# Departures


async def test_a_departure_with_a_target_of_its_own_and_back(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    leaves, returns = NOW + timedelta(hours=5), NOW + timedelta(hours=9)
    await act(site, "set_departure", when=leaves.isoformat(), returns=returns.isoformat(), energy=5)
    trip = site.coordinator.store.chosen(site.connector).trip
    assert trip == Trip(leaves=leaves, returns=returns, target=Amount(5.0, Unit.KILOWATT_HOURS))
    stay = next((await planned(site)).of(site.connector))
    assert (stay.departs, stay.target) == (leaves, 5000)
    await act(site, "set_departure")
    assert site.coordinator.store.chosen(site.connector).trip is None


async def test_a_departure_is_told_by_the_clock_at_the_site(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    await act(site, "set_departure", when="2026-03-11 06:30:00")
    trip = site.coordinator.store.chosen(site.connector).trip
    assert trip is not None
    assert dt_util.as_utc(trip.leaves) == SEVEN.replace(hour=5, minute=30)


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"when": "2026-03-10T17:00:00+00:00"}, "departure_is_over"),
        ({"energy": 5}, "departure_without_time"),
        ({"when": "2026-03-10T23:00:00+00:00", "soc": 80}, "capacity_not_known"),
        ({"when": "2026-03-10T23:00:00+00:00", "returns": "2026-03-10T22:00:00+00:00"}, "return_before_departure"),
    ],
)
async def test_a_departure_that_cannot_be_is_refused(make_site: MakeSite, asked: dict[str, Any], key: str) -> None:
    site = await cheap_night(make_site)
    assert await refusal(site, "set_departure", **asked) == key
    assert site.coordinator.store.chosen(site.connector).trip is None


async def test_a_day_is_skipped_and_counts_again(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    await act(site, "skip_departure", date="2026-03-11")
    assert site.coordinator.store.chosen(site.connector).skipped == (SEVEN.date(),)
    await act(site, "skip_departure", date="2026-03-11", skip=False)
    assert site.coordinator.store.chosen(site.connector).skipped == ()


async def test_a_low_price_and_back_to_the_plan(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    await act(site, "set_cheap_price", price=0.12)
    assert site.coordinator.settings().connectors[0].cheap_price == 0.12
    await act(site, "set_cheap_price")
    assert site.coordinator.settings().connectors[0].cheap_price is None


# Modes


async def test_only_a_charger_that_gives_is_set_to_serve_the_house(make_site: MakeSite) -> None:
    site = await cheap_night(make_site)
    assert await refusal(site, "set_mode", mode="house") == "mode_not_possible"
    assert site.coordinator.live(site.connector).mode is Mode.SMART


async def test_a_charger_that_gives_serves_the_house(make_site: MakeSite) -> None:
    site = await make_site(Box(V2G), chargers=(charger(phase_map="1"),))
    await act(site, "set_mode", mode="house")
    assert site.coordinator.live(site.connector).mode is Mode.HOUSE
