"""What somebody may do, between fields and the engine's nouns."""

from datetime import UTC, datetime, time
from decimal import Decimal

from hypothesis import given, strategies as st
import pytest
import voluptuous as vol

from custom_components.smart_evse.engine.access.model import AccessRule, Hours, Period, Quota
from custom_components.smart_evse.rules import RULE_FIELDS, rule_fields, rule_with

CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0))
SPANS = st.builds(Hours, weekdays=st.frozensets(st.integers(0, 6), min_size=1), begin=CLOCKS, end=CLOCKS).filter(
    lambda span: span.begin != span.end or len(span.weekdays) < 7
)
ENERGIES = st.none() | st.integers(1, 10**6).map(lambda tenths: tenths * 100)
MONEYS = st.none() | st.integers(1, 10**6).map(lambda cents: Decimal(cents) / 100)
QUOTAS = st.none() | st.builds(Quota, period=st.sampled_from(Period), energy=ENERGIES, money=MONEYS).filter(
    lambda quota: quota.energy is not None or quota.money is not None
)
TIMES = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda when: when.replace(microsecond=0)
)
RULES = st.builds(
    AccessRule,
    connectors=st.frozensets(st.sampled_from(["c1:0", "c2:0"])),
    hours=st.lists(SPANS, max_size=1).map(tuple),
    quota=QUOTAS,
    valid_from=TIMES,
    valid_until=TIMES,
)
AT_ONCE = vol.Schema(RULE_FIELDS)


@given(RULES)
def test_a_rule_is_read_back_as_it_was_written(rule: AccessRule) -> None:
    said = AT_ONCE(rule_fields(rule))
    assert rule_with(AccessRule(), said, said.get("chargers", ())) == rule


@given(RULES, RULES)
def test_what_is_not_said_stays(before: AccessRule, other: AccessRule) -> None:
    assert rule_with(before, {}, None) == before
    quota = {key: value for key, value in rule_fields(other).items() if key in ("energy", "money", "period")}
    after = rule_with(before, quota, None)
    assert (after.hours, after.connectors, after.valid_from) == (before.hours, before.connectors, before.valid_from)


@given(RULES)
def test_nothing_takes_a_limit_away(before: AccessRule) -> None:
    nothing = {"weekdays": [], "begins": None, "ends": None, "energy": None, "money": None}
    gone = rule_with(before, AT_ONCE({**nothing, "valid_from": None, "valid_until": None}), [])
    assert gone == AccessRule()


@pytest.mark.parametrize("said", [{"energy": 0}, {"money": -1}, {"weekdays": ["7"]}, {"period": "decade"}])
def test_what_makes_no_sense_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(vol.Invalid):
        AT_ONCE(said)


def test_a_day_without_hours_is_a_whole_day() -> None:
    rule = rule_with(AccessRule(), AT_ONCE({"weekdays": ["5", "6"]}), None)
    assert rule.hours == (Hours(weekdays=frozenset({5, 6}), begin=time(0), end=time(0)),)


def test_a_quota_is_counted_over_a_month_unless_somebody_says_otherwise() -> None:
    assert rule_with(AccessRule(), AT_ONCE({"energy": 10}), None).quota == Quota(period=Period.MONTH, energy=10_000)
