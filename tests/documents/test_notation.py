"""Numbers, money and dates as people of a country write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.documents.notation import notation
from custom_components.smart_evse.documents.words import LANGUAGES

AMOUNT = Decimal("-1234567.5")


@pytest.mark.parametrize(
    ("language", "country", "currency", "written"),
    [
        ("en", "GB", "GBP", "-£1,234,567.50"),
        ("en", "IE", "EUR", "-€1,234,567.50"),
        ("en", "GB", "SEK", "-SEK 1,234,567.50"),
        ("en", "DE", "EUR", "-€1,234,567.50"),
        ("de", "DE", "EUR", "-1.234.567,50 €"),
        ("de", "CH", "CHF", "-1\N{RIGHT SINGLE QUOTATION MARK}234\N{RIGHT SINGLE QUOTATION MARK}567.50 CHF"),
        ("nl", "NL", "EUR", "-€ 1.234.567,50"),
        ("nl", "BE", "EUR", "-€ 1.234.567,50"),
        ("fr", "BE", "EUR", "-1 234 567,50 €"),
        ("fr", None, "EUR", "-1 234 567,50 €"),
        ("sv", "SE", "SEK", "-1 234 567,50 kr"),
        ("en", "JP", "JPY", "-JPY 1,234,568"),
    ],
)
def test_money(language: str, country: str | None, currency: str, written: str) -> None:
    told = notation(language, country, "Europe/Berlin").money(AMOUNT, currency)
    assert told.replace("\N{NO-BREAK SPACE}", " ") == written


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "2 Mar 2026"), ("de", "02.03.2026"), ("nl", "02-03-2026"), ("fr", "02/03/2026"), ("sv", "2026-03-02")],
)
def test_days(language: str, written: str) -> None:
    assert notation(language, None, "UTC").date(date(2026, 3, 2)) == written


def test_times_are_those_of_the_site() -> None:
    assert (
        notation("de", "DE", "Europe/Berlin").moment(datetime(2026, 10, 31, 23, 30, tzinfo=UTC)) == "01.11.2026 00:30"
    )


@pytest.mark.parametrize(("price", "written"), [("0.3636", "0,3636"), ("0.5", "0,50"), ("0.12345678", "0,123457")])
def test_prices_are_as_exact_as_they_were_set(price: str, written: str) -> None:
    assert notation("de", "DE", "UTC").price(Decimal(price), "EUR") == written


def test_minus_nothing_is_nothing() -> None:
    assert notation("de", "DE", "UTC").number(Decimal("-0.004"), 2) == "0,00"


@given(
    st.decimals(-(10**9), 10**9, places=2), st.sampled_from(LANGUAGES), st.sampled_from(["DE", "SE", "GB", "CH", "FR"])
)
def test_what_is_written_reads_back(value: Decimal, language: str, country: str) -> None:
    signs = notation(language, country, "UTC")
    written = signs.number(value, 2)
    assert Decimal(written.replace(signs.group, "").replace(signs.decimal, ".")) == value
