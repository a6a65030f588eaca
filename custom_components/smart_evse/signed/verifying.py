"""Is a record signed by whom it says, over the very bytes that came."""

from collections.abc import Iterable
import hashlib
import re
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from ..engine.statements.model import Evidence
from .curves import BY_NAME, Curve
from .der import INTEGER, SEQUENCE, parts
from .keys import UnreadableKey, read_key
from .model import OCMF, Ocmf, PublicKey, Reason, Signed, Verdict
from .ocmf import NotOcmf, parse

_ALGORITHM: Final = re.compile(r"ECDSA-(\w+)-(SHA\d+)", re.IGNORECASE)

_HASHES: Final[dict[str, tuple[str, type[hashes.HashAlgorithm]]]] = {
    "SHA256": ("sha256", hashes.SHA256),
    "SHA384": ("sha384", hashes.SHA384),
    "SHA512": ("sha512", hashes.SHA512),
}

_EVIDENCE: Final = {
    Reason.SIGNED: Evidence.VERIFIED,
    Reason.MALFORMED: Evidence.NOT_VERIFIED,
    Reason.SIGNATURE_WRONG: Evidence.NOT_VERIFIED,
    Reason.OTHER_CURVE: Evidence.NOT_VERIFIED,
    Reason.OTHER_KEY: Evidence.NOT_VERIFIED,
    Reason.UNKNOWN_FORMAT: Evidence.NOT_CHECKABLE,
    Reason.UNKNOWN_ALGORITHM: Evidence.NOT_CHECKABLE,
    Reason.NO_KEY: Evidence.NOT_CHECKABLE,
    Reason.KEY_NOT_CONFIRMED: Evidence.NOT_CHECKABLE,
    Reason.INCOMPLETE: Evidence.NOT_CHECKABLE,
    Reason.FORGOTTEN: Evidence.NOT_CHECKABLE,
}


def verdict_for(reason: Reason) -> Verdict:
    return Verdict(evidence=_EVIDENCE[reason], reason=reason)


def verify(signed: Signed, confirmed: Iterable[PublicKey], seen: Iterable[PublicKey] = ()) -> Verdict:
    """Judge a record by the keys of its meter: those that its owner has confirmed, and those that merely came along.

    Once one is confirmed, what is signed with any other is not verified.
    """
    if signed.method.upper() != OCMF and not signed.text.lstrip().startswith(OCMF):
        return verdict_for(Reason.UNKNOWN_FORMAT)
    try:
        record = parse(signed)
    except NotOcmf:
        return verdict_for(Reason.MALFORMED)
    trusted, came = tuple(confirmed), key_of(signed, record)
    known = trusted or tuple(seen) or (() if came is None else (came,))
    return verdict_for(_reason(record, known, came, trusted=bool(trusted)))


def _reason(record: Ocmf, known: tuple[PublicKey, ...], came: PublicKey | None, *, trusted: bool) -> Reason:
    reasons = {checked(record, key) for key in known}
    if not reasons:
        return Reason.NO_KEY
    if Reason.SIGNED in reasons:
        return Reason.SIGNED if trusted else Reason.KEY_NOT_CONFIRMED
    if Reason.UNKNOWN_ALGORITHM in reasons:
        return Reason.UNKNOWN_ALGORITHM
    if came is not None and came not in known:
        return Reason.OTHER_KEY
    return Reason.SIGNATURE_WRONG if Reason.SIGNATURE_WRONG in reasons else Reason.OTHER_CURVE


def key_of(signed: Signed, record: Ocmf) -> PublicKey | None:
    """Return the key that came with a record, beside it or behind it; `None` if none can be read."""
    for text in (signed.key, record.key):
        if text:
            try:
                return read_key(text, curve_named(record.algorithm))
            except UnreadableKey:
                continue
    return None


def curve_named(algorithm: str) -> str | None:
    """Return the curve that an algorithm's name tells."""
    told = _ALGORITHM.fullmatch(algorithm.strip())
    curve = None if told is None else BY_NAME.get(told[1].lower())
    return None if curve is None else curve.name


def checked(record: Ocmf, key: PublicKey) -> Reason:
    """Return what comes of a record and a key: signed, wrong, of another curve, or nothing that can be checked."""
    told, curve_name = _ALGORITHM.fullmatch(record.algorithm.strip()), curve_named(record.algorithm)
    hashed = None if told is None else _HASHES.get(told[2].upper())
    if curve_name is None or hashed is None:
        return Reason.UNKNOWN_ALGORITHM
    if key.curve != curve_name:
        return Reason.OTHER_CURVE
    curve = BY_NAME[curve_name]
    numbers = _numbers(record.signature, curve.size)
    try:
        fits = numbers is not None and _fits(curve, key, record.payload, numbers, hashed)
    except UnsupportedAlgorithm:
        # Not every machine's library has every curve.
        return Reason.UNKNOWN_ALGORITHM
    return Reason.SIGNED if fits else Reason.SIGNATURE_WRONG


def _numbers(signature: bytes, size: int) -> tuple[int, int] | None:
    """Return r and s: of DER, with integers that lack the 00 of a positive one too, or one behind the other."""
    try:
        ((tag, whole, _),) = parts(signature)
        (one, r, _), (two, s, _) = parts(whole)
    except ValueError:
        pass
    else:
        if (tag, one, two) == (SEQUENCE, INTEGER, INTEGER):
            return int.from_bytes(r), int.from_bytes(s)
    if len(signature) == 2 * size:
        return int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
    return None


def _fits(
    curve: Curve,
    key: PublicKey,
    payload: bytes,
    numbers: tuple[int, int],
    hashed: tuple[str, type[hashes.HashAlgorithm]],
) -> bool:
    point, (name, algorithm) = bytes.fromhex(key.point), hashed
    if curve.small is not None:
        at = int.from_bytes(point[1 : curve.size + 1]), int.from_bytes(point[curve.size + 1 :])
        return curve.small.verifies(at, hashlib.new(name, payload).digest(), numbers)
    if curve.made is None:
        return False
    public = ec.EllipticCurvePublicKey.from_encoded_point(curve.made(), point)
    try:
        public.verify(utils.encode_dss_signature(*numbers), payload, ec.ECDSA(algorithm()))
    except InvalidSignature:
        return False
    return True
