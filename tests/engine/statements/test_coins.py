"""The one rounding."""

from decimal import Decimal

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.engine.statements.coins import coin, digits, rounded

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
    assert str(rounded(Decimal(amount), coin(currency))) == expected


def test_a_total_may_be_rounded_to_a_larger_coin() -> None:
    assert rounded(Decimal("2.82"), Decimal("0.05")) == Decimal("2.80")
    assert rounded(Decimal("-2.825"), Decimal("0.05")) == Decimal("-2.85")


@given(EXACT, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_rounded_is_whole_near_and_stays(amount: Decimal, currency: str) -> None:
    found = rounded(amount, coin(currency))
    assert found == rounded(found, coin(currency))
    assert -found.as_tuple().exponent == digits(currency)
    assert abs(found - amount) <= coin(currency) / 2 + Decimal("1e-9")
    assert rounded(-amount, coin(currency)) == -found
