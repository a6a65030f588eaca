"""The fields of our forms: what may be typed or picked, in which unit, with which default."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from homeassistant.const import (
    CONF_HOST,
    CONF_NAME,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_TOKEN,
    CONF_USERNAME,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
    TimeSelector,
)
import voluptuous as vol

from ..const import (
    CONF_FUSE,
    CONF_PHASES,
    CONF_UNIT,
)
from ..engine.model import VehicleState

MORE = "more"
"""The section of a form that keeps what few people need out of sight."""

WEEK = "week"
COMFORT = "comfort"
GIVING = "giving"
FEEDING = "feeding"
RULE = "rule"
PAPERS = "papers"
WHOM = "whom"
BOUNDS = "bounds"
SUBSCRIPTION = "subscription"
METER = "meter_papers"
TAXES = "taxes"
BANK = "bank"
LETTER = "letter"
ONLINE = "online"
SECTIONS = (
    *(MORE, WEEK, COMFORT, GIVING, FEEDING, RULE, PAPERS),
    *(WHOM, BOUNDS, SUBSCRIPTION, METER, TAXES, BANK, LETTER, ONLINE),
)
"""Every folded section: of what is rare, of a week's days, of comfort, of cars that give, of what is fed in, of what a
driver may do and their documents need; of a tariff's people, bounds and subscription, of a charger's meter, of the
taxes, bank account, letters and payments of who sends statements."""

ANSWER = "answer"

BIGGEST_FUSE = 250
BIGGEST_CHARGER = 63

type Answers = dict[str, Any]
"""What Home Assistant hands a step: the form's fields, already checked against its schema."""


def flat(answers: Answers) -> Answers:
    """Return the answers as if the form had no folded sections."""
    shown = {key: value for key, value in answers.items() if key not in SECTIONS}
    hidden = (answers.get(name, {}) for name in SECTIONS)
    return shown | {key: value for part in hidden for key, value in part.items()}


def given(answers: Answers) -> Answers:
    """Return what was answered, without the fields that were left empty."""
    return {key: value for key, value in flat(answers).items() if value not in (None, "", [])}


def folded(values: Mapping[str, object]) -> Answers:
    """Return known values so that they are suggested both outside and inside the folded sections."""
    return {**values, **{name: dict(values) for name in SECTIONS}}


def whole(answers: Answers, *keys: str) -> Answers:
    """Return the answers with these numbers as whole ones: a number field always hands over a float."""
    return {key: int(value) if key in keys else value for key, value in answers.items()}


def fold[M: vol.Marker](name: str, fields: Mapping[M, object]) -> dict[vol.Marker, section]:
    return {vol.Required(name): section(vol.Schema(dict(fields)), {"collapsed": True})}


def more[M: vol.Marker](fields: Mapping[M, object]) -> dict[vol.Marker, section]:
    return fold(MORE, fields)


def number(low: float, high: float, step: float | Literal["any"] = 1.0, unit: str | None = None) -> NumberSelector:
    config = NumberSelectorConfig(min=low, max=high, step=step, mode=NumberSelectorMode.BOX)
    if unit:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def amps(low: float, high: float, step: float = 1.0) -> NumberSelector:
    return number(low, high, step, "A")


def watts(high: float) -> NumberSelector:
    return number(0, high, 1, "W")


def percent() -> NumberSelector:
    return number(0, 100, 1, "%")


def price(currency: str) -> NumberSelector:
    """Ask for a price of a kWh, which may be below nothing."""
    return number(-100, 100, "any", f"{currency}/kWh")


def money(currency: str, low: float = 0) -> NumberSelector:
    return number(low, 100_000, "any", currency)


def choice(translation_key: str, options: Sequence[str], *, several: bool = False) -> SelectSelector:
    mode = SelectSelectorMode.LIST if len(options) <= 3 else SelectSelectorMode.DROPDOWN
    return SelectSelector(
        SelectSelectorConfig(options=list(options), translation_key=translation_key, mode=mode, multiple=several)
    )


def named(options: Mapping[str, str], *, several: bool = False) -> SelectSelector:
    """Offer things that have a name of their own, by their key."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[SelectOptionDict(value=key, label=name) for key, name in options.items()],
            mode=SelectSelectorMode.DROPDOWN,
            multiple=several,
        )
    )


def entity(
    domain: str | list[str], device_class: str | list[str] | None = None, *, several: bool = False
) -> EntitySelector:
    if device_class is None:
        return EntitySelector(EntitySelectorConfig(filter=[{"domain": domain}], multiple=several))
    return EntitySelector(
        EntitySelectorConfig(filter=[{"domain": domain, "device_class": device_class}], multiple=several)
    )


def states(seen: Sequence[str]) -> SelectSelector:
    """Offer the words that a status entity is known to use; others may be typed."""
    return SelectSelector(
        SelectSelectorConfig(options=list(seen), multiple=True, custom_value=True, mode=SelectSelectorMode.DROPDOWN)
    )


TEXT = TextSelector()
LINES = TextSelector(TextSelectorConfig(multiline=True))
SECRET = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
YES_OR_NO = BooleanSelector()
TIME = TimeSelector()
POWER = entity("sensor", "power")
CURRENT = entity("sensor", "current")
TOLD = entity(["sensor", "text", "input_text"])
PORT = number(1, 65535)
UNIT = number(0, 255)

ONE_OR_THREE = choice("phases", ["1", "3"])

SITE_FORM = vol.Schema(
    {
        vol.Required(CONF_NAME): TEXT,
        vol.Required(CONF_PHASES, default="3"): ONE_OR_THREE,
        vol.Required(CONF_FUSE, default=25): amps(1, BIGGEST_FUSE),
    }
)

LOGIN_FORM = vol.Schema({vol.Optional(CONF_USERNAME): TEXT, vol.Required(CONF_PASSWORD): SECRET})
TOKEN_FORM = vol.Schema({vol.Required(CONF_TOKEN): SECRET})

SUN_FORM = vol.Schema(
    {
        vol.Optional("solar"): entity("sensor", "power", several=True),
        vol.Optional("battery_power"): POWER,
        vol.Optional("battery_soc"): entity("sensor", "battery"),
        vol.Optional("battery_invert", default=False): YES_OR_NO,
    }
    | more({vol.Optional(CONF_HOST): TEXT, vol.Optional(CONF_PORT): PORT, vol.Optional(CONF_UNIT): UNIT})
)
"""Sun and home battery in one form, every field of it may stay empty. The folded part is a SunSpec inverter."""

ANSWERS_TO_READING = ("right", "inverted", "again")
CHECK_FORM = vol.Schema({vol.Required(ANSWER, default="right"): choice("reading", ANSWERS_TO_READING)})


ASKED_STATES = (
    VehicleState.NOT_CONNECTED,
    VehicleState.CONNECTED,
    VehicleState.CHARGING,
    VehicleState.FAULT,
)


def states_form(seen: Sequence[str]) -> vol.Schema:
    """Ask what a charger's own words mean, in the order in which a charge goes."""
    return vol.Schema({vol.Optional(state.value.lower()): states(seen) for state in ASKED_STATES})
