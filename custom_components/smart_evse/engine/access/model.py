"""The nouns of access.

Times are aware UTC, hours and weekdays those of the site's zone, energies Wh, money `Decimal`.
"""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum


class Role(StrEnum):
    """What a driver is to whoever owns the site."""

    HOUSEHOLD = "household"
    EMPLOYEE = "employee"
    TENANT = "tenant"
    GUEST = "guest"


class Admission(StrEnum):
    """What a connector does with somebody it does not know."""

    FREE = "free"
    """Whoever plugs in may charge, nobody is asked."""
    ANY_CARD = "any_card"
    """Any card opens it; an unknown one is put on record."""
    KNOWN = "known"
    """Only who is known, the default wherever access is controlled."""


class Verdict(StrEnum):
    """Why access was granted or refused."""

    FREE = "free"
    DRIVER = "driver"
    GUEST = "guest"
    CARD = "card"
    """A card that nobody owns, where any card will do."""
    OWNER = "owner"
    UNKNOWN_CARD = "unknown_card"
    CARD_BLOCKED = "card_blocked"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    WRONG_CHARGER = "wrong_charger"
    WRONG_TIME = "wrong_time"
    QUOTA_SPENT = "quota_spent"
    WRONG_CODE = "wrong_code"
    TOO_MANY_CODES = "too_many_codes"
    WAITING = "waiting"
    """Nobody has shown yet who they are."""

    @property
    def granted(self) -> bool:
        """Whether it lets the car charge."""
        return self in (Verdict.FREE, Verdict.DRIVER, Verdict.GUEST, Verdict.CARD, Verdict.OWNER)


class Period(StrEnum):
    """What a quota is counted over, in the site's zone."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The most that may be taken in a period: `energy` in Wh, `money` in the site's currency."""

    period: Period
    energy: int | None = None
    money: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A span of the day on some weekdays (Monday is 0); one that ends before it begins runs past midnight."""

    weekdays: frozenset[int]
    begin: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule:
    """What somebody may do. Nothing listed means no restriction; `connectors` are ids, `tariff` is one too."""

    connectors: frozenset[str] = frozenset()
    hours: tuple[Hours, ...] = ()
    quota: Quota | None = None
    tariff: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOnFile:
    """A payment card that somebody left with a provider of payments: its references, and nothing of the card.

    `issuer` is the id of whom it pays, `since` when it was left.
    """

    provider: str
    customer: str
    method: str
    issuer: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A person who charges. Personal data: it lives in the ledger and nowhere else.

    `person` is a Home Assistant person entity, `language` one of BCP 47, `account` an IBAN or what serves as one.
    `address` is lines as on an envelope, in which postcode and city may stand, too; `country` is ISO 3166-1.
    Sessions that begin from `charged_from` on are taken from the `card_on_file` by themselves; `None`: they are not.
    """

    id: str
    name: str
    role: Role = Role.HOUSEHOLD
    person: str | None = None
    language: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    account: str | None = None
    rule: AccessRule = AccessRule()
    active: bool = True
    card_on_file: CardOnFile | None = None
    charged_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An RFID card.

    `number` is what readers tell, in upper case without separators; events and states never carry it.
    """

    id: str
    number: str
    driver: str | None = None
    label: str | None = None
    vehicle: str | None = None
    blocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A code that opens a connector for a while; only the code's keyed hash is kept."""

    id: str
    name: str
    code_hash: str
    rule: AccessRule = AccessRule()
    revoked: bool = False
