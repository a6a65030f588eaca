"""Actions about people: drivers, cards and guests. Who changes them has to be an administrator, or an automation."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .action_row import SiteAction
from .const import SUBENTRY_VEHICLE
from .coordinator import SiteCoordinator
from .engine.access.codes import grouped
from .engine.access.learning import CardTaken, Lesson
from .engine.access.model import AccessRule, Card, Driver, Guest, Role
from .engine.model import ConnectorId
from .errors import mistake
from .guest_page import link
from .naming import meant, of_device
from .people import new_id
from .people_telling import told_card, told_driver, told_guest
from .rules import ATTR_CHARGERS, ATTR_TARIFF, ATTR_VALID_FROM, ATTR_VALID_UNTIL, RULE_FIELDS, rule_with
from .viewers import async_only_admins, async_viewer

ATTR_ACCOUNT: Final = "account"
ATTR_ACTIVE: Final = "active"
ATTR_ADDRESS: Final = "address"
ATTR_BLOCKED: Final = "blocked"
ATTR_CARD: Final = "card"
ATTR_CHARGE_CARD: Final = "charge_card"
ATTR_CITY: Final = "city"
ATTR_COUNTRY: Final = "country"
ATTR_DRIVER: Final = "driver"
ATTR_DURATION: Final = "duration"
ATTR_GUEST: Final = "guest"
ATTR_LABEL: Final = "label"
ATTR_LANGUAGE: Final = "language"
ATTR_NAME: Final = "name"
ATTR_PERSON: Final = "person"
ATTR_POSTCODE: Final = "postcode"
ATTR_ROLE: Final = "role"
ATTR_TIMEOUT: Final = "timeout"
ATTR_VEHICLE: Final = "vehicle"

_TEXT = vol.All(cv.string, vol.Length(min=1, max=200))
_COUNTRY = r"^[A-Z]{2}$"
_PATIENCE = timedelta(minutes=1)
_LONGEST = timedelta(minutes=10)

_ABOUT_FIELDS: VolDictType = {
    vol.Optional(ATTR_NAME): _TEXT,
    vol.Optional(ATTR_ROLE): vol.All(vol.Coerce(Role), vol.NotIn([Role.GUEST])),
    vol.Optional(ATTR_PERSON): vol.Any(None, cv.entity_domain("person")),
    vol.Optional(ATTR_LANGUAGE): vol.Any(None, cv.string),
    vol.Optional(ATTR_ADDRESS): vol.Any(None, cv.string),
    vol.Optional(ATTR_POSTCODE): vol.Any(None, cv.string),
    vol.Optional(ATTR_CITY): vol.Any(None, cv.string),
    vol.Optional(ATTR_COUNTRY): vol.Any(None, vol.All(cv.string, vol.Upper, vol.Match(_COUNTRY))),
    vol.Optional(ATTR_ACCOUNT): vol.Any(None, cv.string),
    vol.Optional(ATTR_ACTIVE): cv.boolean,
}
_ABOUT = tuple(str(field) for field in _ABOUT_FIELDS)


async def _set_driver(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    told, about = call.data.get(ATTR_DRIVER), {key: call.data[key] for key in _ABOUT if key in call.data}
    if told is None and ATTR_NAME not in about:
        raise mistake("driver_without_name")
    known = Driver(id=new_id(), name="") if told is None else driver_named(site, told)
    driver = replace(known, **about, rule=_rule(site, known.rule, call))
    if (charges := call.data.get(ATTR_CHARGE_CARD)) is not None:
        # What was charged before that is asked for as it would have been.
        driver = replace(driver, charged_from=(known.charged_from or dt_util.utcnow()) if charges else None)
    await site.access.desk.async_put(driver)
    site.async_apply()
    return {"driver": driver.id}


async def _forget_driver(site: SiteCoordinator, call: ServiceCall) -> None:
    await site.access.desk.async_forget(driver_named(site, call.data[ATTR_DRIVER], guests=True).id)
    site.async_apply()


async def _learn_card(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    vehicle = call.data.get(ATTR_VEHICLE)
    lesson = Lesson(
        driver=driver_named(site, call.data[ATTR_DRIVER]).id,
        until=dt_util.utcnow() + call.data[ATTR_TIMEOUT],
        connectors=frozenset(_connectors(site, call) or ()),
        label=call.data.get(ATTR_LABEL),
        vehicle=None if vehicle is None else _vehicle(site, vehicle),
    )
    try:
        card = await site.access.desk.async_learn(lesson)
    except TimeoutError as err:
        raise mistake("no_card_came") from err
    except CardTaken as err:
        raise mistake("card_of_another", name=name_of(site, err.driver)) from err
    return {"card": told_card(card)}


async def _set_card(site: SiteCoordinator, call: ServiceCall) -> None:
    card = card_named(site, call.data[ATTR_CARD])
    changes: dict[str, Any] = {key: call.data[key] for key in (ATTR_LABEL, ATTR_BLOCKED) if key in call.data}
    if (driver := call.data.get(ATTR_DRIVER)) is not None:
        changes[ATTR_DRIVER] = driver_named(site, driver).id
    if (vehicle := call.data.get(ATTR_VEHICLE)) is not None:
        changes[ATTR_VEHICLE] = _vehicle(site, vehicle)
    await site.access.desk.async_put(replace(card, **changes))
    site.async_apply()


async def _add_guest(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    rule = _rule(site, AccessRule(), call)
    if (duration := call.data.get(ATTR_DURATION)) is not None:
        rule = replace(rule, valid_until=(rule.valid_from or dt_util.utcnow()) + duration)
    if rule.valid_until is not None and rule.valid_until <= max(dt_util.utcnow(), rule.valid_from or dt_util.utcnow()):
        raise mistake("guest_is_over")
    guest, code = await site.access.codes.async_invite(call.data[ATTR_NAME], rule)
    return {"code": grouped(code), "link": link(site.hass, code), **told_guest(site, guest)}


async def _revoke_guest(site: SiteCoordinator, call: ServiceCall) -> None:
    await site.access.codes.async_revoke(guest_named(site, call.data[ATTR_GUEST]))
    site.async_apply()


async def _list_people(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType:
    people = site.access.desk.people
    viewer = await async_viewer(call.hass, call.context, people.drivers.values())
    drivers = [each for each in people.drivers.values() if viewer.sees(each.id) and each.id not in people.guests]
    cards = [each for each in people.cards.values() if viewer.sees(each.driver)]
    guests = people.guests.values() if viewer.sees_all else ()
    return {
        "drivers": [told_driver(site, each) for each in sorted(drivers, key=lambda each: each.name.casefold())],
        "cards": [told_card(each) for each in cards],
        "guests": [told_guest(site, each) for each in guests],
    }


def driver_named(site: SiteCoordinator, told: str, *, guests: bool = False) -> Driver:
    """Return the driver with a name or an id, or a guest with one."""
    people = site.access.desk.people
    known = {key: each for key, each in people.drivers.items() if guests or key not in people.guests}
    return known[meant(told, {key: each.name for key, each in known.items()}, "no_such_driver")]


def guest_named(site: SiteCoordinator, told: str) -> Guest:
    """Return the guest with a name or an id; of several with a name the one whose code still opens something."""
    guests = site.access.desk.people.guests
    open_ones = {key: each.name for key, each in guests.items() if not each.revoked}
    return guests[meant(told, open_ones, "unknown_guest")]


def card_named(site: SiteCoordinator, told: str) -> Card:
    """Return the card with a label or an id."""
    cards = {card.id: card for card in site.access.desk.people.cards.values()}
    return cards[meant(told, {key: card.label or "" for key, card in cards.items()}, "unknown_card")]


def name_of(site: SiteCoordinator, driver: str) -> str:
    """Return what a driver is called."""
    known = site.access.desk.people.drivers.get(driver)
    return driver if known is None else known.name


def _rule(site: SiteCoordinator, before: AccessRule, call: ServiceCall) -> AccessRule:
    said = {**call.data}
    if said.get(ATTR_TARIFF) is not None:
        said[ATTR_TARIFF] = meant(said[ATTR_TARIFF], site.tariffs.names, "unknown_tariff")
    rule = rule_with(before, said, _connectors(site, call))
    if rule.valid_from is not None and rule.valid_until is not None and rule.valid_until <= rule.valid_from:
        raise mistake("span_is_empty")
    return rule


def _vehicle(site: SiteCoordinator, told: str) -> str:
    subentries = site.config_entry.subentries.items()
    names = {key: sub.title for key, sub in subentries if sub.subentry_type == SUBENTRY_VEHICLE}
    return meant(of_device(site.hass, told), names, "unknown_vehicle")


def _connectors(site: SiteCoordinator, call: ServiceCall) -> list[ConnectorId] | None:
    if (told := call.data.get(ATTR_CHARGERS)) is None:
        return None
    names = {key: connector.name for key, connector in site.connectors.items()}
    return [meant(of_device(site.hass, each), names, "unknown_charger") for each in told]


type _Do = Callable[[SiteCoordinator, ServiceCall], Awaitable[JsonObjectType | None]]


def _by_admins(do: _Do) -> _Do:
    async def checked(site: SiteCoordinator, call: ServiceCall) -> JsonObjectType | None:
        await async_only_admins(call.hass, call.context)
        return await do(site, call)

    return checked


_RULE_FIELDS: VolDictType = {**RULE_FIELDS, vol.Optional(ATTR_TARIFF): vol.Any(None, cv.string)}
_CARD_FIELDS: VolDictType = {vol.Optional(ATTR_LABEL): _TEXT, vol.Optional(ATTR_VEHICLE): cv.string}
_GUEST_FIELDS = {key: check for key, check in _RULE_FIELDS.items() if key not in (ATTR_VALID_FROM, ATTR_VALID_UNTIL)}

PEOPLE_ACTIONS: tuple[SiteAction, ...] = (
    SiteAction(
        name="set_driver",
        fields={
            vol.Optional(ATTR_DRIVER): cv.string,
            **_ABOUT_FIELDS,
            **_RULE_FIELDS,
            vol.Optional(ATTR_CHARGE_CARD): cv.boolean,
        },
        do=_by_admins(_set_driver),
        may_answer=True,
    ),
    SiteAction(name="forget_driver", fields={vol.Required(ATTR_DRIVER): cv.string}, do=_by_admins(_forget_driver)),
    SiteAction(
        name="learn_card",
        fields={
            vol.Required(ATTR_DRIVER): cv.string,
            vol.Optional(ATTR_CHARGERS): vol.All(cv.ensure_list, [cv.string]),
            **_CARD_FIELDS,
            vol.Optional(ATTR_TIMEOUT, default=_PATIENCE): vol.All(
                cv.positive_time_period, vol.Range(min=timedelta(seconds=5), max=_LONGEST)
            ),
        },
        do=_by_admins(_learn_card),
        may_answer=True,
    ),
    SiteAction(
        name="set_card",
        fields={
            vol.Required(ATTR_CARD): cv.string,
            vol.Optional(ATTR_DRIVER): cv.string,
            **_CARD_FIELDS,
            vol.Optional(ATTR_BLOCKED): cv.boolean,
        },
        do=_by_admins(_set_card),
    ),
    SiteAction(
        name="add_guest",
        fields={
            vol.Required(ATTR_NAME): _TEXT,
            **_GUEST_FIELDS,
            vol.Optional(ATTR_VALID_FROM): cv.datetime,
            vol.Exclusive(ATTR_VALID_UNTIL, "end"): cv.datetime,
            vol.Exclusive(ATTR_DURATION, "end"): cv.positive_time_period,
        },
        do=_by_admins(_add_guest),
        answers=True,
    ),
    SiteAction(name="revoke_guest", fields={vol.Required(ATTR_GUEST): cv.string}, do=_by_admins(_revoke_guest)),
    SiteAction(name="list_people", fields={}, do=_list_people, answers=True),
)
