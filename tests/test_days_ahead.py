"""Who tells of the days ahead and behind: what the energy dashboard knows, and who does not answer."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.energy.data import async_get_manager
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.setup import async_setup_component
from homeassistant.util.json import JsonObjectType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockModule, mock_integration, mock_platform

from custom_components.smart_evse.almanac import HassActions, HassSolarForecasts
from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.days_ahead import async_departures, async_history, async_sources
from custom_components.smart_evse.engine.forecast.habits import WallClock
from custom_components.smart_evse.engine.sessions.model import Interval
from custom_components.smart_evse.engine.vehicle.charge import Charge
from custom_components.smart_evse.links.errors import DeviceError, Silent
from custom_components.smart_evse.records import made, made_or, plain
from custom_components.smart_evse.states import HassStates
from custom_components.smart_evse.tariffs.sun import PlatformSun

NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def evening(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NOW)


@pytest.mark.usefixtures("recorder_mock")
async def test_the_energy_dashboard_says_what_is_metered_and_who_forecasts(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "energy", {})
    manager = await async_get_manager(hass)
    manager.data = {
        "energy_sources": [
            {"type": "grid", "stat_energy_from": "sensor.day", "stat_energy_to": "sensor.back"},
            {"type": "grid", "flow_from": [{"stat_energy_from": "sensor.night"}], "flow_to": []},
            {"type": "solar", "stat_energy_from": "sensor.sun", "config_entry_solar_forecast": ["roof"]},
            {"type": "battery", "stat_energy_from": "sensor.out", "stat_energy_to": "sensor.in"},
        ],
        "device_consumption": [],
    }
    entry = MockConfigEntry(domain=DOMAIN)
    known = (await async_history(hass, entry, ()))._registers
    assert (known.imported, known.exported) == ({"sensor.day", "sensor.night"}, {"sensor.back"})
    assert (known.solar, known.battery_out, known.battery_in) == ({"sensor.sun"}, {"sensor.out"}, {"sensor.in"})
    (sun,) = (await async_sources(hass, entry, HassStates(hass))).sun
    assert isinstance(sun, PlatformSun)
    assert sun._entry_ids == ("roof",)


async def test_who_chooses_no_forecast_gets_none(hass: HomeAssistant) -> None:
    entry = MockConfigEntry(domain=DOMAIN, options={"sun_forecasts": []})
    assert (await async_sources(hass, entry, HassStates(hass))).sun == ()


async def test_a_calendar_that_does_not_answer_has_no_departures(hass: HomeAssistant) -> None:
    assert await async_departures(hass, "calendar.car", WallClock(UTC)) == ()


@pytest.mark.parametrize("error", [ValueError("no such key"), TimeoutError()])
async def test_an_action_that_fails_in_any_way_has_no_answer(hass: HomeAssistant, error: Exception) -> None:
    async def fail(call: ServiceCall) -> JsonObjectType:
        raise error

    hass.services.async_register("oracle", "ask", fail, supports_response=SupportsResponse.ONLY)
    with pytest.raises(DeviceError):
        await HassActions(hass).ask("oracle", "ask")
    with pytest.raises(DeviceError):
        await HassActions(hass).ask("oracle", "sing")


async def test_a_forecast_that_fails_in_any_way_is_none(hass: HomeAssistant) -> None:
    class Oracle:
        async def async_get_solar_forecast(self, hass: HomeAssistant, entry_id: str) -> dict[str, object]:
            raise AttributeError("runtime_data")

    mock_integration(hass, MockModule("roof_oracle"))
    mock_platform(hass, "roof_oracle.energy", Oracle())  # type: ignore[arg-type]  # stands for a module
    assert await async_setup_component(hass, "roof_oracle", {})
    MockConfigEntry(domain="roof_oracle", entry_id="roof").add_to_hass(hass)
    with pytest.raises(Silent):
        await PlatformSun(HassSolarForecasts(hass), ["roof"], UTC).fetch(NOW)


def test_a_record_is_the_same_after_it_was_kept() -> None:
    charge = Charge(soc=50.0, at=NOW, since=1200.0, session=NOW - timedelta(hours=1))
    assert made(Charge, plain(charge)) == charge
    assert made(Charge, {**plain(charge), "of_a_later_version": 1}) == charge


@pytest.mark.parametrize("data", [None, [], {}, {"start": "yesterday", "end": "today"}, {"start": 7}])
def test_what_is_no_record_has_its_substitute(data: object) -> None:
    interval = Interval(start=NOW, end=NOW)
    assert made_or(Interval, data, interval) == interval
