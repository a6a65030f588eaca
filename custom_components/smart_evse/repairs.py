"""Issues on Home Assistant's repairs page.

Most are mended at the charger, at the meter or in the site's own configuration, and go away by themselves once they
are. One that is `fixable` asks something instead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.issue_registry import IssueSeverity

from .const import DOMAIN

_ENTRY_ID = "entry_id"
_DOCUMENTATION = "https://github.com/smart-evse/smart-evse/blob/main/docs/troubleshooting.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Something the owner should know. `key` names its text, `id` makes it distinct; `fixable` asks for an answer."""

    id: str
    key: str
    placeholders: Mapping[str, str] = field(default_factory=dict)
    severity: IssueSeverity = IssueSeverity.WARNING
    fixable: bool = False


@callback
def async_sync_issues(hass: HomeAssistant, entry_id: str, wanted: Iterable[Issue]) -> None:
    """Make the issues of one site exactly the wanted ones; costs nothing when they already are.

    An empty `wanted` takes back all that this site ever raised: call it so when the site is removed.
    """
    wanted_ids = set()
    for issue in wanted:
        wanted_ids.add(issue.id)
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue.id,
            data={_ENTRY_ID: entry_id},
            is_fixable=issue.fixable,
            learn_more_url=f"{_DOCUMENTATION}#{issue.key.replace('_', '-')}",
            severity=issue.severity,
            translation_key=issue.key,
            translation_placeholders=dict(issue.placeholders),
        )
    for raised in list(ir.async_get(hass).issues.values()):
        mine = raised.domain == DOMAIN and raised.data is not None and raised.data.get(_ENTRY_ID) == entry_id
        if mine and raised.issue_id not in wanted_ids:
            ir.async_delete_issue(hass, DOMAIN, raised.issue_id)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: Mapping[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow of an issue: Home Assistant wants this function of every repairs platform."""
    from .idle_drivers import ISSUE, ForgetDrivers  # noqa: PLC0415 - it raises an issue of ours itself

    if data is None or not issue_id.startswith(ISSUE):
        return ConfirmRepairFlow()
    return ForgetDrivers.of(hass, str(data[_ENTRY_ID])) or ConfirmRepairFlow()
