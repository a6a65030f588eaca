"""Issues on the repairs page: as many as are wanted, each once, and gone when they are over."""

from homeassistant.components.repairs import ConfirmRepairFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.smart_evse.const import DOMAIN
from custom_components.smart_evse.repairs import Issue, async_create_fix_flow, async_sync_issues

SLOW = Issue(id="meter_slow_home", key="meter_slow", placeholders={"site": "Home", "meter": "P1", "seconds": "30"})
IGNORED = Issue(id="command_ignored_a", key="command_ignored", placeholders={"charger": "Garage"})


def raised(hass: HomeAssistant) -> set[str]:
    return {issue.issue_id for issue in ir.async_get(hass).issues.values() if issue.domain == DOMAIN and issue.active}


async def test_the_wanted_issues_are_there_and_no_others(hass: HomeAssistant) -> None:
    async_sync_issues(hass, "home", (SLOW, IGNORED))
    assert raised(hass) == {SLOW.id, IGNORED.id}
    async_sync_issues(hass, "home", (IGNORED,))
    assert raised(hass) == {IGNORED.id}
    async_sync_issues(hass, "home", ())
    assert raised(hass) == set()


async def test_one_site_leaves_the_issues_of_another(hass: HomeAssistant) -> None:
    async_sync_issues(hass, "home", (SLOW,))
    async_sync_issues(hass, "cabin", (IGNORED,))
    async_sync_issues(hass, "cabin", ())
    assert raised(hass) == {SLOW.id}


async def test_saying_it_again_tells_nobody(hass: HomeAssistant) -> None:
    events = async_capture_events(hass, ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED)
    for _ in range(5):
        async_sync_issues(hass, "home", (SLOW,))
    await hass.async_block_till_done()
    assert len(events) == 1


async def test_an_issue_says_where_to_read_more(hass: HomeAssistant) -> None:
    async_sync_issues(hass, "home", (SLOW,))
    issue = ir.async_get(hass).async_get_issue(DOMAIN, SLOW.id)
    assert issue is not None
    assert issue.learn_more_url is not None
    assert issue.learn_more_url.endswith("/docs/troubleshooting.md#meter-slow")
    assert issue.translation_placeholders == dict(SLOW.placeholders)


async def test_home_assistant_finds_the_flow_that_it_wants_of_every_integration(hass: HomeAssistant) -> None:
    assert isinstance(await async_create_fix_flow(hass, SLOW.id, None), ConfirmRepairFlow)
