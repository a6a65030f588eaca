"""Adding and changing a car: what it takes, and when it should be ready."""

from collections.abc import Iterator, Mapping
from unittest.mock import patch

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.smart_evse.flows.fields import flat
from tests.flows import DEMO_METER, add, change, site

CAR = {"name": "Car", "phases": "3", "max_current": 16, "target_soc": 80}
EMPTY: Mapping[str, Mapping[str, object]] = {"week": {}, "comfort": {}, "giving": {}, "more": {}}


@pytest.fixture(autouse=True)
def nothing_is_set_up() -> Iterator[None]:
    """A flow ends where the site takes over."""
    with (
        patch("custom_components.smart_evse.async_setup_entry", return_value=True),
        patch("custom_components.smart_evse.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture
def home(hass: HomeAssistant) -> MockConfigEntry:
    entry = site(DEMO_METER)
    entry.add_to_hass(hass)
    return entry


def car_of(entry: MockConfigEntry) -> ConfigSubentry:
    (found,) = [sub for sub in entry.subentries.values() if sub.subentry_type == "vehicle"]
    return found


async def test_a_car_needs_nothing_but_its_name(hass: HomeAssistant, home: MockConfigEntry) -> None:
    walk = await add(hass, home, "vehicle")
    assert walk.is_told
    await walk.say(name="Car", **EMPTY)
    car = car_of(home)
    assert (car.title, car.data) == ("Car", {"phases": 3, "max_current": 16, "target_soc": 80, "min_current": 6})


async def test_everything_of_a_car_is_kept_and_shown_again(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set("sensor.charge", "60", {"unit_of_measurement": "%", "device_class": "battery"})
    answers = {
        **CAR,
        "phases": "2",
        "capacity": 58,
        "soc_entity": "sensor.charge",
        "leaves_workdays": "07:30:00",
        "week": {"calendar": "calendar.car", "slack": 30},
        "comfort": {"precondition_time": 20, "precondition_power": 2000},
        "giving": {"reserve_soc": 40, "reserve_km": 60},
        "more": {"min_current": 8, "consumption": 16.5, "minimum_soc": 20, "limit_soc": 90, "miss_price": 1},
    }
    walk = await add(hass, home, "vehicle")
    await walk.say(answers)
    said = flat(answers)
    week = [{"at": said.pop("leaves_workdays"), "weekdays": [0, 1, 2, 3, 4]}]
    assert car_of(home).data == {
        **{key: value for key, value in said.items() if key != "name"},
        "phases": 2,
        "departures": week,
    }
    walk = await change(hass, home, "Car")
    assert walk.step == "reconfigure"
    assert walk.is_told
    assert walk.suggested == flat(answers)
    await walk.say({**CAR, "name": "Blue car", "phases": "1"}, **EMPTY)
    assert (car_of(home).title, car_of(home).data["phases"]) == ("Blue car", 1)
    assert "departures" not in car_of(home).data


@pytest.mark.parametrize(
    ("times", "week"),
    [
        ({"leaves_weekend": "10:00:00"}, [("10:00:00", [5, 6])]),
        ({"saturday": "09:00:00"}, [("09:00:00", [5])]),
        (
            {"leaves_workdays": "07:00:00", "friday": "06:00:00", "sunday": "11:00:00"},
            [("06:00:00", [4]), ("07:00:00", [0, 1, 2, 3]), ("11:00:00", [6])],
        ),
        (
            {"leaves_workdays": "07:00:00", "leaves_weekend": "10:00:00", "sunday": "07:00:00"},
            [("07:00:00", [0, 1, 2, 3, 4, 6]), ("10:00:00", [5])],
        ),
        ({"monday": "07:00:00", "tuesday": "08:00:00"}, [("07:00:00", [0]), ("08:00:00", [1])]),
    ],
)
async def test_when_a_car_leaves(
    hass: HomeAssistant, home: MockConfigEntry, times: dict[str, str], week: list[tuple[str, list[int]]]
) -> None:
    days = {key: at for key, at in times.items() if key.endswith("day")}
    spans = {key: at for key, at in times.items() if key not in days}
    walk = await add(hass, home, "vehicle")
    await walk.say({**CAR, **spans, **EMPTY, "week": days})
    assert car_of(home).data["departures"] == [{"at": at, "weekdays": weekdays} for at, weekdays in week]
    walk = await change(hass, home, "Car")
    shown = {
        key: walk.suggested[key]
        for key in walk.fields
        if key.endswith(("day", "days", "weekend"))
        if key in walk.suggested
    }
    await walk.say(
        {
            **CAR,
            **{key: at for key, at in shown.items() if key.startswith("leaves")},
            **EMPTY,
            "week": {key: at for key, at in shown.items() if not key.startswith("leaves")},
        }
    )
    assert car_of(home).data["departures"] == [{"at": at, "weekdays": weekdays} for at, weekdays in week]


async def test_charges_have_to_rise(hass: HomeAssistant, home: MockConfigEntry) -> None:
    walk = await add(hass, home, "vehicle")
    for hidden in ({"minimum_soc": 90}, {"limit_soc": 70}, {"minimum_soc": 90, "limit_soc": 95}):
        await walk.say({**CAR, **EMPTY, "more": hidden})
        assert walk.errors == {"target_soc": "charges_out_of_order"}
        assert walk.complaint
    assert walk.suggested["limit_soc"] == 95
    await walk.say({**CAR, **EMPTY, "more": {"minimum_soc": 80, "limit_soc": 80}})
    assert car_of(home).data["limit_soc"] == 80


async def test_what_tells_the_charge(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set("sensor.range", "300", {"unit_of_measurement": "km"})
    walk = await add(hass, home, "vehicle")
    await walk.say({**CAR, "soc_entity": "sensor.range", **EMPTY})
    assert walk.errors == {"soc_entity": "not_a_percentage"}
    assert walk.complaint
    hass.states.async_set("sensor.asleep", "unavailable")
    await walk.say({**CAR, "soc_entity": "sensor.asleep", **EMPTY})
    assert car_of(home).data["soc_entity"] == "sensor.asleep", "a car that sleeps is the right one all the same"
