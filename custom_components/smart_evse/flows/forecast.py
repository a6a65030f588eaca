"""The form about the sun ahead: who forecasts it."""

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..almanac import HassSolarForecasts
from ..const import CONF_SUN_ENTITIES, CONF_SUN_FORECASTS
from ..links.errors import Silent
from ..states import HassStates
from ..tariffs.sun import EntitySun
from .fields import entity, named
from .probe import Unfit
from .settings import Around, Form, Options


def _forecast(around: Around) -> vol.Schema:
    fields: dict[vol.Marker, object] = {}
    if around.forecasts:
        fields[vol.Optional(CONF_SUN_FORECASTS)] = named(around.forecasts, several=True)
    return vol.Schema(fields | {vol.Optional(CONF_SUN_ENTITIES): entity("sensor", several=True)})


async def _tells_sun(hass: HomeAssistant, options: Options) -> None:
    """Make sure that entities forecast the sun, where any were named."""
    if not (entities := options.get(CONF_SUN_ENTITIES)):
        return
    try:
        await EntitySun(HassStates(hass), entities, dt_util.get_default_time_zone()).fetch(dt_util.utcnow())
    except Silent as err:
        raise Unfit("no_forecast", CONF_SUN_ENTITIES) from err


async def forecasters(hass: HomeAssistant) -> dict[str, str]:
    """Name the config entries that forecast the sun, by their id."""
    domains = await HassSolarForecasts(hass).domains()
    entries = hass.config_entries.async_entries(include_ignore=False, include_disabled=False)
    return {entry.entry_id: entry.title for entry in entries if entry.domain in domains}


FORECAST_FORM = Form(fields=_forecast, keys=frozenset({CONF_SUN_FORECASTS, CONF_SUN_ENTITIES}), check=_tells_sun)
