"""The forms about money: what a kWh from the grid costs, and what one into it earns."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import ObjectSelector, ObjectSelectorConfig
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from ..const import (
    CONF_EXPORT_ADD,
    CONF_EXPORT_ENTITIES,
    CONF_EXPORT_FACTOR,
    CONF_EXPORT_KIND,
    CONF_EXPORT_VAT,
    CONF_PRICE_ADD,
    CONF_PRICE_BANDS,
    CONF_PRICE_ENTITIES,
    CONF_PRICE_FACTOR,
    CONF_PRICE_KIND,
    CONF_PRICE_VAT,
    CONF_SLOT_MINUTES,
    DOMAIN,
)
from ..site_options import PriceKind
from ..tariffs.fixed import BAND_ADD, BAND_END, BAND_START, BAND_WEEKDAYS
from .fields import TIME, YES_OR_NO, Answers, choice, entity, given, more, named, number, price, whole
from .price_check import read_prices
from .probe import Unfit
from .settings import Around, Check, Form, Options

DAY = "day_price"
NIGHT = "night_price"
NIGHT_START = "night_start"
NIGHT_END = "night_end"
WEEKEND = "weekend_is_night"

_WEEKEND_BAND = {BAND_START: "00:00:00", BAND_END: "00:00:00", BAND_WEEKDAYS: [5, 6]}
_PRICES = frozenset(
    {
        CONF_PRICE_KIND,
        CONF_PRICE_ENTITIES,
        CONF_PRICE_FACTOR,
        CONF_PRICE_ADD,
        CONF_PRICE_VAT,
        CONF_PRICE_BANDS,
        CONF_SLOT_MINUTES,
    }
)
_EXPORTS = frozenset({CONF_EXPORT_KIND, CONF_EXPORT_ENTITIES, CONF_EXPORT_FACTOR, CONF_EXPORT_ADD, CONF_EXPORT_VAT})

_SOURCES = ["sensor", "event", "number", "input_number"]
_SLOTS = ("15", "30", "60")
_FACTOR = number(-10, 10, "any")
_VAT = number(0, 100, 0.1, "%")


async def weekdays(hass: HomeAssistant) -> dict[str, str]:
    """Name the days of the week in the site's language: a browser translates no choices inside a list."""
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    return {str(day): texts[f"component.{DOMAIN}.selector.weekday.options.{day}"] for day in range(7)}


def _bands(around: Around) -> ObjectSelector:
    """Ask for surcharges by the clock, such as a network tariff's."""
    days = named(around.weekdays, several=True)
    return ObjectSelector(
        ObjectSelectorConfig(
            fields={
                BAND_START: {"selector": TIME.serialize()["selector"], "required": True},
                BAND_END: {"selector": TIME.serialize()["selector"], "required": True},
                BAND_ADD: {"selector": price(around.currency).serialize()["selector"], "required": True},
                BAND_WEEKDAYS: {"selector": days.serialize()["selector"]},
            },
            multiple=True,
            label_field=BAND_START,
            description_field=BAND_ADD,
            translation_key="price_band",
        )
    )


def _market(around: Around) -> vol.Schema:
    return vol.Schema(
        {vol.Required(CONF_PRICE_ENTITIES): entity(_SOURCES, several=True)}
        | more(
            {
                vol.Required(CONF_PRICE_FACTOR, default=1): _FACTOR,
                vol.Required(CONF_PRICE_ADD, default=0): price(around.currency),
                vol.Required(CONF_PRICE_VAT, default=0): _VAT,
                vol.Optional(CONF_PRICE_BANDS): _bands(around),
                vol.Required(CONF_SLOT_MINUTES, default=_SLOTS[0]): choice("slot_minutes", _SLOTS),
            }
        )
    )


def _market_said(answers: Answers) -> Answers:
    return whole(given(answers), CONF_SLOT_MINUTES)


def _market_shown(options: Options) -> Answers:
    """Show the slots as the words that may be chosen."""
    return {**options, CONF_SLOT_MINUTES: str(options.get(CONF_SLOT_MINUTES, _SLOTS[0]))}


def _day_and_night(around: Around) -> vol.Schema:
    return vol.Schema(
        {
            vol.Required(DAY): price(around.currency),
            vol.Required(NIGHT): price(around.currency),
            vol.Required(NIGHT_START, default="23:00:00"): TIME,
            vol.Required(NIGHT_END, default="07:00:00"): TIME,
            vol.Required(WEEKEND, default=True): YES_OR_NO,
        }
    )


def day_and_night_said(answers: Answers) -> Answers:
    """Turn two prices into one with a band for the night, and one for the weekend where that counts as night."""
    less = round(answers[NIGHT] - answers[DAY], 6)
    bands = [{BAND_START: answers[NIGHT_START], BAND_END: answers[NIGHT_END]}]
    bands += [_WEEKEND_BAND] if answers[WEEKEND] else []
    return {CONF_PRICE_ADD: answers[DAY], CONF_PRICE_BANDS: [{**band, BAND_ADD: less} for band in bands]}


def day_and_night_shown(options: Options) -> Answers:
    """Turn the bands back into two prices."""
    bands: list[Mapping[str, Any]] = options.get(CONF_PRICE_BANDS) or []
    if options.get(CONF_PRICE_KIND) != PriceKind.FIXED or not bands:
        return {}
    night = bands[0]
    return {
        DAY: options.get(CONF_PRICE_ADD),
        NIGHT: round(options.get(CONF_PRICE_ADD, 0.0) + night[BAND_ADD], 6),
        NIGHT_START: night[BAND_START],
        NIGHT_END: night[BAND_END],
        WEEKEND: len(bands) > 1,
    }


async def _night_has_length(_hass: HomeAssistant, options: Options) -> None:
    night = options[CONF_PRICE_BANDS][0]
    if night[BAND_START] == night[BAND_END]:
        raise Unfit("no_night", NIGHT_END)


def _tells_prices(field: str) -> Check:
    """Return what makes sure that a price can be read: what cannot be read now would be missed for days."""

    async def check(hass: HomeAssistant, options: Options) -> None:
        await read_prices(hass, field, options[field])

    return check


def _of_kind(kind: PriceKind, key: str, said: Callable[[Answers], Answers]) -> Callable[[Answers], Answers]:
    return lambda answers: {key: kind.value, **said(answers)}


def _export_fields(around: Around) -> dict[vol.Marker, object]:
    return dict(
        more(
            {
                vol.Required(CONF_EXPORT_FACTOR, default=1): _FACTOR,
                vol.Required(CONF_EXPORT_ADD, default=0): price(around.currency),
                vol.Required(CONF_EXPORT_VAT, default=0): _VAT,
            }
        )
    )


def _nothing(_answers: Answers) -> Answers:
    return {}


PRICE_FORMS: Mapping[str, Form] = {
    "price_entities": Form(
        fields=_market,
        keys=_PRICES,
        said=_of_kind(PriceKind.ENTITIES, CONF_PRICE_KIND, _market_said),
        shown=_market_shown,
        check=_tells_prices(CONF_PRICE_ENTITIES),
    ),
    "price_day_night": Form(
        fields=_day_and_night,
        keys=_PRICES,
        said=_of_kind(PriceKind.FIXED, CONF_PRICE_KIND, day_and_night_said),
        shown=day_and_night_shown,
        check=_night_has_length,
    ),
    "price_fixed": Form(
        fields=lambda around: vol.Schema({vol.Required(CONF_PRICE_ADD): price(around.currency)}),
        keys=_PRICES,
        said=_of_kind(PriceKind.FIXED, CONF_PRICE_KIND, given),
    ),
    "price_none": Form(fields=lambda _: vol.Schema({}), keys=_PRICES, said=_nothing),
}
"""What a kWh from the grid costs, in the order in which it is offered."""

FEED_IN_FORMS: Mapping[str, Form] = {
    "feed_in_fixed": Form(
        fields=lambda around: vol.Schema({vol.Required(CONF_EXPORT_ADD): price(around.currency)}),
        keys=_EXPORTS,
        said=_of_kind(PriceKind.FIXED, CONF_EXPORT_KIND, given),
    ),
    "feed_in_same": Form(
        fields=lambda around: vol.Schema(_export_fields(around)),
        keys=_EXPORTS,
        said=_of_kind(PriceKind.SAME, CONF_EXPORT_KIND, given),
    ),
    "feed_in_entities": Form(
        fields=lambda around: vol.Schema(
            {vol.Required(CONF_EXPORT_ENTITIES): entity(_SOURCES, several=True)} | _export_fields(around)
        ),
        keys=_EXPORTS,
        said=_of_kind(PriceKind.ENTITIES, CONF_EXPORT_KIND, given),
        check=_tells_prices(CONF_EXPORT_ENTITIES),
    ),
    "feed_in_none": Form(fields=lambda _: vol.Schema({}), keys=_EXPORTS, said=_nothing),
}
"""What a kWh into the grid earns."""
