"""How chargers and meters are reached: one form for each way."""

from collections.abc import Mapping

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_TOKEN, CONF_USERNAME
from homeassistant.helpers.selector import SerialPortSelector
import voluptuous as vol

from ..const import CONF_BAUDRATE, CONF_DSMR_VERSION, CONF_INVERT, CONF_SERIAL_PORT, CONF_UNIT
from .fields import CURRENT, PORT, POWER, SECRET, TEXT, TOLD, UNIT, YES_OR_NO, entity, more, named, number

# The names that the standards have; a telegram tells its version by itself in nearly every case.
DSMR_VERSION = named(
    {
        "2.2": "DSMR 2.2, 3.0 (NL)",
        "4": "DSMR 4 (NL)",
        "5": "DSMR 5 (NL)",
        "5B": "e-MUCS (BE)",
        "5L": "Smarty (LU)",
        "5S": "HAN/P1 (SE)",
    }
)

CHARGER_FORMS: Mapping[str, vol.Schema] = {
    "charger_tcp": vol.Schema(
        {vol.Required(CONF_HOST): TEXT} | more({vol.Optional(CONF_PORT): PORT, vol.Optional(CONF_UNIT): UNIT})
    ),
    "charger_serial": vol.Schema(
        {vol.Required(CONF_SERIAL_PORT): SerialPortSelector()}
        | more({vol.Optional(CONF_BAUDRATE): number(300, 1_000_000), vol.Optional(CONF_UNIT): UNIT})
    ),
    "charger_http": vol.Schema({vol.Required(CONF_HOST): TEXT} | more({vol.Optional(CONF_PORT): PORT})),
    "charger_login": vol.Schema(
        {
            vol.Required(CONF_HOST): TEXT,
            vol.Optional(CONF_USERNAME): TEXT,
            vol.Optional(CONF_PASSWORD): SECRET,
        }
        | more({vol.Optional(CONF_PORT): PORT})
    ),
    "charger_entities": vol.Schema(
        {
            vol.Required("status"): entity(["sensor", "binary_sensor", "select", "input_select"]),
            vol.Required("current_number"): entity(["number", "input_number"]),
            vol.Optional("enable"): entity(["switch", "input_boolean"]),
            vol.Optional("power"): POWER,
            vol.Optional("energy"): entity("sensor", "energy"),
        }
        | more(
            {
                vol.Optional("phase_select"): entity(["select", "switch", "input_select"]),
                vol.Optional("current_l1"): CURRENT,
                vol.Optional("current_l2"): CURRENT,
                vol.Optional("current_l3"): CURRENT,
                vol.Optional("card"): TOLD,
                vol.Optional("vehicle_id"): TOLD,
                vol.Optional("stay"): TOLD,
            }
        )
    ),
    "charger_demo": vol.Schema({}),
}

METER_FORMS: Mapping[str, vol.Schema] = {
    "p1": vol.Schema(
        {vol.Required(CONF_HOST): TEXT, vol.Required(CONF_PORT, default=23): PORT}
        | more({vol.Optional(CONF_DSMR_VERSION): DSMR_VERSION})
    ),
    "p1_serial": vol.Schema(
        {vol.Required(CONF_SERIAL_PORT): SerialPortSelector()} | more({vol.Optional(CONF_DSMR_VERSION): DSMR_VERSION})
    ),
    "homewizard": vol.Schema({vol.Required(CONF_HOST): TEXT} | more({vol.Optional(CONF_TOKEN): SECRET})),
    "smartevse": vol.Schema({vol.Required(CONF_HOST): TEXT} | more({vol.Optional(CONF_PORT, default=80): PORT})),
    "sunspec": vol.Schema(
        {vol.Required(CONF_HOST): TEXT} | more({vol.Optional(CONF_PORT): PORT, vol.Optional(CONF_UNIT): UNIT})
    ),
    "grid_entities": vol.Schema(
        {
            vol.Optional("power"): POWER,
            vol.Optional("import"): POWER,
            vol.Optional("export"): POWER,
        }
        | more(
            {vol.Optional(f"l{phase}"): POWER for phase in (1, 2, 3)}
            | {vol.Optional(f"current_l{phase}"): CURRENT for phase in (1, 2, 3)}
        )
    ),
    "solar_entities": vol.Schema({vol.Required("power"): POWER}),
    "battery_entities": vol.Schema(
        {
            vol.Required("power"): POWER,
            vol.Optional("soc"): entity("sensor", "battery"),
            vol.Optional(CONF_INVERT, default=False): YES_OR_NO,
        }
    ),
    "demo": vol.Schema({}),
}
