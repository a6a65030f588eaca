"""Quotas: kWh or money, over a period of the site's calendar."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.access.model import Period, Quota
from custom_components.smart_evse.engine.access.quota import Used, is_spent, left, since

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WHEN = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
MONEY = st.decimals(0, 1000, places=2)
USED = st.builds(Used, energy=st.integers(0, 10**7), money=MONEY)
QUOTAS = st.builds(
    Quota, period=st.sampled_from(Period), energy=st.none() | st.integers(0, 10**7), money=st.none() | MONEY
)


@pytest.mark.parametrize(
    ("period", "begin"),
    [
        (Period.DAY, "2026-10-24T22:00+00:00"),
        (Period.WEEK, "2026-10-18T22:00+00:00"),
        (Period.MONTH, "2026-09-30T22:00+00:00"),
        (Period.YEAR, "2025-12-31T23:00+00:00"),
    ],
)
def test_a_period_begins_at_midnight_of_the_site(period: Period, begin: str) -> None:
    # The clock went back in the night before, at 01:00 UTC.
    evening = datetime(2026, 10, 25, 20, tzinfo=UTC)
    assert since(period, evening, AMSTERDAM) == datetime.fromisoformat(begin)


def test_always_has_no_beginning() -> None:
    assert since(Period.ALWAYS, datetime(2026, 1, 1, tzinfo=UTC), AMSTERDAM) is None


@given(WHEN, st.sampled_from([period for period in Period if period is not Period.ALWAYS]))
def test_a_period_holds_its_moment_and_begins_where_it_begins(when: datetime, period: Period) -> None:
    begin = since(period, when, AMSTERDAM)
    assert begin is not None
    assert begin <= when
    assert since(period, begin, AMSTERDAM) == begin
    assert begin.astimezone(AMSTERDAM).time().isoformat() == "00:00:00"


@given(QUOTAS, USED, USED)
def test_what_is_used_never_comes_back(quota: Quota, used: Used, more: Used) -> None:
    assert not is_spent(quota, used) or is_spent(quota, used + more)
    rest, later = left(quota, used), left(quota, used + more)
    assert rest.energy is None or rest.energy >= (later.energy or 0) >= 0
    assert rest.money is None or rest.money >= (later.money or 0) >= 0


@given(USED)
def test_a_quota_without_a_figure_is_never_spent(used: Used) -> None:
    assert not is_spent(Quota(period=Period.MONTH), used)


def test_one_of_two_figures_is_enough() -> None:
    quota = Quota(period=Period.DAY, energy=10_000, money=Decimal(5))
    assert not is_spent(quota, Used(energy=9_999, money=Decimal("4.99")))
    assert is_spent(quota, Used(energy=10_000))
    assert is_spent(quota, Used(money=Decimal("5.00")))
