"""Limits that others order, by action: what they do, when they end, and the log of them."""

from datetime import timedelta
import json
from typing import Any

from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.model import Mode
from custom_components.smart_evse.engine.settings import GridOrder, OrderKind
from tests.home import AC, CHARGING, CONNECTED, Box, MakeSite, Site, charger


async def limited(site: Site, **data: object) -> GridOrder:
    await site.call(DOMAIN, "set_grid_limit", **data)
    (order,) = site.coordinator.store.kept.site.orders
    return order


async def refusal(site: Site, action: str, **data: object) -> str | None:
    with pytest.raises(ServiceValidationError) as refused:
        await site.call(DOMAIN, action, **data)
    assert refused.value.translation_domain == DOMAIN
    return refused.value.translation_key


async def test_a_limit_in_watts_holds_until_it_is_cleared(make_site: MakeSite) -> None:
    site = await make_site()
    await site.coordinator.async_set_mode(site.connector, Mode.FAST)
    site.freezer.tick(60)
    await site.sample(1000.0)
    await site.read(CONNECTED)
    assert float(site.state("sensor", "limit").state) == 16.0
    order = await limited(site, watts=4200)
    site.freezer.tick(11)
    await site.sample(1000.0)
    assert (order.watts, order.kind, order.end) == (4200, OrderKind.GRID_OPERATOR, None)
    assert site.state("sensor", "limited_by").state == "grid_operator"
    assert float(site.state("sensor", "limit").state) == 6.0
    await site.call(DOMAIN, "clear_grid_limit")
    assert site.coordinator.store.kept.site.orders == ()
    for _ in range(20):
        site.freezer.tick(5)
        await site.sample(1000.0)
        await site.read(CONNECTED)
    assert float(site.state("sensor", "limit").state) == 16.0


async def test_a_limit_ends_by_itself(make_site: MakeSite) -> None:
    site = await make_site()
    order = await limited(site, watts=4200, duration={"minutes": 30})
    assert order.end == dt_util.utcnow() + timedelta(minutes=30)
    site.freezer.tick(1801)
    await site.sample(1000.0)
    assert site.coordinator.store.kept.site.orders == ()


async def test_a_limit_that_begins_later_lasts_from_then_on(make_site: MakeSite) -> None:
    site = await make_site()
    start = dt_util.utcnow() + timedelta(hours=2)
    order = await limited(site, level="stop", kind="demand_response", start=start.isoformat(), duration={"hours": 1})
    assert (order.watts, order.start, order.end) == (0.0, start, start + timedelta(hours=1))
    assert site.coordinator.data.decision.memory.orders == ()


@pytest.mark.parametrize(
    ("asked", "watts"),
    [
        ({}, None),
        ({"level": "guaranteed"}, None),
        ({"level": "stop"}, 0.0),
        ({"level": "guaranteed", "kind": "demand_response"}, 4200 * (1 + 0.8)),
        ({"kind": "demand_response"}, None),
    ],
)
async def test_a_level_stands_for_a_figure(make_site: MakeSite, asked: dict[str, Any], watts: float | None) -> None:
    site = await make_site(Box(AC), Box(AC), chargers=(charger(), charger("Carport")))
    assert (await limited(site, **asked)).watts == watts


async def test_each_kind_has_one_limit(make_site: MakeSite) -> None:
    site = await make_site()
    await site.call(DOMAIN, "set_grid_limit", watts=4200)
    await site.call(DOMAIN, "set_grid_limit", watts=6000)
    await site.call(DOMAIN, "set_grid_limit", watts=1000, kind="demand_response")
    assert [order.watts for order in site.coordinator.store.kept.site.orders] == [6000, 1000]
    await site.call(DOMAIN, "clear_grid_limit", kind="demand_response")
    assert [order.watts for order in site.coordinator.store.kept.site.orders] == [6000]


async def test_a_limit_that_would_be_over_is_refused(make_site: MakeSite) -> None:
    site = await make_site()
    gone = dt_util.utcnow() - timedelta(minutes=1)
    assert await refusal(site, "set_grid_limit", watts=4200, until=gone.isoformat()) == "limit_is_over"
    for nonsense in ({"watts": -1}, {"watts": 1, "level": "stop"}, {"level": "half"}, {"kind": "boss"}):
        with pytest.raises(vol.Invalid):
            await site.call(DOMAIN, "set_grid_limit", **nonsense)
    assert site.coordinator.store.kept.site.orders == ()


async def test_a_site_has_to_be_named_where_there_are_several(make_site: MakeSite) -> None:
    site = await make_site()
    assert await refusal(site, "set_grid_limit", config_entry_id="gone") == "no_such_site"
    other = MockConfigEntry(domain=DOMAIN, title="Barn", data={"name": "Barn", "phases": 3, "fuse": 25.0})
    other.add_to_hass(site.hass)
    assert await site.hass.config_entries.async_setup(other.entry_id)
    assert await refusal(site, "set_grid_limit", watts=1) == "which_site"
    assert (await limited(site, watts=1, config_entry_id=site.entry.entry_id)).watts == 1
    assert other.runtime_data.store.kept.site.orders == ()


async def test_the_log_proves_what_was_ordered_and_followed(make_site: MakeSite) -> None:
    site = await make_site(Box(AC, (CHARGING,)))
    began = dt_util.utcnow()
    await site.call(DOMAIN, "set_grid_limit", watts=4200)
    site.freezer.tick(60)
    await site.sample(5000.0)
    await site.read(CHARGING)
    answer = await site.call(DOMAIN, "list_grid_events")
    json.dumps(answer, allow_nan=False)
    (event,) = answer["events"]
    assert (event["kind"], event["watts"], event["ended"]) == ("grid_operator", 4200, None)
    assert dt_util.parse_datetime(event["started"]) == began.replace(microsecond=0)
    assert event["drawn_before"] == 6900
    assert event["highest"] == 6900
    await site.call(DOMAIN, "clear_grid_limit")
    (event,) = (await site.call(DOMAIN, "list_grid_events"))["events"]
    assert event["ended"] is not None
