"""Our nouns as JSON and back: what a dataclass says of its fields is all that there is to say."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
import types
from typing import Any, TypeAliasType, Union, cast, get_args, get_origin, get_type_hints

type Json = dict[str, Any]


def plain(record: object) -> Json:
    """Return a dataclass as JSON: times in ISO 8601, durations in s, money as text, sets in order."""
    return asdict(cast("Any", record), dict_factory=lambda items: {key: _plain(item) for key, item in items})


def made[T](kind: type[T], data: Mapping[str, Any]) -> T:
    """Return a dataclass from JSON; what is missing has its default, what it does not know is left out.

    `ValueError`, `TypeError` or `KeyError` when the rest is not what it should be.
    """
    hints = _hints(cast("Any", kind))
    known: Json = {}
    for item in fields(cast("Any", kind)):
        if item.name in data:
            known[item.name] = _made(hints[item.name], data[item.name])
        elif item.default is MISSING and item.default_factory is MISSING:
            raise KeyError(item.name)
    return kind(**known)


@cache
def _hints(kind: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any dataclass
    """Return the types of its fields, read once for each kind: a ledger makes them by the thousand."""
    return get_type_hints(kind)


def made_or[T](kind: type[T], data: object, otherwise: T) -> T:
    """Return a dataclass from JSON, `otherwise` where that is not one."""
    try:
        return made(kind, data) if isinstance(data, Mapping) else otherwise
    except ValueError, TypeError, KeyError:
        return otherwise


def _plain(value: object) -> object:
    match value:
        case Enum():
            value = value.value
        case datetime() | date() | time():
            value = value.isoformat()
        case timedelta():
            value = value.total_seconds()
        case Decimal():
            value = str(value)
        case frozenset():
            value = sorted(_plain(item) for item in value)  # type: ignore[type-var]  # what we put in sets has an order
        case tuple() | list():
            value = [_plain(item) for item in value]
        case dict():
            value = {key: _plain(item) for key, item in value.items()}
    return value


_READ: Mapping[object, Any] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    timedelta: lambda seconds: timedelta(seconds=seconds),
    float: float,
    Decimal: Decimal,
}


def _made(kind: Any, value: Any) -> Any:  # noqa: ANN401 - a type read from a field, and what JSON made of it
    if isinstance(kind, TypeAliasType):
        return _made(kind.__value__, value)
    if get_origin(kind) is not None:
        return _made_of_several(kind, value)
    if is_dataclass(kind):
        return made(cast("type[Any]", kind), value)
    if kind in _READ:
        return _READ[kind](value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


def _made_of_several(kind: Any, value: Any) -> Any:  # noqa: ANN401 - as above
    """Read a tuple, a set, or what may be nothing."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _made_of_one([one for one in parts if one is not type(None)], value)
    if origin is frozenset:
        return frozenset(_made(parts[0], item) for item in value)
    if origin is tuple:
        each = [parts[0]] * len(value) if parts[-1] is Ellipsis else parts
        return tuple(_made(one, item) for one, item in zip(each, value, strict=True))
    return value


def _made_of_one(kinds: list[Any], value: Any) -> Any:  # noqa: ANN401 - as above
    """Read what is of one of several types: the first that it can be."""
    *rather, last = kinds
    for kind in rather:
        try:
            return _made(kind, value)
        except ValueError:
            continue
    return _made(last, value)
