"""An evening to plan in: prices until tomorrow night, and a car that waits for its plan."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.smart_evse.engine.model import Mode, VehicleState
from custom_components.smart_evse.engine.plan import Plan, StayPlan
from tests.home import CONNECTED, Site

NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
SEVEN = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
AWAY = replace(CONNECTED, state=VehicleState.NOT_CONNECTED)

_WORKS = (" sources", " history", " calendar", " plan")
"""How the background tasks end that a plan waits for."""

PRICE, SOC = "sensor.price", "sensor.car_soc"
PRICES: Mapping[str, object] = {"price_kind": "entities", "price_entities": [PRICE]}

CAR = ConfigSubentryData(
    data={"phases": 3, "max_current": 16.0, "capacity": 60.0, "consumption": 18.0, "soc_entity": SOC},
    subentry_type="vehicle",
    title="Car",
    unique_id=None,
)


def show_prices(hass: HomeAssistant, cheap: int, *, low: float = 0.10) -> None:
    """Publish hourly prices until tomorrow night, one of them low."""
    start = NOW.replace(hour=0)
    rows = [
        {"start": at, "end": at + timedelta(hours=1), "value": low if at.hour == cheap and at > NOW else 0.30}
        for at in (start + timedelta(hours=hour) for hour in range(48))
    ]
    hass.states.async_set(
        PRICE, "0.3", {"unit_of_measurement": "EUR/kWh", "raw_today": rows[:24], "raw_tomorrow": rows[24:]}
    )


async def planned(site: Site) -> Plan:
    """Let the changes settle and the plan be made."""
    await _worked_out(site)
    site.freezer.tick(3)
    async_fire_time_changed(site.hass, dt_util.utcnow())
    await _worked_out(site)
    await site.sample(1000.0)
    plan = site.coordinator.data.snapshot.plan
    assert plan is not None
    return plan


async def _worked_out(site: Site) -> None:
    """Let what the plan is made of be read, and the plan be made: threads do it, at their own pace."""
    await site.settle()
    while works := [task for task in site.entry._background_tasks if task.get_name().endswith(_WORKS)]:
        await asyncio.wait(works)


async def smart(site: Site) -> StayPlan:
    """Plug a car in and let it be planned for."""
    await site.read(CONNECTED)
    await site.coordinator.async_set_live(site.connector, mode=Mode.SMART)
    return next((await planned(site)).of(site.connector))


def hours_of(stay: StayPlan) -> set[int]:
    """Return the hours in which a car charges."""
    return {slot.start.hour for slot in stay.slots if slot.power > 0}


async def with_car(site: Site) -> None:
    """Let the charger know the vehicle of the site."""
    vehicle = next(key for key, sub in site.entry.subentries.items() if sub.subentry_type == "vehicle")
    box = next(sub for sub in site.entry.subentries.values() if sub.subentry_type == "charger")
    site.hass.config_entries.async_update_subentry(site.entry, box, data={**box.data, "vehicle": vehicle})
    await site.hass.async_block_till_done()
    await site.settle()
    await site.sample(1000.0)
