"""Closing a month or a year, and what is said to who would close it too early."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.ledger import SessionsBook
from custom_components.smart_evse.ledger.closing import PeriodsBook
from custom_components.smart_evse.records import plain
from tests.books import ADA, fill
from tests.engine.sessions.stream import charge, live
from tests.home import MakeSite, Site, make_site
from tests.on_record import read

__all__ = ["make_site"]


@pytest.fixture
async def site(make_site: MakeSite, freezer: FrozenDateTimeFactory) -> Site:
    """Return a site in December, with three sessions of November on record, one without all of its prices."""
    freezer.move_to("2026-12-03 08:00:00+00:00")
    site = await make_site()
    connector = site.connector
    await site.coordinator.sessions.books.async_write(lambda ledger: fill(ledger, connector))
    return site


async def close(site: Site, period: object, context: Context | None = None, **more: object) -> dict[str, Any]:
    data = {"period": period, **more}
    answer = await site.hass.services.async_call(
        DOMAIN, "close_period", data, blocking=True, return_response=True, context=context
    )
    return dict(answer or {})


async def refused(site: Site, period: object, context: Context | None = None) -> tuple[str | None, dict[str, str]]:
    with pytest.raises(ServiceValidationError) as caught:
        await close(site, period, context)
    return caught.value.translation_key, caught.value.translation_placeholders or {}


async def test_a_month_is_closed_with_what_it_came_to(site: Site) -> None:
    answer = await close(site, "2026-11", unsettled=True)
    assert (answer["period"], answer["provisional"], answer["running"]) == ("2026-11", ["s-ben"], [])
    told = {each["driver"]: (each["sessions"], each["energy"], each["unpriced"]) for each in answer["totals"]}
    assert told == {"Ada": (1, 3.0, 0.0), "Ben": (1, 3.0, 1.0), None: (1, 4.0, 0.0)}
    assert {each["driver_id"] for each in answer["totals"]} == {ADA.id, "driver-ben", None}
    verified = await read(site, lambda book: book.ledger.verify())
    assert verified.good
    checked = await site.hass.services.async_call(DOMAIN, "verify_ledger", {}, blocking=True, return_response=True)
    (closed,) = (checked or {})["closed"]
    assert (closed["period"], closed["hash"], closed["sessions"], closed["energy"], closed["corrected"]) == (
        "2026-11",
        answer["hash"],
        3,
        10.0,
        False,
    )
    assert answer["hash"] == (await read(site, lambda book: book.ledger.tip)).hash


async def test_a_month_is_closed_once(site: Site) -> None:
    await close(site, "2026-11", unsettled=True)
    assert await refused(site, "2026-11") == ("period_closed", {"period": "2026-11"})


@pytest.mark.parametrize("period", ["2026-12", "2026", 2026, "2027-01"])
async def test_what_is_not_over_is_not_closed(site: Site, period: object) -> None:
    assert await refused(site, period) == ("period_not_over", {"period": str(period)})


async def test_a_price_that_is_to_come_is_waited_for(site: Site) -> None:
    told = {"period": "2026-11", "running": "0", "provisional": "1"}
    assert await refused(site, "2026-11") == ("period_not_settled", told)
    assert await read(site, lambda book: PeriodsBook(book.ledger).closed()) == ()
    # In October there was nothing.
    assert (await close(site, "2026-10"))["totals"] == []


async def test_a_car_that_still_stands_there_is_waited_for(site: Site) -> None:
    told = live(*charge(0, 4000))
    state, intervals = told.session, tuple(told.intervals)
    await site.coordinator.sessions.books.async_write(
        lambda ledger: SessionsBook(ledger).save_open("elsewhere", plain(state), session=state.id, intervals=intervals)
    )
    key, placeholders = await refused(site, "2026-10")
    assert (key, placeholders["running"]) == ("period_not_settled", "1")
    answer = await close(site, "2026-10", unsettled=True)
    assert (answer["running"], [each["energy"] for each in answer["totals"]]) == ([state.id], [11.0])


async def test_only_administrators_close(site: Site) -> None:
    user = MockUser().add_to_hass(site.hass)
    assert (await refused(site, "2026-11", Context(user_id=user.id)))[0] == "only_administrators"


@pytest.mark.parametrize("period", ["2026-13", "26-01", "November", ""])
async def test_a_period_is_a_month_or_a_year(site: Site, period: str) -> None:
    with pytest.raises(vol.Invalid):
        await close(site, period)
