"""One rounding, and parts that add up."""

from decimal import Decimal

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.tariffs.rounding import coin, rounded, rounded_parts

CURRENCIES = st.sampled_from(["EUR", "SEK", "JPY", "KWD"])
EXACT = st.integers(-(10**14), 10**14).map(lambda number: Decimal(number).scaleb(-12))


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.005", "EUR", "0.01"),
        ("-0.005", "EUR", "-0.01"),
        ("-0.001", "EUR", "0.00"),
        ("4.997", "EUR", "5.00"),
        ("0.004999999999", "EUR", "0.01"),
        ("0.00499", "EUR", "0.00"),
        ("119.5", "JPY", "120"),
        ("1.2345", "KWD", "1.235"),
        ("12.345", "sek", "12.35"),
    ],
)
def test_half_a_coin_is_rounded_away_from_zero(amount: str, currency: str, expected: str) -> None:
    assert str(rounded(Decimal(amount), currency)) == expected


@given(st.lists(EXACT, max_size=8), CURRENCIES)
def test_rounded_parts_add_up_to_the_rounded_sum(parts: list[Decimal], currency: str) -> None:
    found = rounded_parts(parts, currency)
    assert sum(found, Decimal(0)) == rounded(sum(parts, Decimal(0)), currency)
    assert all(abs(part - whole) < coin(currency) + Decimal("1e-8") for part, whole in zip(parts, found, strict=True))


def test_left_over_coins_go_where_most_was_cut() -> None:
    thirds = [Decimal("0.333333333333"), Decimal("0.333333333333"), Decimal("0.333333333334")]
    assert rounded_parts(thirds, "EUR") == (Decimal("0.33"), Decimal("0.33"), Decimal("0.34"))
    assert rounded_parts([Decimal("0.006"), Decimal("0.006")], "EUR") == (Decimal("0.01"), Decimal("0.00"))
