"""Energy and cost in Home Assistant's statistics, in the hours in which they flowed."""

from dataclasses import replace
from datetime import UTC, datetime

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.statistics import list_statistic_ids, statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.smart_evse.engine.model import VehicleState
from tests.home import AC, CHARGING, CONNECTED, Box, MakeSite, Site, make_site
from tests.on_record import on_record, until

__all__ = ["make_site"]

NOON = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
IDLE = replace(CONNECTED, state=VehicleState.NOT_CONNECTED, energy_in=1_000_000.0)
FIXED = {"price_kind": "fixed", "price_add": 0.3}


async def at(site: Site, clock: str, energy: float, state: VehicleState = VehicleState.CHARGING) -> None:
    """Let the register be so far at a time of the day."""
    says = replace(CHARGING, state=state, energy_in=1_000_000.0 + energy)
    # It may be read as soon as the time has come.
    site.boxes[0].says = (says,)
    site.freezer.move_to(f"2026-06-03 {clock}+00:00")
    await site.sample(7000.0)
    await site.read(says)


async def sums(site: Site, kind: str) -> dict[str, float]:
    """Return a statistic by the hour, once what is on record is in it."""
    last = site.coordinator.store.journal
    # Threads take the time they take; the clock goes on when they are done.
    await until(site, lambda: not last.waiting and last.tip.sequence > 0)
    site.freezer.tick(11)
    async_fire_time_changed(site.hass, dt_util.utcnow())
    await until(site, lambda: last.counted == last.tip)
    await async_wait_recording_done(site.hass)
    statistic = f"smart_evse:{site.connector.lower().replace(':', '_')}_{kind}"
    rows = await get_instance(site.hass).async_add_executor_job(
        statistics_during_period, site.hass, NOON, None, {statistic}, "hour", None, {"sum"}
    )
    told = rows.get(statistic, [])
    return {f"{datetime.fromtimestamp(row['start'], UTC):%H:%M}": round(row["sum"] or 0.0, 4) for row in told}


@pytest.fixture
async def site(recorder_mock: Recorder, make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    freezer.move_to(NOON)
    return await make_site(Box(AC, says=(IDLE,)), options=FIXED)


async def test_a_session_is_in_its_hours(site: Site, hass: HomeAssistant) -> None:
    await at(site, "12:50:00", 0, VehicleState.NOT_CONNECTED)
    for minute, energy in ((51, 0), (52, 120), (53, 240), (54, 360)):
        await at(site, f"12:{minute}:00", energy)
    for minute in range(6):
        await at(site, f"12:{54 + minute}:30", 420 + minute * 120)
    await at(site, "13:00:30", 1140)
    await at(site, "13:01:00", 1200, VehicleState.NOT_CONNECTED)
    await on_record(site)
    energy = await sums(site, "energy")
    assert list(energy) == ["12:00", "13:00"]
    assert energy["13:00"] == 1.2
    assert 1.0 < energy["12:00"] < 1.14
    cost = await sums(site, "cost")
    assert cost["13:00"] == pytest.approx(0.36)
    (known,) = [
        one
        for one in await _ids(hass)
        if one["statistic_id"].startswith("smart_evse:") and "energy" in one["statistic_id"]
    ]
    assert (known["name"], known["unit_class"]) == ("Garage: energy charged", "energy")


async def test_what_nobody_saw_flow_is_spread_over_its_hours(site: Site) -> None:
    await at(site, "12:30:00", 0, VehicleState.NOT_CONNECTED)
    await at(site, "12:30:10", 0)
    await at(site, "15:30:00", 9_000)
    await at(site, "15:30:10", 9_000, VehicleState.NOT_CONNECTED)
    await at(site, "15:31:30", 9_000, VehicleState.NOT_CONNECTED)
    await on_record(site)
    energy = await sums(site, "energy")
    assert list(energy) == ["12:00", "13:00", "14:00", "15:00"]
    assert energy["12:00"] == pytest.approx(1.5, abs=0.1)
    assert energy["14:00"] == pytest.approx(7.5, abs=0.1)
    assert energy["15:00"] == 9.0


async def test_a_second_session_adds_to_the_first(site: Site) -> None:
    for begun, energy in (("12:10", 0), ("13:10", 250)):
        await at(site, f"{begun}:00", energy, VehicleState.NOT_CONNECTED)
        await at(site, f"{begun}:05", energy, VehicleState.CONNECTED)
        for seconds in range(10, 60, 10):
            await at(site, f"{begun}:{seconds}", energy + seconds * 5)
        await at(site, f"{begun}:55", energy + 250, VehicleState.NOT_CONNECTED)
        await on_record(site, lambda told, wanted=1 + (begun == "13:10"): len(told) == wanted)
        last = await sums(site, "energy")
    assert last == {"12:00": 0.25, "13:00": 0.5}


async def _ids(hass: HomeAssistant) -> list[dict[str, str]]:
    return await get_instance(hass).async_add_executor_job(list_statistic_ids, hass)
