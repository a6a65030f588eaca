"""What was configured of a car holds until somebody chooses something else."""

from collections.abc import Mapping
from datetime import time

from homeassistant.core import HomeAssistant
import pytest

from custom_components.smart_evse.engine.model import Mode
from custom_components.smart_evse.engine.vehicle.departures import Weekly
from custom_components.smart_evse.store import Chosen, SiteStore
from custom_components.smart_evse.usual import as_configured, departures_of
from tests.flows import subentry
from tests.home import MakeSite, charger

CAR = {
    "target_soc": 70.0,
    "minimum_soc": 30.0,
    "limit_soc": 90.0,
    "reserve_soc": 40.0,
    "departures": [{"at": "07:30:00", "weekdays": [0, 1]}],
}


def test_what_nobody_chose_is_as_configured() -> None:
    wanted = as_configured(Chosen(), CAR)
    assert (wanted.target_soc, wanted.minimum_soc, wanted.limit_soc, wanted.reserve_soc) == (70.0, 30.0, 90.0, 40.0)
    assert wanted.departures == (Weekly(at=time(7, 30), weekdays=frozenset({0, 1})),)
    assert as_configured(Chosen(), {}) == Chosen()


def test_what_was_chosen_stays() -> None:
    chosen = Chosen(
        target_soc=55.0, minimum_soc=0.0, limit_soc=60.0, reserve_soc=10.0, departures=(Weekly(at=time(5)),)
    )
    assert as_configured(chosen, CAR) == chosen


@pytest.mark.parametrize("amount", [{"target_energy": 5000.0}, {"target_distance": 80.0}])
def test_a_target_of_another_kind_is_a_target(amount: Mapping[str, float]) -> None:
    assert as_configured(Chosen(**amount), CAR).target_soc is None  # type: ignore[arg-type]


def test_a_departure_that_cannot_be_read_is_left_out() -> None:
    told = [{"at": "half past"}, {}, None, {"at": "06:00", "weekdays": ["x"]}, {"at": "06:00"}]
    assert list(departures_of({"departures": told})) == [Weekly(at=time(6))]


async def test_a_charger_begins_in_the_mode_that_was_asked_for(make_site: MakeSite) -> None:
    site = await make_site(chargers=(charger(mode="smart"),))
    assert site.state("select", "mode").state == "smart"
    await site.coordinator.async_set_mode(site.connector, Mode.OFF)
    site.coordinator.store.begin(site.connector, "smart")
    assert site.coordinator.live(site.connector).mode is Mode.OFF


async def test_a_mode_that_nobody_knows_is_no_mode(hass: HomeAssistant) -> None:
    store = SiteStore(hass, "site")
    store.begin("a:0", "magic")
    store.begin("a:0", None)
    assert store.kept.live == {}


async def test_the_car_says_what_the_engine_may_leave_in_it(make_site: MakeSite) -> None:
    car = subentry("vehicle", {**CAR, "phases": 3, "reserve_km": 60.0, "capacity": 50.0}, "Car")
    site = await make_site(others=(car,))
    key = next(key for key, sub in site.entry.subentries.items() if sub.title == "Car")
    garage = next(sub for sub in site.entry.subentries.values() if sub.title == "Garage")
    site.hass.config_entries.async_update_subentry(
        site.entry, garage, data={**garage.data, "vehicle": key, "cheap_price": 0.12}
    )
    await site.hass.async_block_till_done()
    (known,) = site.coordinator.settings().connectors
    assert (known.reserve_soc, known.giving.reserve_km, known.cheap_price) == (40.0, 60.0, 0.12)


async def test_the_first_battery_says_who_goes_first(make_site: MakeSite) -> None:
    first = subentry("battery", {"kind": "demo", "battery_policy": "battery_first", "battery_feeds_car": True}, "One")
    site = await make_site(others=(first, subentry("battery", {"kind": "demo"}, "Two")))
    battery = site.coordinator.settings().battery
    assert (battery.policy, battery.may_feed_car) == ("battery_first", True)
