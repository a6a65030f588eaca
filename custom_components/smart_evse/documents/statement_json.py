"""A statement as JSON, for programs: all its fields by their names, money and prices as text, to the last digit."""

from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
import json

from ..engine.statements.model import Statement

type Plain = str | int | bool | list[Plain] | dict[str, Plain] | None


def statement_json(statement: Statement) -> bytes:
    """Write a statement; times have their offset from UTC, energies are Wh."""
    return json.dumps(_plain(statement), ensure_ascii=False, indent=1).encode()


def _plain(value: object) -> Plain:
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case tuple() | list():
            return [_plain(each) for each in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no form in JSON")
