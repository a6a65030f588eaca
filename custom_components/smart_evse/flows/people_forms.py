"""The forms about people: who they are, what they may do, their cards."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from homeassistant.const import CONF_COUNTRY, CONF_NAME
from homeassistant.helpers.selector import CountrySelector, DateTimeSelector, LanguageSelector, LanguageSelectorConfig
import voluptuous as vol

from ..const import CONF_ADMISSION, CONF_CITY, CONF_GUEST_PAGE, CONF_PERSON, CONF_POSTCODE
from ..engine.access.model import AccessRule, Admission, Card, Driver, Guest, Period, Role
from ..rules import (
    ATTR_BEGINS,
    ATTR_CHARGERS,
    ATTR_ENDS,
    ATTR_ENERGY,
    ATTR_MONEY,
    ATTR_PERIOD,
    ATTR_TARIFF,
    ATTR_VALID_FROM,
    ATTR_VALID_UNTIL,
    ATTR_WEEKDAYS,
    DAYS,
    MOST_ENERGY,
    MOST_MONEY,
    rule_fields,
    rule_with,
)
from .fields import LINES, PAPERS, RULE, TEXT, TIME, YES_OR_NO, Answers, choice, entity, fold, given, named, number

ACCOUNT: Final = "account"
ACTIVE: Final = "active"
ADDRESS: Final = "address"
BLOCKED: Final = "blocked"
CARD: Final = "card"
DRIVER: Final = "driver"
FORGET: Final = "forget"
GUEST: Final = "guest"
LABEL: Final = "label"
LANGUAGE: Final = "language"
REVOKED: Final = "revoked"
ROLE: Final = "role"
VEHICLE: Final = "vehicle"

_ROLES = [role.value for role in Role if role is not Role.GUEST]
_LANGUAGES = ["de", "en", "fr", "nl", "sv"]
_EMPTY: Final = (
    *(ATTR_CHARGERS, ATTR_WEEKDAYS, ATTR_BEGINS, ATTR_ENDS, ATTR_ENERGY, ATTR_MONEY, ATTR_PERIOD),
    *(ATTR_VALID_FROM, ATTR_VALID_UNTIL),
)

type Names = Mapping[str, str]
"""What things are called, by their id."""


NOTHING: Final = vol.Schema({})
"""A form that only tells something."""


def admission_form(connectors: Names) -> vol.Schema:
    asked: dict[vol.Marker, object] = {}
    if len(connectors) > 1:
        asked[vol.Required(ATTR_CHARGERS, default=list(connectors))] = named(connectors, several=True)
    asked[vol.Required(CONF_ADMISSION)] = choice("admission", list(Admission))
    asked[vol.Required(CONF_GUEST_PAGE, default=False)] = YES_OR_NO
    return vol.Schema(asked)


def pick_form(field: str, names: Names) -> vol.Schema:
    return vol.Schema({vol.Required(field): named(names)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a permission may speak of: the site's connectors, its tariffs, and its currency."""

    connectors: Names
    tariffs: Names
    currency: str

    @property
    def alone(self) -> bool:
        """Whether there is one charger, which nobody is asked for."""
        return len(self.connectors) == 1


def driver_form(around: Around, *, known: bool) -> vol.Schema:
    end: dict[vol.Marker, object] = {vol.Required(FORGET, default=False): YES_OR_NO} if known else {}
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TEXT,
            vol.Required(ROLE, default=Role.HOUSEHOLD.value): choice("driver_role", _ROLES),
            vol.Optional(CONF_PERSON): entity("person"),
            vol.Required(ACTIVE, default=True): YES_OR_NO,
            **_rule_section(around),
            **fold(
                PAPERS,
                {
                    vol.Optional(LANGUAGE): LanguageSelector(LanguageSelectorConfig(languages=_LANGUAGES)),
                    vol.Optional(ADDRESS): LINES,
                    vol.Optional(CONF_POSTCODE): TEXT,
                    vol.Optional(CONF_CITY): TEXT,
                    vol.Optional(CONF_COUNTRY): CountrySelector(),
                    vol.Optional(ACCOUNT): TEXT,
                },
            ),
            **end,
        }
    )


def guest_form(around: Around, *, known: bool) -> vol.Schema:
    end: dict[vol.Marker, object] = {vol.Required(REVOKED, default=False): YES_OR_NO} if known else {}
    return vol.Schema({vol.Required(CONF_NAME): TEXT, **_VALIDITY, **_rule_section(around, {}), **end})


def card_form(drivers: Names, vehicles: Names, *, known: bool) -> vol.Schema:
    asked: dict[vol.Marker, object] = {vol.Required(DRIVER): named(drivers), vol.Optional(LABEL): TEXT}
    if vehicles:
        asked[vol.Optional(VEHICLE)] = named(vehicles)
    if known:
        asked[vol.Required(BLOCKED, default=False)] = YES_OR_NO
    return vol.Schema(asked)


_VALIDITY: dict[vol.Marker, object] = {
    vol.Optional(ATTR_VALID_FROM): DateTimeSelector(),
    vol.Optional(ATTR_VALID_UNTIL): DateTimeSelector(),
}


def _rule_section(around: Around, validity: Mapping[vol.Marker, object] = _VALIDITY) -> dict[vol.Marker, object]:
    where: dict[vol.Marker, object] = {}
    if not around.alone:
        where[vol.Optional(ATTR_CHARGERS)] = named(around.connectors, several=True)
    pays: dict[vol.Marker, object] = {}
    if around.tariffs:
        pays[vol.Optional(ATTR_TARIFF)] = named(around.tariffs)
    hidden = fold(
        RULE,
        {
            **where,
            vol.Optional(ATTR_WEEKDAYS): choice("weekday", DAYS, several=True),
            vol.Optional(ATTR_BEGINS): TIME,
            vol.Optional(ATTR_ENDS): TIME,
            vol.Optional(ATTR_ENERGY): number(0.1, MOST_ENERGY, 0.1, "kWh"),
            vol.Optional(ATTR_MONEY): number(0.01, MOST_MONEY, 0.01, around.currency),
            vol.Optional(ATTR_PERIOD): choice("quota_period", list(Period)),
            **pays,
            **validity,
        },
    )
    return dict(hidden)


def driver_said(answers: Answers, before: Driver, around: Around) -> Driver:
    """Return a driver as the form has them."""
    said = given(answers)
    return replace(
        before,
        name=said[CONF_NAME],
        role=Role(said[ROLE]),
        person=said.get(CONF_PERSON),
        language=said.get(LANGUAGE),
        address=said.get(ADDRESS),
        postcode=said.get(CONF_POSTCODE),
        city=said.get(CONF_CITY),
        country=said.get(CONF_COUNTRY),
        account=said.get(ACCOUNT),
        active=said[ACTIVE],
        rule=rule_said(said, before.rule, around),
    )


def rule_said(said: Answers, before: AccessRule, around: Around) -> AccessRule:
    """Return a rule as a form has it: what was left empty limits nothing. A tariff of another site stays."""
    asked: Answers = {**dict.fromkeys(_EMPTY), ATTR_WEEKDAYS: [], **said}
    if before.tariff is None or before.tariff in around.tariffs or ATTR_TARIFF in said:
        asked[ATTR_TARIFF] = said.get(ATTR_TARIFF)
    return rule_with(before, asked, None if around.alone else said.get(ATTR_CHARGERS, ()))


def shown(party: Driver | Card | Guest, around: Around | None = None) -> Answers:
    """Return what is known of somebody as the fields of their form."""
    known = {field.name: getattr(party, field.name) for field in fields(party) if field.name != "rule"}
    rule = {} if isinstance(party, Card) else rule_fields(party.rule)
    if around is None or rule.get(ATTR_TARIFF) not in around.tariffs:
        rule.pop(ATTR_TARIFF, None)
    return {key: value for key, value in known.items() if value is not None} | rule
