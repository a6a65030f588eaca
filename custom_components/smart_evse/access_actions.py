"""Actions at a connector: let somebody charge, and send them away."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import Action
from .coordinator import SiteCoordinator
from .engine.access.admit import Bearer
from .engine.access.model import Verdict
from .engine.admission import REFUSALS
from .engine.model import ConnectorId, Reason, ReasonKey
from .errors import mistake
from .naming import meant
from .sentences import sentence
from .targets import Target
from .viewers import Viewer, async_viewer

ATTR_CODE: Final = "code"
ATTR_DRIVER: Final = "driver"

_LONGEST: Final = 40
"""No code is longer, typed with all the spaces anybody puts into it."""


async def async_authorize(
    site: SiteCoordinator, connector: ConnectorId, viewer: Viewer, *, code: str | None = None, driver: str | None = None
) -> Verdict:
    """Let somebody charge: by a code, as a driver, or on the owner's word. `ServiceValidationError` when they may not.

    Who is no administrator speaks for themselves only, and takes nobody else's place: whoever is not at the charger
    cannot know whose car is plugged in.
    """
    utc, door = dt_util.utcnow(), site.access.door
    if code is not None:
        guest = await site.access.codes.async_holder(connector, code, utc)
        bearer = Bearer(since=utc, guest=guest.id)
    else:
        bearer = bearer_of(site, viewer, driver)
    if not viewer.sees_all and door.is_anothers(connector, bearer):
        raise mistake("somebody_else_charges")
    verdict = door.show(connector, bearer)
    site.async_apply()
    if not verdict.granted:
        raise mistake("access_refused", reason=why_not(site.hass, verdict))
    return verdict


def bearer_of(site: SiteCoordinator, viewer: Viewer, driver: str | None) -> Bearer:
    """Return who somebody is, or speaks for."""
    utc, names = dt_util.utcnow(), {key: each.name for key, each in site.access.desk.people.drivers.items()}
    if driver is None and viewer.drivers is None:
        return Bearer(since=utc, by_owner=True)
    own = names if viewer.drivers is None else {key: names[key] for key in viewer.drivers if key in names}
    if driver is not None:
        return Bearer(since=utc, driver=meant(driver, own, "no_such_driver"))
    if len(own) != 1:
        raise mistake("no_driver_of_yours")
    return Bearer(since=utc, driver=next(iter(own)))


@callback
def why_not(hass: HomeAssistant, verdict: Verdict) -> str:
    """Say in one sentence why somebody may not charge."""
    return sentence(hass, Reason(REFUSALS.get(verdict, ReasonKey.ACCESS_WAITING)))


async def _authorize(target: Target, call: ServiceCall) -> JsonObjectType:
    site, data = target.coordinator, call.data
    viewer = await async_viewer(call.hass, call.context, site.access.desk.people.drivers.values())
    verdict = await async_authorize(
        site, target.connector.id, viewer, code=data.get(ATTR_CODE), driver=data.get(ATTR_DRIVER)
    )
    identity = site.access.door.identity(target.connector.id)
    return {"granted": verdict.granted, "verdict": verdict.value, "driver": identity.driver}


async def _end_access(target: Target, call: ServiceCall) -> None:
    site, key = target.coordinator, target.connector.id
    viewer = await async_viewer(call.hass, call.context, site.access.desk.people.drivers.values())
    if not viewer.sees(site.access.door.identity(key).driver):
        raise mistake("only_administrators")
    site.access.door.end(key, dt_util.utcnow())
    site.async_apply()


ACCESS_ACTIONS: tuple[Action, ...] = (
    Action(
        name="authorize",
        fields={
            vol.Exclusive(ATTR_CODE, "who"): vol.All(cv.string, vol.Length(max=_LONGEST)),
            vol.Exclusive(ATTR_DRIVER, "who"): cv.string,
        },
        do=_authorize,
        answers=True,
    ),
    Action(name="end_access", fields={}, do=_end_access),
)
