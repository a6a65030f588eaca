"""How chargers are used, told by an action over a real ledger."""

from typing import Any

from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.engine.access.model import Verdict
from tests.books import fill
from tests.home import MakeSite, Site, charger

SPAN = {"since": "2026-11-02 00:00:00", "until": "2026-11-05 00:00:00"}


@pytest.fixture
async def site(make_site: MakeSite) -> Site:
    """Return a site of two chargers, with three sessions at the first of them."""
    site = await make_site(chargers=(charger("Garage"), charger("Carport")))
    connector = site.connector
    await site.coordinator.sessions.books.async_write(lambda ledger: fill(ledger, connector))
    site.freezer.move_to("2026-11-20T12:00:00+00:00")
    return site


async def analyse(site: Site, context: Context | None = None, **data: object) -> dict[str, Any]:
    answer = await site.hass.services.async_call(
        DOMAIN, "analyse", data, blocking=True, return_response=True, context=context
    )
    return dict(answer or {})


async def test_use_is_counted_in_kwh_and_hours(site: Site) -> None:
    found = await analyse(site, **SPAN)
    assert (found["sessions"], found["energy"], found["occupied"]) == (3, 10, 1.25)
    # One and a quarter of the 144 hours of two chargers.
    assert (found["occupancy"], found["full"]) == (0.9, 0)
    assert (found["most_taken"], found["most_charging"]) == (1, 1)
    assert found["taken"] == [
        {"chargers": 0, "hours": 70.75},
        {"chargers": 1, "hours": 1.25},
        {"chargers": 2, "hours": 0},
    ]
    assert sum(found["by_hour"]) == sum(found["by_weekday"]) == 10
    assert [each["charger"] for each in found["by_charger"]] == ["Garage", "Carport"]
    assert {each["driver"]: each["energy"] for each in found["by_driver"]} == {"Ada": 3, "Ben": 3, None: 4}
    assert [each["up_to"] for each in found["by_speed"]] == [3.7, 7.4, 11.5, 23, None]


async def test_who_was_turned_away_is_counted(site: Site) -> None:
    site.freezer.move_to("2026-11-04T12:00:00+00:00")
    site.coordinator.access.door.refuse(site.connector, Verdict.UNKNOWN_CARD)
    site.freezer.move_to("2026-11-20T12:00:00+00:00")
    found = await analyse(site, **SPAN)
    assert (found["refusals"], found["refused_at"]) == ({"unknown_card": 1}, {"Garage": 1})
    assert (await analyse(site, since="2026-11-05 00:00:00"))["refusals"] == {}


async def test_without_a_span_it_is_the_last_thirty_days(site: Site) -> None:
    found = await analyse(site)
    assert found["since"].startswith("2026-10-21")
    assert found["sessions"] >= 3


async def test_a_span_has_a_length(site: Site) -> None:
    with pytest.raises(ServiceValidationError, match="ends before it begins"):
        await analyse(site, since="2026-11-21 00:00:00")


async def test_only_administrators_see_what_all_do(site: Site) -> None:
    stranger = Context(user_id=MockUser().add_to_hass(site.hass).id)
    with pytest.raises(ServiceValidationError, match="Only administrators"):
        await analyse(site, stranger)


async def test_refusals_are_kept_over_a_restart(site: Site) -> None:
    site.coordinator.access.door.refuse(site.connector, Verdict.WRONG_TIME)
    assert await site.hass.config_entries.async_reload(site.entry.entry_id)
    await site.settle()
    assert [refusal.why for refusal in site.coordinator.store.refusals.refusals] == ["wrong_time"]
