"""Who may charge now, and why not.

Somebody is asked again at every beat: hours and quotas end while a car charges, and hours come again.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from .hours import is_open
from .model import AccessRule, Admission, Verdict
from .people import People
from .quota import Used, is_spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who showed up at a connector, and since when: ids of a card on record, a driver or a guest.

    With neither of them it was a card that nobody knows. `by_owner` says that whoever runs the site let them in.
    """

    since: datetime
    card: str | None = None
    driver: str | None = None
    guest: str | None = None
    by_owner: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and when: a connector, what it does with strangers, the moment and the site's zone."""

    connector: str
    admission: Admission
    utc: datetime
    zone: tzinfo


def admit(bearer: Bearer | None, place: Place, people: People, used: Used) -> Verdict:
    """Say whether a connector charges the car of whoever showed up there; `bearer` is `None` for nobody yet.

    `used` is what they have taken since the beginning of their quota's period.
    """
    if place.admission is Admission.FREE:
        return Verdict.FREE
    if bearer is None:
        return Verdict.WAITING
    if bearer.by_owner:
        return Verdict.OWNER
    known = _known(bearer, place.admission, people)
    if not known.granted:
        return known
    return _ruled(rule_of(bearer, people), place, used) or known


def rule_of(bearer: Bearer, people: People) -> AccessRule:
    """Return what somebody may do; of whom nothing is said, everything."""
    if bearer.guest is not None and (guest := people.guests.get(bearer.guest)) is not None:
        return guest.rule
    driver = people.drivers.get(account_of(bearer, people) or "")
    return AccessRule() if driver is None else driver.rule


def account_of(bearer: Bearer, people: People) -> str | None:
    """Return the id of the driver or guest on whose account somebody charges: a card counts for whose it is now."""
    card = None if bearer.card is None else people.card(bearer.card)
    return bearer.guest or (bearer.driver if card is None else card.driver)


def is_known(bearer: Bearer, people: People) -> bool:
    """Say whether somebody is who they say, whatever they may do: by a card that is not blocked, or a code."""
    return not bearer.by_owner and _known(bearer, Admission.KNOWN, people).granted


def show_card(number: str, people: People, utc: datetime) -> Bearer:
    """Return who holds a card in front of a reader; `number` is as it is kept."""
    card = people.cards.get(number)
    return Bearer(since=utc) if card is None else Bearer(since=utc, card=card.id, driver=card.driver)


def _known(bearer: Bearer, admission: Admission, people: People) -> Verdict:
    """Say whether somebody is known, whatever they may do."""
    if bearer.guest is not None:
        guest = people.guests.get(bearer.guest)
        return Verdict.EXPIRED if guest is None or guest.revoked else Verdict.GUEST
    card = None if bearer.card is None else people.card(bearer.card)
    if card is not None and card.blocked:
        return Verdict.CARD_BLOCKED
    if bearer.card is not None and card is None:
        return Verdict.UNKNOWN_CARD
    driver = people.drivers.get(account_of(bearer, people) or "")
    if driver is not None:
        return Verdict.DRIVER if driver.active else Verdict.CARD_BLOCKED
    if card is not None and admission is Admission.ANY_CARD:
        return Verdict.CARD
    return Verdict.UNKNOWN_CARD


def _ruled(rule: AccessRule, place: Place, used: Used) -> Verdict | None:
    """Return what a rule has against it, the one that lasts longest first."""
    if rule.valid_until is not None and place.utc >= rule.valid_until:
        return Verdict.EXPIRED
    if rule.valid_from is not None and place.utc < rule.valid_from:
        return Verdict.NOT_YET_VALID
    if rule.connectors and place.connector not in rule.connectors:
        return Verdict.WRONG_CHARGER
    if rule.quota is not None and is_spent(rule.quota, used):
        return Verdict.QUOTA_SPENT
    return None if is_open(rule.hours, place.utc, place.zone) else Verdict.WRONG_TIME
