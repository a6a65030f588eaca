"""The form about statements that are made by themselves each month."""

from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..const import (
    CONF_STATEMENT_ATTACH,
    CONF_STATEMENT_DAY,
    CONF_STATEMENT_DRIVERS,
    CONF_STATEMENT_NOTIFY,
    CONF_STATEMENT_RUN,
)
from ..statement_jobs import RUNS
from .fields import YES_OR_NO, choice, named, number
from .settings import Around, Form

_LAST_DAY = 28
"""Every month has it."""

_NOBODY = frozenset({"send_message", "persistent_notification", "notify"})
"""Actions of notify that tell nobody in particular."""


def mailers(hass: HomeAssistant) -> dict[str, str]:
    """Name what can send a message: actions of notify, and entities."""
    actions = hass.services.async_services_for_domain("notify")
    known = {key: key.replace("_", " ") for key in actions if key not in _NOBODY}
    return known | {state.entity_id: state.name for state in hass.states.async_all("notify")}


def _fields(around: Around) -> vol.Schema:
    fields: dict[vol.Marker, object] = {
        vol.Optional(CONF_STATEMENT_DAY): number(1, _LAST_DAY),
        vol.Required(CONF_STATEMENT_RUN, default=list(RUNS)): choice("statement_run", RUNS, several=True),
    }
    if around.drivers:
        fields[vol.Optional(CONF_STATEMENT_DRIVERS)] = named(around.drivers, several=True)
    if around.messengers:
        fields[vol.Optional(CONF_STATEMENT_NOTIFY)] = named(around.messengers, several=True)
        fields[vol.Required(CONF_STATEMENT_ATTACH, default=False)] = YES_OR_NO
    return vol.Schema(fields)


STATEMENTS_FORM = Form(
    fields=_fields,
    keys=frozenset(
        {
            CONF_STATEMENT_DAY,
            CONF_STATEMENT_RUN,
            CONF_STATEMENT_DRIVERS,
            CONF_STATEMENT_NOTIFY,
            CONF_STATEMENT_ATTACH,
        }
    ),
)
