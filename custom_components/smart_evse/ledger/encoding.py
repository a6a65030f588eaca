"""Sessions as the body of a record, and back.

Intervals are written by columns, each name once; a column in which there is nothing is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import Field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from ..engine.sessions.model import Interval, Mark, SessionRecord
from ..records import made, plain
from .chain import Json

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

COLUMNS: tuple[Field[Any], ...] = fields(Interval)

UNCHANGEABLE = frozenset({"id", "connector"})
"""What makes a session the one that it is."""


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def moment(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)


def encoded(intervals: Iterable[Interval]) -> Json:
    """Return intervals as columns."""
    rows = [plain(one) for one in intervals]
    columns = {field.name: [row[field.name] for row in rows] for field in COLUMNS}
    return {name: values for name, values in columns.items() if any(value not in (None, 0, []) for value in values)}


def decoded(columns: Mapping[str, list[Any]]) -> tuple[Interval, ...]:
    """Return what `encoded` wrote."""
    known = [field for field in COLUMNS if field.name in columns]
    rows = zip(*(columns[field.name] for field in known), strict=True)
    return tuple(made(Interval, {field.name: value for field, value in zip(known, row, strict=True)}) for row in rows)


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
