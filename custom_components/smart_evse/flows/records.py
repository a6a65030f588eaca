"""The form about what is put on record besides energy and money, who is asked about it, and where a copy goes."""

import asyncio
from urllib.parse import urlsplit

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.requirements import async_process_requirements
import voluptuous as vol

from ..const import CONF_ASK_WITH, CONF_CO2_ENTITY, CONF_FORGET_AFTER, CONF_REPLICA_URL, DOMAIN
from ..ledger.database import POSTGRESQL
from ..ledger.reaching import trouble_with
from .fields import SECRET, entity, more, named, number
from .probe import Unfit
from .settings import Around, Form, Options

_MESSENGER = "mobile_app_"
"""How the actions of Home Assistant's apps begin: only those can be answered with a tap."""

_DECADE = 120
"""The longest time after which somebody may be forgotten, in months."""

_INSTALLING = 120.0
"""How long the library of a database may take to come, in s."""

_PATIENCE = 25.0
"""How long a database may take to answer and to let us in, in s; who does not answer at all is given up sooner."""

_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


def messengers(hass: HomeAssistant) -> dict[str, str]:
    """Name the phones that can be asked something."""
    known = hass.services.async_services_for_domain("notify")
    return {key: key.removeprefix(_MESSENGER).replace("_", " ") for key in known if key.startswith(_MESSENGER)}


def _fields(around: Around) -> vol.Schema:
    fields: dict[vol.Marker, object] = {vol.Optional(CONF_CO2_ENTITY): entity("sensor")}
    if around.messengers:
        fields[vol.Optional(CONF_ASK_WITH)] = named(around.messengers, several=True)
    months = number(1, _DECADE)
    return vol.Schema(fields | more({vol.Optional(CONF_FORGET_AFTER): months, vol.Optional(CONF_REPLICA_URL): SECRET}))


async def _is_address(_hass: HomeAssistant, options: Options) -> None:
    """Make sure that a database could be found by what was typed."""
    if not (url := options.get(CONF_REPLICA_URL)):
        return
    try:
        parts = urlsplit(url)
        fits = parts.scheme in _SCHEMES and bool(parts.hostname) and len(parts.path) > 1 and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise Unfit("no_database_address", CONF_REPLICA_URL)


async def try_database(hass: HomeAssistant, said: Options, before: Options) -> None:
    """Make sure that a database that was not chosen before takes records; `Unfit` says what is in the way."""
    if not (url := said.get(CONF_REPLICA_URL)) or url == before.get(CONF_REPLICA_URL):
        return
    try:
        async with asyncio.timeout(_INSTALLING):
            await async_process_requirements(hass, DOMAIN, list(POSTGRESQL), False)
    except (HomeAssistantError, TimeoutError) as err:
        raise Unfit("no_database_library", CONF_REPLICA_URL) from err
    try:
        async with asyncio.timeout(_PATIENCE):
            trouble = await hass.async_add_executor_job(trouble_with, url)
    except TimeoutError as err:
        raise Unfit("database_unreachable", CONF_REPLICA_URL) from err
    if trouble is not None:
        raise Unfit(trouble.value, CONF_REPLICA_URL)


RECORDS_FORM = Form(
    fields=_fields,
    keys=frozenset({CONF_CO2_ENTITY, CONF_ASK_WITH, CONF_FORGET_AFTER, CONF_REPLICA_URL}),
    check=_is_address,
)
