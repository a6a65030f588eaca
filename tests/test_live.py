"""What is set while everything runs: limits that others order, peaks, and what of it outlasts a restart."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.smart_evse.diagnostics import async_get_config_entry_diagnostics
from custom_components.smart_evse.engine.memory import OrderEvent
from custom_components.smart_evse.engine.model import AcLimit, Mode, ReasonKey
from custom_components.smart_evse.engine.settings import GridOrder, OrderKind
from custom_components.smart_evse.engine.vehicle.departures import Trip, Weekly
from custom_components.smart_evse.engine.vehicle.distance import Amount, Unit
from custom_components.smart_evse.order_log import OrderLog
from custom_components.smart_evse.records import made, plain
from custom_components.smart_evse.store import Chosen, RememberedMeter
from tests.home import CHARGING, MakeSite, Site, make_site

__all__ = ["make_site"]

NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def evening(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(NOW)


async def restarted(site: Site) -> Site:
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    return site


async def fast(make_site: MakeSite, **options: object) -> Site:
    """A site whose car charges as fast as it may."""
    site = await make_site(options=options)
    await site.read(CHARGING)
    site.freezer.tick(5)
    await site.coordinator.async_set_mode(site.connector, Mode.FAST)
    return site


def orders(site: Site) -> list[GridOrder]:
    return list(site.coordinator.settings().orders)


# What was learned


async def test_how_late_the_meter_is_outlasts_restarts(hass: HomeAssistant, make_site: MakeSite) -> None:
    site = await make_site()
    site.coordinator.store.kept.meter = RememberedMeter(found=(8.0, 10.0, 8.0))
    # The first makes it the engine's, which has to keep it for the second.
    for _ in range(2):
        await restarted(site)
        await site.read(CHARGING)
    told: Any = await async_get_config_entry_diagnostics(hass, site.entry)
    assert told["delays"]["meter"] == {"seconds": 8.0, "found": [8.0, 10.0, 8.0]}
    assert told["delays"]["chargers"][site.connector] == {"seconds": None, "samples": 0, "with_meter": None}


# What is chosen


def test_what_is_chosen_is_the_same_after_a_restart() -> None:
    chosen = Chosen(
        mode=Mode.SMART,
        target_distance=250.0,
        departures=(
            Weekly(at=time(7, 30), weekdays=frozenset({0, 4}), target=Amount(80.0, Unit.KILOMETRES)),
            Weekly(at=time(9)),
        ),
        trip=Trip(leaves=NOW, returns=NOW + timedelta(hours=3), target=Amount(100.0)),
        skipped=(date(2026, 3, 12),),
    )
    assert made(Chosen, plain(chosen)) == chosen


@pytest.mark.parametrize(
    ("amount", "field", "value"),
    [
        (Amount(90.0), "target_soc", 90.0),
        (Amount(120.0, Unit.KILOMETRES), "target_distance", 120.0),
        (Amount(12.5, Unit.KILOWATT_HOURS), "target_energy", 12_500.0),
    ],
)
async def test_a_target_takes_the_place_of_another_unit(
    make_site: MakeSite, amount: Amount, field: str, value: float
) -> None:
    site = await make_site()
    for other in (Amount(50.0), Amount(60.0, Unit.KILOMETRES), Amount(7.0, Unit.KILOWATT_HOURS), amount):
        await site.coordinator.async_set_target(site.connector, other)
    chosen = site.coordinator.store.chosen(site.connector)
    told = {key: getattr(chosen, key) for key in ("target_soc", "target_distance", "target_energy")}
    assert {key: item for key, item in told.items() if item is not None} == {field: value}
    await site.coordinator.async_set_target(site.connector, None)
    assert getattr(site.coordinator.store.chosen(site.connector), field) is None


async def test_a_reserve_and_a_cheap_price_reach_the_engine(make_site: MakeSite) -> None:
    site = await make_site()
    await site.coordinator.async_set_reserve(site.connector, 45.0)
    await site.coordinator.async_set_live(site.connector, cheap_price=0.12)
    (settings,) = site.coordinator.settings().connectors
    assert (settings.reserve_soc, settings.cheap_price) == (45.0, 0.12)
    await site.coordinator.async_set_live(site.connector, minimum_soc=40.0)
    assert site.coordinator.settings().connectors[0].minimum_soc == 40.0
    await site.coordinator.async_set_reserve(site.connector, None)
    assert site.coordinator.settings().connectors[0].reserve_soc == 30.0


async def test_days_that_are_over_are_not_skipped_any_more(make_site: MakeSite) -> None:
    site = await make_site()
    await site.coordinator.async_skip_departure(site.connector, NOW.date())
    site.freezer.tick(timedelta(days=2))
    later = NOW.date() + timedelta(days=5)
    await site.coordinator.async_skip_departure(site.connector, later)
    assert site.coordinator.store.chosen(site.connector).skipped == (later,)
    await site.coordinator.async_skip_departure(site.connector, later, skip=False)
    assert site.coordinator.store.chosen(site.connector).skipped == ()


# What others order


async def test_a_grid_limit_holds_until_its_end_and_is_on_record(make_site: MakeSite) -> None:
    site = await fast(make_site)
    await site.coordinator.async_set_grid_limit(4200.0, until=NOW + timedelta(hours=1))
    await site.settle()
    setpoint = site.coordinator.data.decision.setpoint(site.connector)
    assert setpoint is not None
    assert ReasonKey.GRID_OPERATOR in {claim.reason.key for claim in setpoint.chain}
    assert setpoint.limit == AcLimit(6.0, 3)
    site = await restarted(site)
    assert [order.watts for order in orders(site)] == [4200.0]
    site.freezer.move_to(NOW + timedelta(hours=1, seconds=1))
    await site.read(CHARGING)
    assert orders(site) == []
    log = OrderLog(site.hass, site.entry.entry_id)
    await site.coordinator.store.async_close()
    await log.async_load()
    assert (log.events[0].started.minute, log.events[-1].ended) != (None, None)
    assert {event.watts for event in log.events} == {4200.0}


async def test_a_new_limit_takes_the_place_of_the_one_before(make_site: MakeSite) -> None:
    site = await fast(make_site)
    await site.coordinator.async_set_grid_limit(4200.0)
    await site.coordinator.async_set_grid_limit(0.0, kind=OrderKind.DEMAND_RESPONSE)
    await site.coordinator.async_set_grid_limit(7000.0)
    assert sorted(order.watts or 0.0 for order in orders(site)) == [0.0, 7000.0]
    await site.coordinator.async_clear_grid_limit(OrderKind.GRID_OPERATOR)
    assert [order.kind for order in orders(site)] == [OrderKind.DEMAND_RESPONSE]
    await site.coordinator.async_clear_grid_limit()
    assert orders(site) == []


@pytest.mark.parametrize(
    ("state", "unit", "watts"),
    [("on", None, None), ("4200", "W", 4200.0), ("4.2", "kW", 4200.0), ("0", None, 0.0)],
)
async def test_an_entity_orders_a_limit(make_site: MakeSite, state: str, unit: str | None, watts: float | None) -> None:
    site = await fast(make_site, grid_operator_entity="sensor.dimmed")
    assert orders(site) == []
    site.hass.states.async_set("sensor.dimmed", state, {} if unit is None else {"unit_of_measurement": unit})
    await site.settle()
    assert [(order.kind, order.watts) for order in orders(site)] == [(OrderKind.GRID_OPERATOR, watts)]
    site.hass.states.async_set("sensor.dimmed", "off")
    await site.settle()
    assert orders(site) == []


@pytest.mark.parametrize(("state", "unit"), [("unavailable", "W"), ("a lot", "W"), ("12", "°C"), ("dim", None)])
async def test_an_entity_that_says_no_limit_orders_none(make_site: MakeSite, state: str, unit: str | None) -> None:
    site = await fast(make_site, demand_response_entity="sensor.event")
    site.hass.states.async_set("sensor.event", state, {} if unit is None else {"unit_of_measurement": unit})
    await site.settle()
    assert orders(site) == []


async def test_the_log_keeps_two_years(hass: HomeAssistant) -> None:
    log = OrderLog(hass, "site")
    old, new = (
        OrderEvent(id="action", kind=OrderKind.GRID_OPERATOR, watts=4200.0, started=NOW - timedelta(days=days))
        for days in (740, 1)
    )
    log.note(old, old.started)
    log.note(new, new.started)
    log.note(replace(new, ended=NOW, highest=4100.0), NOW)
    assert [(event.started, event.ended) for event in log.events] == [(new.started, NOW)]


# Peaks


async def test_a_peak_outlasts_a_restart(make_site: MakeSite) -> None:
    site = await make_site(options={"capacity_tariff": "belgium_flanders", "capacity_price": 5.0})
    assert site.coordinator.settings().capacity is not None
    for _ in range(20):
        site.freezer.tick(60)
        await site.sample(5000.0)
    before = site.coordinator.store.kept.peaks
    assert before.peaks[0][1] > 1000
    site = await restarted(site)
    await site.sample(5000.0)
    assert site.coordinator.store.kept.peaks.peaks == before.peaks


async def test_a_new_peak_may_be_allowed(make_site: MakeSite) -> None:
    site = await make_site(options={"capacity_tariff": {"minutes": 60, "top": 3, "hours": [7, 8], "price": 60.0}})
    tariff = site.coordinator.settings().capacity
    assert tariff is not None
    assert (tariff.minutes, tariff.top, tariff.hours, tariff.zone) == (60, 3, frozenset({7, 8}), "UTC")
    await site.coordinator.async_set_peak(may_set_new=True, accepted=6000.0)
    settings = (await restarted(site)).coordinator.settings()
    assert (settings.may_set_new_peak, settings.accepted_peak) == (True, 6000.0)
