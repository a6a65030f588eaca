"""A meter that signs: records of the Open Charge Metering Format with keys made for the test."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from custom_components.smart_evse.signed.curves import BY_NAME
from custom_components.smart_evse.signed.der import INTEGER, SEQUENCE, part
from custom_components.smart_evse.signed.model import Signed

LIBRARY: dict[str, ec.EllipticCurve] = {
    "secp192r1": ec.SECP192R1(),
    "secp256k1": ec.SECP256K1(),
    "secp256r1": ec.SECP256R1(),
    "secp384r1": ec.SECP384R1(),
    "secp521r1": ec.SECP521R1(),
    "brainpoolP256r1": ec.BrainpoolP256R1(),
    "brainpool384r1": ec.BrainpoolP384R1(),
}


def reading(event: str, value: object, **more: object) -> dict[str, object]:
    """Return a reading as a meter in order gives it."""
    return {
        "TM": "2026-11-21T10:00:00,000+0100 S",
        "TX": event,
        "RV": value,
        "RI": "1-0:1.8.0",
        "RU": "kWh",
        "EF": "",
        "ST": "G",
    } | more


@dataclass(slots=True)
class SigningMeter:
    """A meter with a key of its own."""

    curve: str = "secp256r1"
    number: str | None = "1ABC0001"
    secret: ec.EllipticCurvePrivateKey = field(init=False)

    def __post_init__(self) -> None:
        self.secret = ec.generate_private_key(LIBRARY[self.curve])

    @property
    def key(self) -> str:
        """The public key as hex of its DER."""
        public = self.secret.public_key()
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return public.public_bytes(serialization.Encoding.DER, form).hex()

    def payload(self, readings: Iterable[dict[str, object]], **more: object) -> str:
        content: dict[str, Any] = {"FV": "1.0", "GS": "gateway", "PG": "T1", "RD": list(readings), **more}
        if self.number is not None:
            content["MS"] = self.number
        return json.dumps(content, ensure_ascii=False)

    def text(self, *readings: dict[str, object], **more: object) -> str:
        """Return a record of these readings."""
        return self.signed(self.payload(readings, **more))

    def signed(self, payload: str) -> str:
        """Return a payload with its signature behind it."""
        signature = self.secret.sign(payload.encode(), ec.ECDSA(hashes.SHA256()))
        section = {"SA": f"ECDSA-{self.curve}-SHA256", "SD": signature.hex()}
        return f"OCMF|{payload}|{json.dumps(section)}"

    def record(self, *readings: dict[str, object], with_key: bool = True, **more: object) -> Signed:
        """Return what a charger hands over."""
        return Signed(text=self.text(*readings, **more), key=self.key if with_key else None)

    def charge(self, begin: object, end: object, *, with_key: bool = True) -> Sequence[Signed]:
        """Return a record at the begin and one at the end."""
        return (
            self.record(reading("B", begin), with_key=with_key),
            self.record(reading("E", end), with_key=with_key, PG="T2"),
        )


def signed_on_small_curve(name: str, secret: int, payload: bytes, nonce: int) -> tuple[tuple[int, int], bytes]:
    """Sign by the textbook on a 192-bit curve; return the key's point and the signature in DER."""
    curve = BY_NAME[name].small
    assert curve is not None
    key, at = curve.times(secret, curve.g), curve.times(nonce, curve.g)
    assert key is not None
    assert at is not None
    hashed = int.from_bytes(hashlib.sha256(payload).digest()) >> (256 - curve.n.bit_length())
    r = at[0] % curve.n
    s = pow(nonce, -1, curve.n) * (hashed + r * secret) % curve.n
    integers = b"".join(part(INTEGER, number.to_bytes(25)) for number in (r, s))
    return key, part(SEQUENCE, integers)
