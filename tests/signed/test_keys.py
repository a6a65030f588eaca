"""Public keys in whatever clothes: the same key is the same."""

import base64
from textwrap import wrap

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, strategies as st
import pytest

from custom_components.smart_evse.signed.keys import UnreadableKey, read_key, written
from tests.signed.meter import LIBRARY, SigningMeter

OCA = "oca:base16:asn1:"


@pytest.mark.parametrize("curve", LIBRARY)
def test_a_key_is_written_as_the_library_writes_it(curve: str) -> None:
    der = SigningMeter(curve).key
    assert written(read_key(der)) == der


def test_every_form_is_the_same_key() -> None:
    meter = SigningMeter()
    der = bytes.fromhex(meter.key)
    public = meter.secret.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    short = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    forms = [
        meter.key.upper(),
        " ".join(wrap(meter.key, 4)),
        base64.b64encode(der).decode(),
        base64.urlsafe_b64encode(der).decode().rstrip("="),
        base64.b64encode((meter.key + "\n").encode()).decode(),
        base64.b64encode((OCA + meter.key).encode()).decode(),
        OCA + meter.key,
        pem,
        der[-65:].hex(),
        der[-64:].hex(),
        short.hex(),
    ]
    for form in forms[:8]:
        assert written(read_key(form)) == meter.key
    for form in forms[8:]:
        assert written(read_key(form, "secp256r1")) == meter.key
        with pytest.raises(UnreadableKey):
            read_key(form)


@pytest.mark.parametrize(
    "text", ["", "no key", "3059", OCA, "04" + "00" * 64, "30" * 40, "=" * 7, "A" * 9000, "ÿ", "\ud800"]
)
def test_what_is_no_key_is_none(text: str) -> None:
    with pytest.raises(UnreadableKey):
        read_key(text, "secp256r1")


def test_a_key_of_another_kind_is_none() -> None:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    with pytest.raises(UnreadableKey):
        read_key(public.public_bytes(serialization.Encoding.DER, form).hex(), "secp256r1")
    odd = ec.generate_private_key(ec.SECP224R1()).public_key().public_bytes(serialization.Encoding.DER, form)
    with pytest.raises(UnreadableKey):
        read_key(odd.hex(), "secp256r1")


@given(st.one_of(st.text(max_size=300), st.binary(max_size=150).map(bytes.hex)))
def test_nothing_else_happens_to_whatever_is_told(text: str) -> None:
    for curve in (None, "secp192k1", "secp256r1"):
        try:
            key = read_key(text, curve)
        except UnreadableKey:
            continue
        assert read_key(written(key)) == key
