"""How chargers are used, in Home Assistant's statistics."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import list_statistic_ids, statistics_during_period
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.smart_evse.engine.sessions.analysis import Refusal
from custom_components.smart_evse.ledger import Ledger, SessionsBook
from tests.books import NOVEMBER, QUARTER, quarter, session
from tests.home import AC, Box, MakeSite, Site, charger
from tests.test_sessions import IDLE, later

EVENING = NOVEMBER + timedelta(hours=12)


@pytest.fixture
async def site(recorder_mock: Recorder, make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    """Return a garage with two chargers, where two cars were at once in the morning."""
    freezer.move_to(EVENING)
    site = await make_site(Box(AC, says=(IDLE,)), Box(AC, says=(IDLE,)), chargers=(charger("Left"), charger("Right")))
    left, right = site.coordinator.connectors

    def fill(ledger: Ledger) -> None:
        book = SessionsBook(ledger)
        flowed = tuple(quarter(NOVEMBER + n * QUARTER, grid=2_750, peak_power=11_000.0) for n in range(2))
        still = tuple(quarter(NOVEMBER + n * QUARTER) for n in range(2, 8))
        book.close_session(session("left", left, NOVEMBER, (*flowed, *still)), (*flowed, *still))
        short = (quarter(NOVEMBER + QUARTER, grid=900, peak_power=3_600.0),)
        book.close_session(session("right", right, NOVEMBER + QUARTER, short), short)

    await site.coordinator.sessions.books.async_write(fill)
    return site


async def told(site: Site, kind: str, *figures: str) -> dict[str, Any]:
    """Return the hours of a statistic."""
    await async_wait_recording_done(site.hass)
    statistic = f"smart_evse:{site.entry.entry_id.lower()}_{kind}"
    rows = await get_instance(site.hass).async_add_executor_job(
        statistics_during_period, site.hass, NOVEMBER, None, {statistic}, "hour", None, {*figures}
    )
    return {
        f"{datetime.fromtimestamp(row['start'], UTC):%H:%M}": tuple(
            round(value, 3) if (value := row[figure]) is not None else None  # type: ignore[literal-required]
            for figure in figures
        )
        for row in rows.get(statistic, [])
    }


async def test_every_hour_is_told(site: Site) -> None:
    await site.coordinator.sessions.use.async_write()
    taken = await told(site, "taken", "mean", "min", "max")
    assert (taken["08:00"], taken["09:00"], taken["10:00"]) == ((1.25, 1, 2), (1, 1, 1), (0, 0, 0))
    assert list(taken) == [f"{hour:02}:00" for hour in range(8, 20)]
    assert (await told(site, "full", "mean"))["08:00"] == (25,)
    assert (await told(site, "charging", "max"))["08:00"] == (2,)
    idle = await told(site, "idle", "sum", "state")
    assert (idle["08:00"], idle["09:00"], idle["19:00"]) == ((0.5, 0.5), (1.5, 1), (1.5, 0))
    assert (await told(site, "speed_0", "sum"))["19:00"] == (0.9,)
    assert (await told(site, "speed_2", "sum"))["19:00"] == (5.5,)


async def test_what_comes_later_changes_its_hours_and_the_sums_after_them(site: Site) -> None:
    use = site.coordinator.sessions.use
    await use.async_write()
    await async_wait_recording_done(site.hass)
    _, right = site.coordinator.connectors
    start = NOVEMBER + timedelta(hours=3)

    def add(ledger: Ledger) -> None:
        flowed = (quarter(start, grid=1_000, peak_power=4_000.0), quarter(start + QUARTER))
        SessionsBook(ledger).close_session(session("late", right, start, flowed), flowed)

    await site.coordinator.sessions.books.async_write(add)
    site.freezer.tick(timedelta(hours=2))
    await use.async_write()
    idle = await told(site, "idle", "sum")
    assert (idle["10:00"], idle["11:00"], idle["21:00"], len(idle)) == ((1.5,), (1.75,), (1.75,), 14)
    assert (await told(site, "taken", "max"))["11:00"] == (1,)
    before = site.coordinator.store.journal.used
    await use.async_write()
    assert site.coordinator.store.journal.used == before


async def test_refusals_are_counted(site: Site) -> None:
    log = site.coordinator.store.refusals
    log._refusals = [Refusal(at=NOVEMBER + timedelta(hours=1), connector="x", why="unknown_card")] * 3
    await site.coordinator.sessions.use.async_write()
    refusals = await told(site, "refusals", "sum", "state")
    assert (refusals["08:00"], refusals["09:00"], refusals["19:00"]) == ((0, 0), (3, 3), (3, 0))


async def test_it_is_written_by_itself_and_has_a_name(site: Site) -> None:
    await later(site, 121)
    await site.hass.async_block_till_done(wait_background_tasks=False)
    for _ in range(200):
        if site.coordinator.store.journal.used.until is not None:
            break
        await site.settle()
    await async_wait_recording_done(site.hass)
    known = await get_instance(site.hass).async_add_executor_job(list_statistic_ids, site.hass)
    names = {each["name"] for each in known}
    assert {
        "Home: chargers occupied at once",
        "Home: refusals",
        "Home: energy of sessions of up to 3.7 kW",
        "Home: energy of sessions of more than 23 kW",
    } <= names


async def test_one_charger_at_home_needs_none_of_it(
    recorder_mock: Recorder, make_site: MakeSite, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(EVENING)
    site = await make_site(Box(AC, says=(IDLE,)))
    await site.coordinator.sessions.use.async_write()
    assert await told(site, "taken", "mean") == {}
