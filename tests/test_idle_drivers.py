"""Who has not charged for long is asked about, and only forgotten by whoever answers."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.access.model import Driver
from custom_components.smart_evse.idle_drivers import IdleDrivers
from custom_components.smart_evse.ledger import Ledger, PeopleBook, SessionsBook
from tests.books import ADA, BEN, NOVEMBER, quarter, session
from tests.home import MakeSite, Site, make_site
from tests.on_record import until
from tests.test_sessions import later

__all__ = ["make_site"]

CLEO = Driver(id="driver-cleo", name="Cleo")
A_YEAR_LATER = NOVEMBER + timedelta(days=370)

type Start = Callable[..., Awaitable[Site]]


@pytest.fixture
def start(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Start:
    """Return what sets up a site with three drivers, of whom only Ben has charged within the year."""

    async def begin(**options: object) -> Site:
        freezer.move_to(NOVEMBER)
        site = await make_site(options=options)
        assert await async_setup_component(site.hass, REPAIRS, {})
        connector = site.connector
        await site.coordinator.sessions.books.async_write(lambda ledger: fill(ledger, connector))
        await site.coordinator.access.desk.async_read()
        freezer.move_to(A_YEAR_LATER)
        return site

    return begin


def fill(ledger: Ledger, connector: str) -> None:
    for driver in (ADA, BEN, CLEO):
        PeopleBook(ledger).put_driver(driver, at=NOVEMBER)
    spring = NOVEMBER + timedelta(days=180)
    intervals = (quarter(spring, grid=500),)
    SessionsBook(ledger).close_session(session("s", connector, spring, intervals, driver=BEN.id), intervals)


def idle(site: Site) -> IdleDrivers:
    return site.coordinator.sessions.upkeep.idle


async def look(site: Site) -> ir.IssueEntry | None:
    """Look as it is done every day, and return what is asked."""
    await idle(site).async_look()
    site.coordinator.beat()
    await site.settle()
    return ir.async_get(site.hass).async_get_issue(DOMAIN, f"drivers_idle_{site.entry.entry_id}")


async def question(site: Site) -> dict[str, Any]:
    issue = f"drivers_idle_{site.entry.entry_id}"
    manager = site.hass.data[REPAIRS]["flow_manager"]
    return dict(await manager.async_init(DOMAIN, data={"issue_id": issue}))


async def answer(site: Site, asked: dict[str, Any], *drivers: str) -> dict[str, Any]:
    manager = site.hass.data[REPAIRS]["flow_manager"]
    result = dict(await manager.async_configure(asked["flow_id"], {"drivers": list(drivers)}))
    await site.settle()
    return result


def known(site: Site) -> set[str]:
    return {driver.name for driver in site.coordinator.access.desk.people.drivers.values()}


async def test_nobody_is_asked_about_unless_the_owner_wants_to_be(start: Start) -> None:
    site = await start()
    assert await look(site) is None
    assert idle(site).found == {}


async def test_who_has_not_charged_is_asked_about_without_a_name(start: Start) -> None:
    site = await start(forget_after=12)
    issue = await look(site)
    assert issue is not None
    assert issue.is_fixable
    assert issue.translation_placeholders == {"site": "Home", "months": "12", "drivers": "2"}
    assert known(site) == {"Ada", "Ben", "Cleo"}


async def test_whoever_is_chosen_is_forgotten_and_the_others_stay(start: Start) -> None:
    site = await start(forget_after=12)
    await look(site)
    asked = await question(site)
    options = next(iter(asked["data_schema"].schema.values())).config["options"]
    assert [each["label"] for each in options] == ["Ada", "Cleo"]
    assert (await answer(site, asked, ADA.id))["type"] is FlowResultType.CREATE_ENTRY
    assert known(site) == {"Ben", "Cleo"}
    # Cleo was looked at today: nobody asks again tomorrow, but in a year.
    assert await look(site) is None
    site.freezer.tick(timedelta(days=400))
    assert await look(site) is not None


async def test_who_charges_meanwhile_is_not_forgotten(start: Start) -> None:
    site = await start(forget_after=12)
    await look(site)
    asked, connector = await question(site), site.connector
    now: datetime = dt_util.utcnow()
    intervals = (quarter(now, grid=500),)
    late = session("late", connector, now, intervals, driver=ADA.id)
    await site.coordinator.sessions.books.async_write(
        lambda ledger: SessionsBook(ledger).close_session(late, intervals)
    )
    await answer(site, asked, ADA.id, CLEO.id)
    assert known(site) == {"Ada", "Ben"}


async def test_it_is_looked_soon_after_the_start_and_every_day(start: Start) -> None:
    site = await start(forget_after=12)
    await later(site, 600)
    await until(site, lambda: bool(idle(site).found))
    assert set(idle(site).found) == {ADA.id, CLEO.id}
