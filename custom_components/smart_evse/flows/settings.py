"""The forms of a site's options: each with its fields, the options that it sets, and what is checked."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..const import (
    CONF_BACKUP_LIMIT,
    CONF_CURTAILED_ABOVE,
    CONF_DEMAND_RESPONSE_ENTITY,
    CONF_EXPORT_LIMIT,
    CONF_FREQUENCY_ENTITY,
    CONF_GRID_OPERATOR_ENTITY,
    CONF_HOUSE_MAXIMUM,
    CONF_LENIENT,
    CONF_MARGIN,
    CONF_OFF_GRID_CHARGING,
    CONF_OFF_GRID_ENTITY,
    CONF_RISE_HOLD,
    CONF_SUN_BIAS,
    CONF_SUN_SHARING,
    CONF_UNBALANCE_LIMIT,
    CONF_VOLTAGE,
)
from ..engine.model import VOLTAGE
from ..engine.settings import SunBias, SunSharing
from .fields import (
    BIGGEST_FUSE,
    FEEDING,
    YES_OR_NO,
    Answers,
    amps,
    choice,
    entity,
    fold,
    given,
    more,
    number,
    watts,
)

type Options = Mapping[str, Any]
type Check = Callable[[HomeAssistant, Options], Awaitable[None]]

_ON_OFF = ["binary_sensor", "switch", "input_boolean"]
_LIMITS = [*_ON_OFF, "sensor", "number", "input_number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the forms have to know of a site: its fuse in A, its phases, its currency, who forecasts the sun.

    `weekdays` are their names by their number, in the site's language, `messengers` what can ask or tell somebody,
    `drivers` the names of those who charge here, by id.
    """

    fuse: float
    phases: int
    currency: str
    forecasts: Mapping[str, str] = MappingProxyType({})
    weekdays: Mapping[str, str] = MappingProxyType({})
    messengers: Mapping[str, str] = MappingProxyType({})
    drivers: Mapping[str, str] = MappingProxyType({})


async def _fine(_hass: HomeAssistant, _options: Options) -> None:
    """Check nothing: what a form's fields allow is all right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of the options.

    `keys` are the options that it stands for: what is left empty is forgotten. `said` turns answers into options
    and `shown` options into fields. `check` raises `Unfit` for options that cannot be.
    """

    fields: Callable[[Around], vol.Schema]
    keys: frozenset[str]
    said: Callable[[Answers], Answers] = given
    shown: Callable[[Options], Answers] = dict
    check: Check = _fine


def _connection(around: Around) -> vol.Schema:
    rare: dict[vol.Marker, object] = {
        vol.Required(CONF_RISE_HOLD, default=30): number(0, 600, 1, "s"),
        vol.Required(CONF_VOLTAGE, default=VOLTAGE): number(100, 260, 1, "V"),
    }
    if around.phases == 3:
        rare[vol.Optional(CONF_UNBALANCE_LIMIT)] = amps(1, BIGGEST_FUSE)
    return vol.Schema(
        {
            vol.Required(CONF_HOUSE_MAXIMUM, default=around.fuse): amps(0, BIGGEST_FUSE),
            vol.Required(CONF_MARGIN, default=1.0): amps(0, 10, 0.5),
            vol.Required(CONF_LENIENT, default=False): YES_OR_NO,
        }
        | fold(
            FEEDING,
            {vol.Optional(CONF_EXPORT_LIMIT): watts(100_000), vol.Optional(CONF_CURTAILED_ABOVE): watts(100_000)},
        )
        | more(rare)
    )


_OPERATOR = vol.Schema(
    {
        vol.Optional(CONF_GRID_OPERATOR_ENTITY): entity(_LIMITS),
        vol.Optional(CONF_DEMAND_RESPONSE_ENTITY): entity(_LIMITS),
    }
)
_BACKUP = vol.Schema(
    {
        vol.Optional(CONF_OFF_GRID_ENTITY): entity(_ON_OFF),
        vol.Required(CONF_OFF_GRID_CHARGING, default=False): YES_OR_NO,
        vol.Optional(CONF_BACKUP_LIMIT): watts(100_000),
    }
    | more({vol.Optional(CONF_FREQUENCY_ENTITY): entity("sensor", "frequency")})
)
_SHARING = vol.Schema(
    {
        vol.Required(CONF_SUN_SHARING, default=SunSharing.PRIORITY.value): choice("sun_sharing", list(SunSharing)),
        vol.Required(CONF_SUN_BIAS, default=SunBias.BALANCED.value): choice("sun_bias", list(SunBias)),
    }
)

FORMS: Mapping[str, Form] = {
    "connection": Form(
        fields=_connection,
        keys=frozenset(
            {
                CONF_HOUSE_MAXIMUM,
                CONF_MARGIN,
                CONF_LENIENT,
                CONF_EXPORT_LIMIT,
                CONF_CURTAILED_ABOVE,
                CONF_RISE_HOLD,
                CONF_VOLTAGE,
                CONF_UNBALANCE_LIMIT,
            }
        ),
    ),
    "operator": Form(
        fields=lambda _: _OPERATOR, keys=frozenset({CONF_GRID_OPERATOR_ENTITY, CONF_DEMAND_RESPONSE_ENTITY})
    ),
    "backup": Form(
        fields=lambda _: _BACKUP,
        keys=frozenset({CONF_OFF_GRID_ENTITY, CONF_OFF_GRID_CHARGING, CONF_BACKUP_LIMIT, CONF_FREQUENCY_ENTITY}),
    ),
    "sharing": Form(fields=lambda _: _SHARING, keys=frozenset({CONF_SUN_SHARING, CONF_SUN_BIAS})),
}
"""The forms that are one step of the options each. Money and the sun have files of their own."""
