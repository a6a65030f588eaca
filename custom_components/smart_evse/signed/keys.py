"""Public keys as chargers, labels and transparency tools write them, and the one form in which they are compared."""

import base64
import binascii
import re
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from .curves import BY_NAME, BY_OID, Curve
from .der import BITS, OBJECT, SEQUENCE, part, parts
from .model import PublicKey

_EC_KEY: Final = bytes.fromhex("06072a8648ce3d0201")
_UNCOMPRESSED: Final = 0x04
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_NESTED: Final = 3
_LONGEST: Final = 4000


class UnreadableKey(ValueError):
    """A text that is no public key of a kind that we know."""


def read_key(text: str, curve: str | None = None) -> PublicKey:
    """Return the key that a text tells: hex or base64, of DER or of the bare point, in PEM, or in OCPP's wrapping.

    `curve` is the one that the record claims: a bare point does not tell its own. `UnreadableKey` if it is none.
    """
    try:
        return _from_bytes(_bytes_of(text), curve)
    except (ValueError, UnsupportedAlgorithm) as err:
        raise UnreadableKey("this is no public key that can be read") from err


def written(key: PublicKey) -> str:
    """Return a key as the hex of its DER, in small letters: the same key is always the same text."""
    algorithm = part(SEQUENCE, _EC_KEY + bytes.fromhex(BY_NAME[key.curve].oid))
    return part(SEQUENCE, algorithm + part(BITS, b"\0" + bytes.fromhex(key.point))).hex()


def _bytes_of(text: str, nested: int = _NESTED) -> bytes:
    """Undo hex and base64, one in the other as it happens to come."""
    bare = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    bare = re.sub(r"\s", "", bare)
    if len(bare) > _LONGEST:
        raise ValueError("too long")
    if bare.startswith("oca:"):
        # As in the OCA's note on signed meter values: oca:base16:asn1:...
        bare = bare.rsplit(":", 1)[-1]
    if _HEX.fullmatch(bare):
        return bytes.fromhex(bare)
    try:
        data = base64.b64decode(bare, validate=True)
    except binascii.Error:
        data = base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    if nested and data[:1].isascii() and data.isascii() and data.strip().isalnum() | data.startswith(b"oca:"):
        return _bytes_of(data.decode("ascii"), nested - 1)
    return data


def _from_bytes(data: bytes, claimed: str | None) -> PublicKey:
    if data[:1] == bytes((SEQUENCE,)) and (found := _from_der(data)) is not None:
        return found
    curve = None if claimed is None else BY_NAME.get(claimed)
    if curve is None:
        raise ValueError("a point without a curve")
    is_told = len(data) in (2 * curve.size + 1, curve.size + 1)
    return _on(curve, data if is_told else bytes((_UNCOMPRESSED,)) + data)


def _from_der(data: bytes) -> PublicKey | None:
    """Return a key from its DER; `None` where the bytes only look like it by chance."""
    try:
        ((_, whole, _),) = parts(data)
        (_, algorithm, _), (tag, bits, _) = parts(whole)
        (kind, _, first), (named, _, second) = parts(algorithm)
    except ValueError:
        return None
    if (tag, kind, named, first) != (BITS, OBJECT, OBJECT, _EC_KEY) or second not in BY_OID or bits[:1] != b"\0":
        raise ValueError("a key of another kind")
    return _on(BY_OID[second], bits[1:])


def _on(curve: Curve, point: bytes) -> PublicKey:
    """Return a point as a key; `ValueError` if it does not lie on the curve."""
    if curve.small is not None:
        size = curve.size
        if len(point) != 2 * size + 1 or point[0] != _UNCOMPRESSED:
            raise ValueError("not as long as a point")
        if not curve.small.holds(int.from_bytes(point[1 : size + 1]), int.from_bytes(point[size + 1 :])):
            raise ValueError("not on the curve")
    elif curve.made is not None:
        numbers = ec.EllipticCurvePublicKey.from_encoded_point(curve.made(), point).public_numbers()
        point = bytes((_UNCOMPRESSED,)) + numbers.x.to_bytes(curve.size) + numbers.y.to_bytes(curve.size)
    return PublicKey(curve=curve.name, point=point.hex())
