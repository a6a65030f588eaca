"""Who may see which sessions.

Home Assistant's administrators see all of them, and so does what no user started: an automation. Everybody else sees
those of the driver whose person is linked to their user.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant, callback

from .engine.access.model import Driver
from .errors import mistake

_PERSON = "person"
_USER_ID = "user_id"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks. `drivers` are those whose sessions they may see, by id; `None` is everybody's."""

    drivers: frozenset[str] | None = None

    @property
    def sees_all(self) -> bool:
        """Whether nothing is kept from them, sessions of nobody known included."""
        return self.drivers is None

    def sees(self, driver: str | None) -> bool:
        """Say whether a session of this driver may be shown."""
        return self.drivers is None or driver in self.drivers


async def async_viewer(hass: HomeAssistant, context: Context, drivers: Iterable[Driver]) -> Viewer:
    """Return who calls an action; a user who is gone sees nothing."""
    if context.user_id is None:
        return Viewer()
    user = await hass.auth.async_get_user(context.user_id)
    return Viewer(frozenset()) if user is None else viewer_for(hass, user, drivers)


@callback
def viewer_for(hass: HomeAssistant, user: User, drivers: Iterable[Driver]) -> Viewer:
    """Return what a user may see."""
    if user.is_admin:
        return Viewer()
    persons = {state.entity_id for state in hass.states.async_all(_PERSON) if state.attributes.get(_USER_ID) == user.id}
    return Viewer(frozenset(driver.id for driver in drivers if driver.person in persons))


async def async_only_admins(hass: HomeAssistant, context: Context) -> None:
    """Refuse who is no administrator; an automation is let through."""
    viewer = await async_viewer(hass, context, ())
    if not viewer.sees_all:
        raise mistake("only_administrators")
