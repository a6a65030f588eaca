"""Who signed a record, over which bytes, and by which key that may be said."""

import base64
from datetime import UTC, datetime
import hashlib
import json

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
import pytest

from custom_components.smart_evse.engine.statements.model import Evidence
from custom_components.smart_evse.signed.curves import CURVES
from custom_components.smart_evse.signed.judging import keys_by_meter
from custom_components.smart_evse.signed.keys import read_key, written
from custom_components.smart_evse.signed.model import KeyState, MeterKey, PublicKey, Reason, Signed
from custom_components.smart_evse.signed.small_curves import SECP192K1, SmallCurve
from custom_components.smart_evse.signed.verifying import verify
from tests.signed.meter import LIBRARY, SigningMeter, reading, signed_on_small_curve

SECP192R1 = SmallCurve(
    p=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFFFFFFFFFF,
    a=-3,
    b=0x64210519E59C80E70FA7E9AB72243049FEB8DEECC146B9B1,
    g=(0x188DA80EB03090F67CBF20EB43A18800F4FF0AFD82FF1012, 0x07192B95FFC8DA78631011ED6B24CDD573F977A11E794811),
    n=0xFFFFFFFFFFFFFFFFFFFFFFFF99DEF836146BC9B1B4D22831,
)
"""The other curve of that size, which the library knows."""

B = reading("B", "  1.250")
SIZES = {curve.name: curve.size for curve in CURVES}


@pytest.mark.parametrize("curve", LIBRARY)
def test_every_curve_of_the_library_verifies_and_refuses(curve: str) -> None:
    meter = SigningMeter(curve)
    signed = meter.record(B)
    assert verify(signed, [read_key(meter.key)]).reason is Reason.SIGNED
    changed = Signed(text=signed.text.replace("1.250", "1.251"), key=meter.key)
    assert verify(changed, [read_key(meter.key)]).reason is Reason.SIGNATURE_WRONG


@pytest.mark.parametrize("curve", LIBRARY)
def test_raw_numbers_are_a_signature_too(curve: str) -> None:
    meter = SigningMeter(curve)
    head, payload, section = meter.text(B).split("|")
    told = json.loads(section)
    r, s = utils.decode_dss_signature(bytes.fromhex(told["SD"]))
    size = SIZES[read_key(meter.key).curve]
    told["SD"] = (r.to_bytes(size) + s.to_bytes(size)).hex()
    signed = Signed(text="|".join((head, payload, json.dumps(told))))
    raw = read_key(read_key(meter.key).point[2:], read_key(meter.key).curve)
    assert verify(signed, [raw]).reason is Reason.SIGNED


def test_the_curve_that_the_library_lacks_verifies_and_refuses() -> None:
    payload = SigningMeter().payload([B])
    (x, y), signature = signed_on_small_curve("secp192k1", 0x1234567, payload.encode(), nonce=0x7654321)
    key = PublicKey(curve="secp192k1", point=f"04{x:048x}{y:048x}")
    section = json.dumps({"SA": "ECDSA-secp192k1-SHA256", "SD": signature.hex()})
    assert verify(Signed(text=f"OCMF|{payload}|{section}"), [key]).reason is Reason.SIGNED
    other = payload.replace("1.250", "1.251")
    assert verify(Signed(text=f"OCMF|{other}|{section}"), [key]).reason is Reason.SIGNATURE_WRONG


@pytest.mark.parametrize("curve", [SECP192K1, SECP192R1])
def test_the_small_curves_are_what_they_are(curve: SmallCurve) -> None:
    assert curve.holds(*curve.g)
    assert curve.times(curve.n, curve.g) is None
    assert not curve.verifies(curve.g, b"digest", (0, 1))
    assert not curve.verifies(curve.g, b"digest", (1, curve.n))
    assert not curve.verifies((1, 1), b"digest", (1, 1))


@pytest.mark.parametrize("number", range(8))
def test_school_arithmetic_agrees_with_the_library(number: int) -> None:
    secret = ec.generate_private_key(ec.SECP192R1())
    at, message = secret.public_key().public_numbers(), f"reading {number}".encode()
    r, s = utils.decode_dss_signature(secret.sign(message, ec.ECDSA(hashes.SHA256())))
    digest = hashlib.sha256(message).digest()
    assert SECP192R1.verifies((at.x, at.y), digest, (r, s))
    assert not SECP192R1.verifies((at.x, at.y), digest, (s, r))
    assert not SECP192R1.verifies((at.x, at.y), hashlib.sha256(b"other").digest(), (r, s))


def test_only_the_bytes_that_came_are_signed() -> None:
    meter = SigningMeter()
    head, payload, section = meter.text(B).split("|")
    again = json.dumps(json.loads(payload), separators=(",", ":"))
    assert again != payload
    assert verify(Signed(text=f"{head}|{again}|{section}"), [read_key(meter.key)]).evidence is Evidence.NOT_VERIFIED


def test_text_outside_of_ascii_is_signed_as_it_came() -> None:
    meter = SigningMeter()
    signed = meter.record(B, TT="0,42 €/kWh, früh")
    assert verify(signed, [read_key(meter.key)]).reason is Reason.SIGNED


def test_a_key_that_comes_along_proves_nothing() -> None:
    forger = SigningMeter()
    assert verify(forger.record(B), ()).reason is Reason.KEY_NOT_CONFIRMED
    assert verify(forger.record(B, with_key=False), ()).reason is Reason.NO_KEY
    meter = SigningMeter()
    known = read_key(meter.key)
    assert verify(forger.record(B), [known]).reason is Reason.OTHER_KEY
    assert verify(forger.record(B), (), [known]).reason is Reason.OTHER_KEY
    assert verify(meter.record(B), (), [known]).reason is Reason.KEY_NOT_CONFIRMED
    assert verify(forger.record(B, with_key=False), [known]).reason is Reason.SIGNATURE_WRONG


def test_a_key_that_was_confirmed_displaces_one_that_was_only_seen() -> None:
    old, new = SigningMeter(), SigningMeter()
    keys = read_key(old.key), read_key(new.key)
    assert verify(old.record(B), [keys[1]], [keys[0]]).evidence is Evidence.NOT_VERIFIED
    assert verify(old.record(B), keys).evidence is Evidence.VERIFIED


def test_the_curve_is_the_one_that_is_claimed() -> None:
    meter = SigningMeter("secp256k1")
    key = read_key(meter.key)
    claimed = Signed(text=meter.text(B).replace("secp256k1", "secp256r1"), key=meter.key)
    assert verify(claimed, [key]).reason is Reason.OTHER_CURVE


def test_without_a_claim_it_is_the_default() -> None:
    meter = SigningMeter()
    head, payload, section = meter.text(B).split("|")
    told = json.loads(section)
    del told["SA"]
    signed = Signed(text="|".join((head, payload, json.dumps(told))))
    assert verify(signed, [read_key(meter.key)]).reason is Reason.SIGNED
    told |= {"SE": "base64", "SD": base64.b64encode(bytes.fromhex(told["SD"])).decode()}
    signed = Signed(text="|".join((head, payload, json.dumps(told))))
    assert verify(signed, [read_key(meter.key)]).reason is Reason.SIGNED


@pytest.mark.parametrize("algorithm", ["RSA-2048-SHA256", "ECDSA-sect233r1-SHA256", "ECDSA-secp256r1-SHA1"])
def test_an_algorithm_nobody_knows_cannot_be_checked(algorithm: str) -> None:
    meter = SigningMeter()
    signed = Signed(text=meter.text(B).replace("ECDSA-secp256r1-SHA256", algorithm), key=meter.key)
    assert verify(signed, [read_key(meter.key)]).reason is Reason.UNKNOWN_ALGORITHM


@pytest.mark.parametrize("signature", ["", "00", "3006020100020100", "30ff", "zz", "30460221"])
def test_no_signature_is_none(signature: str) -> None:
    meter = SigningMeter()
    head, payload, _ = meter.text(B).split("|")
    signed = Signed(text="|".join((head, payload, json.dumps({"SD": signature}))))
    assert verify(signed, [read_key(meter.key)]).evidence is Evidence.NOT_VERIFIED


def test_another_format_cannot_be_checked() -> None:
    assert verify(Signed(text="AP;0;3;ALCV3ABB", method="ALFEN"), ()).reason is Reason.UNKNOWN_FORMAT
    assert verify(Signed(text="AP;0;3;ALCV3ABB", method="OCMF"), ()).reason is Reason.MALFORMED


def test_a_curve_that_this_machine_lacks_cannot_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = SigningMeter()
    key, signed = read_key(meter.key), meter.record(B, with_key=False)

    def lacking(*_: object) -> None:
        raise UnsupportedAlgorithm("not in this build")

    monkeypatch.setattr(ec.EllipticCurvePublicKey, "from_encoded_point", lacking)
    assert verify(signed, [key]).reason is Reason.UNKNOWN_ALGORITHM
    known = MeterKey(meter="M1", key=written(key), state=KeyState.CONFIRMED, at=datetime(2026, 11, 21, tzinfo=UTC))
    assert keys_by_meter([known]) == {}
