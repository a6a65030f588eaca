"""Codes of guests: kept as a hash that is worth nothing without the site's secret."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.smart_evse.engine.access.codes import DIGITS, grouped, holder, keyed_hash, spoken
from custom_components.smart_evse.engine.access.model import Guest

SECRET = bytes(range(32))


def guest(code: str, key: str = "g1", secret: bytes = SECRET) -> Guest:
    return Guest(id=key, name="Kim", code_hash=keyed_hash(code, secret))


def test_a_code_finds_its_guest_and_no_other() -> None:
    guests = [guest("12345678"), guest("87654321", "g2")]
    for code, found in (("12345678", "g1"), ("87654321", "g2")):
        known = holder(guests, keyed_hash(code, SECRET))
        assert known is not None
        assert known.id == found
    assert holder(guests, keyed_hash("12345679", SECRET)) is None
    assert holder([], keyed_hash("12345678", SECRET)) is None


@pytest.mark.parametrize("typed", ["1234 5678", " 12345678 ", "1234-5678", "12.34.56.78"])
def test_a_code_may_be_typed_as_it_is_read_out(typed: str) -> None:
    assert keyed_hash(typed, SECRET) == keyed_hash("12345678", SECRET)


def test_the_same_code_is_another_hash_elsewhere() -> None:
    assert holder([guest("12345678")], keyed_hash("12345678", bytes(32))) is None


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**9))
def test_what_is_kept_does_not_hold_the_code(number: int) -> None:
    assert spoken(number) not in keyed_hash(spoken(number), SECRET)


@given(st.integers(0, 10**12))
def test_every_code_has_the_same_length(number: int) -> None:
    code = spoken(number)
    assert len(code) == DIGITS
    assert code.isdigit()
    assert grouped(code).replace(" ", "") == code
