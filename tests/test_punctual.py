"""A store that is written when it was promised, however often it changes."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.smart_evse.punctual import PunctualStore

KEY = "smart_evse.test"


async def second(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    freezer.tick(timedelta(seconds=1))
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()


async def test_what_changes_each_second_is_written_all_the_same(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    store, count = PunctualStore(hass, 1, KEY), 0
    for count in range(35):
        store.save_within(lambda count=count: {"count": count}, 30)
        await second(hass, freezer)
    assert KEY in hass_storage
    assert hass_storage[KEY]["data"]["count"] >= 0


async def test_what_is_urgent_does_not_wait_for_what_is_not(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    store = PunctualStore(hass, 1, KEY)
    store.save_within(lambda: {"is": "slow"}, 30)
    store.save_within(lambda: {"is": "urgent"}, 1)
    for _ in range(2):
        await second(hass, freezer)
    assert hass_storage[KEY]["data"] == {"is": "urgent"}


async def test_after_a_save_at_once_changes_are_written_as_before(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    store = PunctualStore(hass, 1, KEY)
    store.save_within(lambda: {"is": "first"}, 1)
    await store.async_save({"is": "now"})
    store.save_within(lambda: {"is": "later"}, 1)
    for _ in range(3):
        await second(hass, freezer)
    assert hass_storage[KEY]["data"] == {"is": "later"}
