"""What a house used, from the statistics of the recorder."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
import pytest

from custom_components.smart_evse.almanac import HassStatistics
from custom_components.smart_evse.tariffs.history import RecordedHistory, Registers

NOW = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
EIGHT = NOW - timedelta(hours=4)


@pytest.fixture(autouse=True)
def now(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NOW)


async def record(hass: HomeAssistant, entity_id: str, *hours: float, unit: str = "kWh", mean: bool = False) -> None:
    """Put hourly statistics on record, from eight on: growths of a register, or means of a power."""
    kind = StatisticMeanType.ARITHMETIC if mean else StatisticMeanType.NONE
    metadata = StatisticMetaData(
        mean_type=kind,
        has_sum=not mean,
        name=None,
        source="recorder",
        statistic_id=entity_id,
        unit_class="power" if mean else "energy",
        unit_of_measurement=unit,
    )
    rows, grown = [], 0.0
    growths = hours if mean else (0.0, *hours)
    first = EIGHT if mean else EIGHT - timedelta(hours=1)
    for index, value in enumerate(growths):
        grown += value
        start = first + timedelta(hours=index)
        rows.append(StatisticData(start=start, mean=value) if mean else StatisticData(start=start, sum=grown))
    async_import_statistics(hass, metadata, rows)
    await get_instance(hass).async_block_till_done()


async def test_a_house_used_what_came_in_less_what_went_out(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    await record(hass, "sensor.imported", 3.0, 0.0)
    await record(hass, "sensor.exported", 0.0, 1.0)
    await record(hass, "sensor.solar", 0.5, 2.0)
    await record(hass, "sensor.battery_out", 0.25, 0.0)
    await record(hass, "sensor.battery_in", 0.0, 0.5)
    await record(hass, "sensor.car", 3000.0, 0.0, unit="Wh")
    registers = Registers(
        imported=frozenset({"sensor.imported"}),
        exported=frozenset({"sensor.exported"}),
        solar=frozenset({"sensor.solar"}),
        battery_out=frozenset({"sensor.battery_out"}),
        battery_in=frozenset({"sensor.battery_in"}),
        cars=frozenset({"sensor.car"}),
    )
    history = RecordedHistory(HassStatistics(hass), registers)
    house, sun = await history.house(NOW), await history.sun(NOW)
    eight, nine = EIGHT, EIGHT + timedelta(hours=1)
    assert [house.at(eight), house.at(nine)] == pytest.approx([750, 500])
    assert [sun.at(eight), sun.at(nine)] == pytest.approx([500, 2000])


async def test_an_hour_without_one_of_the_registers_is_not_known(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    await record(hass, "sensor.imported", 1.0, 1.0)
    await record(hass, "sensor.solar", 1.0)
    registers = Registers(imported=frozenset({"sensor.imported"}), solar=frozenset({"sensor.solar"}))
    house = await RecordedHistory(HassStatistics(hass), registers).house(NOW)
    assert (house.at(EIGHT), house.at(EIGHT + timedelta(hours=1))) == (2000, None)


async def test_powers_serve_where_there_are_no_registers(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    await record(hass, "sensor.house", 0.4, unit="kW", mean=True)
    await record(hass, "sensor.roof", 1200.0, unit="W", mean=True)
    registers = Registers(house_power=frozenset({"sensor.house"}), solar_power=frozenset({"sensor.roof"}))
    history = RecordedHistory(HassStatistics(hass), registers)
    assert ((await history.house(NOW)).at(EIGHT), (await history.sun(NOW)).at(EIGHT)) == (400, 1200)


async def test_without_a_recorder_there_is_no_history(hass: HomeAssistant) -> None:
    registers = Registers(imported=frozenset({"sensor.imported"}), solar=frozenset({"sensor.solar"}))
    history = RecordedHistory(HassStatistics(hass), registers)
    assert not (await history.house(NOW)).spans
    assert not (await history.sun(NOW)).spans
