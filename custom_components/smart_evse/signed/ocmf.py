"""Reads a record of the Open Charge Metering Format and leaves its bytes as they are.

What devices really send: spaces within the JSON, numbers as padded text, times with a comma, a key behind a third bar,
fields that are left out because they are those of the reading before.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
import json
import re
from typing import Any, Final

from .model import OCMF, Flow, Ocmf, Signed, SignedReading

DEFAULT: Final = "ECDSA-secp256r1-SHA256"
"""What a record that does not tell is signed with."""

_BAR: Final = "|"
_LONGEST: Final = 64 * 1024
_DIGITS: Final = 20
"""No register has more, before the point or behind it."""

_KEPT: Final = ("TM", "TX", "RI", "RU", "RT", "EF", "ST")
"""What a reading that leaves it out has from the one before."""

_WATT_HOURS: Final = {"wh": Decimal(1), "kwh": Decimal(1000)}

_REGISTER: Final = re.compile(r"(?:[^:]*:)?0*([0-9A-F]{1,2})\.0*8\.", re.IGNORECASE)
"""An OBIS code's group C, where D says that it is a sum over time: 1-0:1.8.0, 01-00:98.08.00.FF."""

_FLOWS: Final = {
    "1": Flow.IMPORT,
    "98": Flow.IMPORT,
    "B0": Flow.IMPORT,
    "B1": Flow.IMPORT,
    "B2": Flow.IMPORT,
    "B3": Flow.IMPORT,
    "2": Flow.EXPORT,
    "C0": Flow.EXPORT,
    "C1": Flow.EXPORT,
    "C2": Flow.EXPORT,
    "C3": Flow.EXPORT,
}


class NotOcmf(ValueError):
    """A text that is no record of this format."""


def parse(signed: Signed) -> Ocmf:
    """Read a record; `NotOcmf` if it is none. Nothing is verified by that."""
    header, *sections = signed.text.strip().split(_BAR)
    if header != OCMF or len(sections) not in (2, 3) or len(signed.text) > _LONGEST:
        raise NotOcmf("not three sections, the first of them OCMF")
    payload, signature = _section(sections[0]), _section(sections[1])
    told = payload.get("RD")
    if not isinstance(told, list):
        raise NotOcmf("no readings")
    return Ocmf(
        payload=_bytes(sections[0], signed.charset),
        signature=_signature(signature),
        algorithm=_text(signature.get("SA")) or DEFAULT,
        meter=_text(payload.get("MS")) or _text(payload.get("GS")) or None,
        page=_text(payload.get("PG")) or None,
        readings=_readings(told),
        key=sections[2].strip() if len(sections) == 3 else None,
    )


def _bytes(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset)
    except (UnicodeEncodeError, LookupError) as err:
        raise NotOcmf("not in the charset that it came in") from err


def _section(text: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, InvalidOperation) as err:
        raise NotOcmf("a section is no JSON") from err
    if not isinstance(content, dict):
        raise NotOcmf("a section is no object")
    return content


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no number")


def _signature(section: Mapping[str, Any]) -> bytes:
    """Return the signature's bytes; what cannot be decoded is no signature of anything."""
    told = _text(section.get("SD"))
    if not told:
        raise NotOcmf("no signature")
    bare = re.sub(r"\s", "", told)
    try:
        if _text(section.get("SE")).lower() == "base64":
            return base64.b64decode(bare, validate=True)
        return bytes.fromhex(bare)
    except (ValueError, binascii.Error) as err:
        raise NotOcmf("the signature is not encoded as it says") from err


def _readings(told: list[object]) -> tuple[SignedReading, ...]:
    readings = list[SignedReading]()
    before: dict[str, Any] = {}
    for one in told:
        if not isinstance(one, dict):
            raise NotOcmf("a reading is no object")
        kept: dict[str, Any] = {name: before[name] for name in _KEPT if name in before}
        before = kept | one
        readings.append(_reading(before))
    return tuple(readings)


def _reading(fields: Mapping[str, Any]) -> SignedReading:
    stamp, _, clock = _text(fields.get("TM")).partition(" ")
    register = _text(fields.get("RI"))
    code = _REGISTER.match(register)
    flow = None if code is None else _FLOWS.get(code[1].upper())
    scale = _WATT_HOURS.get(_text(fields.get("RU")).lower())
    value = _number(fields.get("RV"))
    return SignedReading(
        at=_moment(stamp),
        clock=clock.strip(),
        event=_text(fields.get("TX")),
        register=register,
        flow=flow,
        energy=None if value is None or scale is None else value * scale,
        status=_text(fields.get("ST")),
        errors=_text(fields.get("EF")),
    )


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _number(value: object) -> Decimal | None:
    if not isinstance(value, Decimal | str):
        return None
    try:
        number = Decimal(value.strip().replace(",", ".")) if isinstance(value, str) else value
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _DIGITS else None


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)
