"""What somebody may do, from the fields of an action or a form: at which chargers, in which hours, how much."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .engine.access.model import AccessRule, Hours, Period, Quota
from .engine.model import ConnectorId

ATTR_CHARGERS: Final = "chargers"
ATTR_WEEKDAYS: Final = "weekdays"
ATTR_BEGINS: Final = "begins"
ATTR_ENDS: Final = "ends"
ATTR_ENERGY: Final = "energy"
ATTR_MONEY: Final = "money"
ATTR_PERIOD: Final = "period"
ATTR_TARIFF: Final = "tariff"
ATTR_VALID_FROM: Final = "valid_from"
ATTR_VALID_UNTIL: Final = "valid_until"

MOST_ENERGY: Final = 100_000
"""No quota is larger, in kWh."""

MOST_MONEY: Final = 100_000

_MIDNIGHT: Final = time(0)
_EVERY_DAY: Final = frozenset(range(7))
_TIMES = (ATTR_WEEKDAYS, ATTR_BEGINS, ATTR_ENDS)
_AMOUNTS = (ATTR_ENERGY, ATTR_MONEY, ATTR_PERIOD)

DAYS: Final = tuple(str(day) for day in range(7))
"""Monday is 0."""


def _amount(most: float) -> object:
    return vol.All(vol.Coerce(float), vol.Range(min=0, min_included=False, max=most))


RULE_FIELDS: Final[VolDictType] = {
    vol.Optional(ATTR_CHARGERS): vol.All(cv.ensure_list, [cv.string]),
    vol.Optional(ATTR_WEEKDAYS): vol.All(cv.ensure_list, [vol.All(vol.Coerce(str), vol.In(DAYS))]),
    vol.Optional(ATTR_BEGINS): vol.Any(None, cv.time),
    vol.Optional(ATTR_ENDS): vol.Any(None, cv.time),
    vol.Optional(ATTR_ENERGY): vol.Any(None, _amount(MOST_ENERGY)),
    vol.Optional(ATTR_MONEY): vol.Any(None, _amount(MOST_MONEY)),
    vol.Optional(ATTR_PERIOD): vol.Coerce(Period),
    vol.Optional(ATTR_VALID_FROM): vol.Any(None, cv.datetime),
    vol.Optional(ATTR_VALID_UNTIL): vol.Any(None, cv.datetime),
}
"""The fields of a rule; nothing in one takes that limit away."""


def rule_with(before: AccessRule, said: Mapping[str, Any], connectors: Sequence[ConnectorId] | None) -> AccessRule:
    """Return a rule with what was said of it; what was not said stays. `connectors` are the chargers it names."""
    rule = before if connectors is None else replace(before, connectors=frozenset(connectors))
    if any(key in said for key in _TIMES):
        rule = replace(rule, hours=_hours(rule.hours, said))
    if any(key in said for key in _AMOUNTS):
        rule = replace(rule, quota=_quota(rule.quota, said))
    if ATTR_TARIFF in said:
        rule = replace(rule, tariff=said[ATTR_TARIFF])
    if ATTR_VALID_FROM in said:
        rule = replace(rule, valid_from=_utc(said[ATTR_VALID_FROM]))
    if ATTR_VALID_UNTIL in said:
        rule = replace(rule, valid_until=_utc(said[ATTR_VALID_UNTIL]))
    return rule


def rule_fields(rule: AccessRule) -> dict[str, Any]:
    """Return a rule as the fields of a form, on the clock of the site; what it does not limit is left out."""
    hours = rule.hours[0] if rule.hours else None
    quota = rule.quota or Quota(period=Period.MONTH)
    fields = {
        ATTR_CHARGERS: sorted(rule.connectors),
        ATTR_WEEKDAYS: [] if hours is None or hours.weekdays == _EVERY_DAY else sorted(map(str, hours.weekdays)),
        ATTR_BEGINS: None if hours is None else hours.begin.isoformat(),
        ATTR_ENDS: None if hours is None else hours.end.isoformat(),
        ATTR_ENERGY: None if quota.energy is None else quota.energy / 1000,
        ATTR_MONEY: None if quota.money is None else float(quota.money),
        ATTR_PERIOD: None if rule.quota is None else quota.period.value,
        ATTR_TARIFF: rule.tariff,
        ATTR_VALID_FROM: _local(rule.valid_from),
        ATTR_VALID_UNTIL: _local(rule.valid_until),
    }
    return {key: value for key, value in fields.items() if value not in (None, [])}


def _hours(before: tuple[Hours, ...], said: Mapping[str, Any]) -> tuple[Hours, ...]:
    """Return the hours that were said; several that were there are kept while nothing else is said of them."""
    known = before[0] if before else Hours(weekdays=_EVERY_DAY, begin=_MIDNIGHT, end=_MIDNIGHT)
    days = said.get(ATTR_WEEKDAYS, known.weekdays)
    span = Hours(
        weekdays=frozenset(int(day) for day in days) or _EVERY_DAY,
        begin=_time(said.get(ATTR_BEGINS, known.begin)),
        end=_time(said.get(ATTR_ENDS, known.end)),
    )
    always = span.weekdays == _EVERY_DAY and span.begin == span.end
    return () if always else (span,)


def _quota(before: Quota | None, said: Mapping[str, Any]) -> Quota | None:
    known = before or Quota(period=Period.MONTH)
    energy, money = said.get(ATTR_ENERGY, _kwh(known.energy)), said.get(ATTR_MONEY, known.money)
    if energy is None and money is None:
        return None
    return Quota(
        period=Period(said.get(ATTR_PERIOD) or known.period),
        energy=None if energy is None else round(float(energy) * 1000),
        money=None if money is None else Decimal(str(money)),
    )


def _kwh(energy: int | None) -> float | None:
    return None if energy is None else energy / 1000


def _time(said: time | str | None) -> time:
    return _MIDNIGHT if said is None else said if isinstance(said, time) else time.fromisoformat(said)


def _utc(said: datetime | str | None) -> datetime | None:
    """Read a time; one without a zone is that of the clock at the site."""
    when = dt_util.parse_datetime(said) if isinstance(said, str) else said
    return None if when is None else dt_util.as_utc(when)


def _local(when: datetime | None) -> str | None:
    return None if when is None else dt_util.as_local(when).strftime("%Y-%m-%d %H:%M:%S")
