"""Sessions as the body of a record, and back.

Intervals are written by columns, each name once; a column in which there is nothing is left out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, cast

from ..engine.sessions.model import Interval, Mark, SessionRecord
from ..records import made, plain
from .chain import Json

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_NOTHING: tuple[object, ...] = (None, 0, [])


class Codec(NamedTuple):
    """How a field of an interval is written as JSON, and read."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _as_it_is[T](value: T) -> T:
    return value


@lru_cache(maxsize=4096)
def _price(text: str) -> Decimal:
    return Decimal(text)


_AS_IT_IS = Codec(_as_it_is, _as_it_is)
_TIME = Codec(datetime.isoformat, datetime.fromisoformat)
_PRICE = Codec(lambda price: None if price is None else str(price), lambda text: None if text is None else _price(text))
_MARKS = Codec(sorted, lambda names: frozenset(Mark(name) for name in names))

_OF_A_KIND: Mapping[str, Codec] = {
    "start": _TIME,
    "end": _TIME,
    "import_price": _PRICE,
    "export_price": _PRICE,
    "battery_price": _PRICE,
    "marks": _MARKS,
}
CODECS: Mapping[str, Codec] = {field.name: _OF_A_KIND.get(field.name, _AS_IT_IS) for field in fields(Interval)}

UNCHANGEABLE = frozenset({"id", "connector"})
"""What makes a session the one that it is."""


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def moment(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)


def encoded(intervals: Iterable[Interval]) -> Json:
    """Return intervals as columns."""
    rows = tuple(intervals)
    columns = {name: [to_json(getattr(row, name)) for row in rows] for name, (to_json, _) in CODECS.items()}
    return {name: values for name, values in columns.items() if any(value not in _NOTHING for value in values)}


def decoded(columns: Mapping[str, list[Any]]) -> tuple[Interval, ...]:
    """Return what `encoded` wrote. A column that a later version added is left out."""
    known = [name for name in CODECS if name in columns]
    values = ([CODECS[name].read(value) for value in columns[name]] for name in known)
    return tuple(Interval(**dict(zip(known, row, strict=True))) for row in zip(*values, strict=True))


def session_body(record: SessionRecord, intervals: Iterable[Interval], zone: str) -> Json:
    """Return what is put on record of a session. `zone` says which local day its intervals belong to."""
    return {"session": plain(record), "intervals": encoded(intervals), "zone": zone}


def session_of(body: Json) -> tuple[SessionRecord, tuple[Interval, ...], str]:
    """Return what `session_body` wrote."""
    return made(SessionRecord, body["session"]), decoded(body["intervals"]), body["zone"]


def changed(record: SessionRecord, changes: Mapping[str, object]) -> SessionRecord:
    """Return the session with other fields, given as JSON or as what they are; `KeyError` for one that it has not."""
    for name in changes:
        if name in UNCHANGEABLE or name not in SessionRecord.__dataclass_fields__:
            raise KeyError(name)
    return made(SessionRecord, plain(record) | plain_changes(changes))


def plain_changes(changes: Mapping[str, object]) -> Json:
    """Return changes as they are put on record."""
    full = replace(_BLANK, **cast("Any", {name: value for name, value in changes.items() if not _is_plain(value)}))
    written = plain(full)
    return {name: value if _is_plain(value) else written[name] for name, value in changes.items()}


def marks_as_text(marks: Iterable[Mark]) -> str:
    return ",".join(sorted(marks))


def marks_of(text: str) -> frozenset[Mark]:
    return frozenset(Mark(name) for name in text.split(",") if name)


def _is_plain(value: object) -> bool:
    return value is None or type(value) in (str, int, float, bool, list, dict)


_BLANK = SessionRecord(id="", connector="", started=EPOCH)
