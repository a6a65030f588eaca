"""How OCPP carries what a meter has signed: in 1.6 as text within a value, in 2.0.1 as an object beside it."""

import base64
from collections.abc import Mapping
import json
import re

from .model import OCMF, Signed

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


class NotSigned(ValueError):
    """A value in which nothing signed is carried."""


def from_ocpp(value: str | Mapping[str, object]) -> Signed:
    """Return what a `SampledValue` carries: 1.6's `value` where its format is `SignedData`, 2.0.1's `signedMeterValue`.

    Besides the JSON of the OCA's note, 1.6 has the bare record, and the same in hex.
    """
    if isinstance(value, str):
        told = _object(value)
        if told is None:
            return _bare(value)
        value = told
    data, method, key = (value.get(name) for name in ("signedMeterData", "encodingMethod", "publicKey"))
    if not isinstance(data, str) or not data:
        raise NotSigned("there is no signed data")
    text, charset = _decoded(data)
    return Signed(
        text=text,
        charset=charset,
        method=method if isinstance(method, str) and method else OCMF,
        key=key if isinstance(key, str) and key.strip() else None,
    )


def _object(text: str) -> Mapping[str, object] | None:
    try:
        content = json.loads(text)
    except ValueError, RecursionError:
        return None
    return content if isinstance(content, dict) else None


def _bare(text: str) -> Signed:
    bare = text.strip()
    if _HEX.fullmatch(bare):
        told, charset = _as_text(bytes.fromhex(bare))
        return _named(told, charset)
    if not bare:
        raise NotSigned("there is nothing")
    return _named(text, "utf-8")


def _named(text: str, charset: str) -> Signed:
    return Signed(text=text, charset=charset, method=OCMF if text.lstrip().startswith(OCMF) else "")


def _decoded(data: str) -> tuple[str, str]:
    if data.lstrip().startswith(OCMF + "|"):
        return data, "utf-8"
    try:
        return _as_text(base64.b64decode("".join(data.split()), validate=True))
    except ValueError as err:
        raise NotSigned("the signed data is not base64") from err


def _as_text(data: bytes) -> tuple[str, str]:
    """Return bytes as text from which the same bytes can be made again."""
    try:
        return data.decode(), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"
