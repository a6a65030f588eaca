"""The sun as others forecast it: energy platforms and entities, one roof or several."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockModule, mock_integration, mock_platform

from custom_components.smart_evse.almanac import HassSolarForecasts
from custom_components.smart_evse.links.errors import Silent
from custom_components.smart_evse.states import HassStates
from custom_components.smart_evse.tariffs.sun import EntitySun, PlatformSun, hourly

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 6, 10, 9, 20, tzinfo=UTC)
TEN = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)


class EnergyPlatform:
    """An integration's `energy.py`."""

    def __init__(self, roofs: Mapping[str, Mapping[str, float] | None]) -> None:
        self.roofs = roofs

    async def async_get_solar_forecast(self, hass: HomeAssistant, entry_id: str) -> dict[str, object] | None:
        roof = self.roofs[entry_id]
        return None if roof is None else {"wh_hours": dict(roof)}


async def platform(hass: HomeAssistant, **roofs: Mapping[str, float] | None) -> PlatformSun:
    """Set up an integration that forecasts these roofs."""
    mock_integration(hass, MockModule("roof_oracle"))
    mock_platform(hass, "roof_oracle.energy", EnergyPlatform(roofs))  # type: ignore[arg-type]  # stands for a module
    assert await async_setup_component(hass, "roof_oracle", {})
    for entry_id in roofs:
        MockConfigEntry(domain="roof_oracle", entry_id=entry_id).add_to_hass(hass)
    return PlatformSun(HassSolarForecasts(hass), tuple(roofs), ZONE)


async def test_the_roofs_of_an_integration_add_up(hass: HomeAssistant) -> None:
    east = {"2026-06-10T10:00:00+00:00": 1000, "2026-06-10T11:00:00+00:00": 600}
    west = {"2026-06-10T11:00:00+00:00": 500, "2026-06-10T11:30:00+00:00": 400}
    sun = await (await platform(hass, east=east, west=west)).fetch(NOW)
    half = timedelta(minutes=30)
    assert [sun.at(TEN + half * step) for step in range(4)] == [1000, 1000, 600 + 1000, 600 + 800]


@pytest.mark.parametrize("other", [None, {}])
async def test_a_roof_that_is_not_told_of_is_not_taken_for_a_dark_one(
    hass: HomeAssistant, other: Mapping[str, float] | None
) -> None:
    source = await platform(hass, east={"2026-06-10T10:00:00+00:00": 1000}, west=other)
    with pytest.raises(Silent):
        await source.fetch(NOW)


async def test_an_integration_that_is_not_there_is_silent(hass: HomeAssistant) -> None:
    with pytest.raises(Silent):
        await PlatformSun(HassSolarForecasts(hass), ["gone"], ZONE).fetch(NOW)


ENTITIES: dict[str, dict[str, object]] = {
    "solcast": {
        "detailedForecast": [
            {"period_start": TEN, "pv_estimate": 1.2, "pv_estimate10": 0.4},
            {"period_start": TEN + timedelta(minutes=30), "pv_estimate": 2.0, "pv_estimate10": 0.5},
        ],
        "detailedHourly": [{"period_start": TEN, "pv_estimate": 1.6}],
    },
    "forecast.solar, open-meteo": {
        "watts": {"2026-06-10T10:00:00+00:00": 1200, "2026-06-10T10:30:00+00:00": 2000},
        "wh_period": {"2026-06-10T10:00:00+00:00": 1600},
    },
    "energies": {"wh_period": {"2026-06-10T12:00:00+02:00": 600, "2026-06-10T12:30:00+02:00": 1000}},
    "a list of powers in kW": {
        "unit_of_measurement": "kW",
        "forecast": [
            {"datetime": "2026-06-10T12:00:00", "value": 1.2},
            {"datetime": "2026-06-10T12:30:00", "value": 2.0},
        ],
    },
}


@pytest.mark.parametrize("attributes", ENTITIES.values(), ids=ENTITIES)
async def test_an_entity_tells_its_powers(hass: HomeAssistant, attributes: dict[str, object]) -> None:
    hass.states.async_set("sensor.sun", "12.3", attributes)
    sun = await EntitySun(HassStates(hass), ["sensor.sun"], ZONE).fetch(NOW)
    assert (sun.at(TEN), sun.at(TEN + timedelta(minutes=45))) == pytest.approx((1200, 2000))


async def test_entities_of_two_days_follow_one_another(hass: HomeAssistant) -> None:
    for day in (0, 1):
        start = TEN + timedelta(days=day)
        hass.states.async_set(f"sensor.day_{day}", "1", {"watts": {start.isoformat(): 1000.0 + day}})
    sun = await EntitySun(HassStates(hass), ["sensor.day_0", "sensor.day_1"], ZONE).fetch(NOW)
    assert (sun.at(TEN), sun.at(TEN + timedelta(days=1))) == (1000, 1001)


async def test_an_entity_without_a_forecast_is_silent(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.sun", "unavailable")
    with pytest.raises(Silent):
        await EntitySun(HassStates(hass), ["sensor.sun", "sensor.gone"], ZONE).fetch(NOW)


def test_a_night_between_two_energies_is_dark() -> None:
    sun = hourly({"2026-06-10T20:00:00+00:00": 100, "2026-06-11T04:00:00+00:00": 50}, ZONE)
    assert (sun.at(TEN.replace(hour=20, minute=59)), sun.at(TEN.replace(hour=22))) == (100, None)
