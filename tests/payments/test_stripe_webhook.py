"""What Stripe calls to say: only what it has signed, lately, over these very bytes."""

from datetime import UTC, datetime, timedelta
import hashlib
import hmac

from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.payments.errors import Forged
from custom_components.smart_evse.payments.stripe_webhook import TOLERANCE, read_stripe_message

SECRET = "whsec_1"
NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
BODY = b'{"id": "evt_1",  "type": "charge.refunded", "data": {"object": {"id": "ch_1", "payment_intent": "pi_1"}}}'


def signed(body: bytes = BODY, secret: str = SECRET, at: datetime = NOW) -> str:
    stamp = int(at.timestamp())
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + body, hashlib.sha256).hexdigest()}"


def test_a_message_of_stripes() -> None:
    hint = read_stripe_message(BODY, signed(), SECRET, NOW)
    assert (hint.id, hint.payments) == ("evt_1", {"ch_1", "pi_1"})


def test_an_object_with_the_payment_inside() -> None:
    body = b'{"id": "evt_2", "data": {"object": {"id": "cs_1", "payment_intent": {"id": "pi_2"}}}}'
    assert read_stripe_message(body, signed(body), SECRET, NOW).payments == {"cs_1", "pi_2"}


def test_a_secret_is_being_changed() -> None:
    other = signed(secret="whsec_0").partition(",")[2]
    assert read_stripe_message(BODY, f"{signed()},{other}", SECRET, NOW).id == "evt_1"
    first, _, second = signed().partition(",")
    assert read_stripe_message(BODY, f"{first},{other}, {second}", SECRET, NOW).id == "evt_1"


@pytest.mark.parametrize("seconds", [-TOLERANCE, TOLERANCE])
def test_just_in_time(seconds: int) -> None:
    assert read_stripe_message(BODY, signed(), SECRET, NOW + timedelta(seconds=seconds)).id == "evt_1"


@pytest.mark.parametrize("seconds", [-TOLERANCE - 1, TOLERANCE + 1])
def test_not_of_now(seconds: int) -> None:
    with pytest.raises(Forged):
        read_stripe_message(BODY, signed(), SECRET, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v1=",
        "t=,v1=",
        f"t={int(NOW.timestamp())}",
        f"t={int(NOW.timestamp())},v1=",
        signed(secret="whsec_2"),
        signed(secret=""),
        signed().replace("v1", "v0"),
        signed().upper(),
        signed() + "0",
        signed().replace("t=", "t=+"),
        signed().replace("t=", "t=1,t="),
        signed(BODY + b" "),
        f"t={'9' * 400},v1=00",
        f"t={int(NOW.timestamp())},v1=é",
    ],
)
def test_forged(signature: str) -> None:
    with pytest.raises(Forged):
        read_stripe_message(BODY, signature, SECRET, NOW)


def test_the_same_said_in_other_bytes_is_forged() -> None:
    with pytest.raises(Forged):
        read_stripe_message(BODY.replace(b"  ", b" "), signed(), SECRET, NOW)


def test_no_secret_lets_nobody_in() -> None:
    with pytest.raises(Forged):
        read_stripe_message(BODY, signed(secret=""), "", NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b" " * 300_000])
def test_no_event(body: bytes) -> None:
    with pytest.raises(Forged):
        read_stripe_message(body, signed(body), SECRET, NOW)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"data": {"object": []}}'])
def test_an_event_about_nothing(body: bytes) -> None:
    assert read_stripe_message(body, signed(body), SECRET, NOW).payments == frozenset()


@given(body=st.binary(max_size=200), signature=st.text(max_size=100))
def test_whatever_comes_is_read_or_forged(body: bytes, signature: str) -> None:
    with pytest.raises(Forged):
        read_stripe_message(body, signature, SECRET, NOW)
