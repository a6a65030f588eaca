"""People as JSON, for the answers of actions: names and rules, and never a card's number or a code."""

from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from .card_readers import mask
from .coordinator import SiteCoordinator
from .engine.access.model import AccessRule, Card, Driver, Guest
from .rules import ATTR_CHARGERS, rule_fields


def told_driver(site: SiteCoordinator, driver: Driver) -> JsonObjectType:
    """Return a driver with what they may do and what they have used of their quota: kWh, and the site's currency."""
    told: JsonObjectType = {
        "id": driver.id,
        "name": driver.name,
        "role": driver.role.value,
        "person": driver.person,
        "active": driver.active,
        "language": driver.language,
        "address": driver.address,
        "postcode": driver.postcode,
        "city": driver.city,
        "country": driver.country,
        "account": driver.account,
        "card_on_file": driver.card_on_file is not None,
        "charge_card": driver.charged_from is not None,
        "rule": _told_rule(site, driver.rule),
    }
    return told | _used(site, driver.id, driver.rule)


def shown_number(card: Card) -> str:
    """Return what may be shown of a card's number; its place in the list of a box is no secret."""
    place = card.number.partition("#")[2]
    return f"#{place}" if place else mask(card.number)


def told_card(card: Card) -> JsonObjectType:
    """Return a card with the end of its number, which tells the cards of a household apart."""
    return {
        "id": card.id,
        "number": shown_number(card),
        "label": card.label,
        "driver": card.driver,
        "vehicle": card.vehicle,
        "blocked": card.blocked,
    }


def told_guest(site: SiteCoordinator, guest: Guest) -> JsonObjectType:
    """Return a guest with what they may do."""
    told: JsonObjectType = {
        "id": guest.id,
        "name": guest.name,
        "revoked": guest.revoked,
        "rule": _told_rule(site, guest.rule),
    }
    return told | _used(site, guest.id, guest.rule)


def _told_rule(site: SiteCoordinator, rule: AccessRule) -> JsonObjectType:
    names = {key: connector.name for key, connector in site.connectors.items()}
    chargers = [names.get(key, key) for key in sorted(rule.connectors)]
    return {**rule_fields(rule), **({ATTR_CHARGERS: chargers} if chargers else {})}


def _used(site: SiteCoordinator, account: str, rule: AccessRule) -> JsonObjectType:
    if rule.quota is None:
        return {}
    used = site.access.door.used(account, rule.quota, dt_util.utcnow())
    return {"used": {"energy": used.energy / 1000, "money": float(round(used.money, 2))}}
