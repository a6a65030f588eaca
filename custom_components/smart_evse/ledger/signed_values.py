"""What meters signed and the keys they sign with, between records and tables."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from sqlalchemy import Connection, delete, insert, select

from .chain import Json, Kind, Record
from .database import insert_into
from .parties import is_forgotten
from .schema import METER_KEY, PERSON, RECORD, SIGNED_VALUE

SEEN = "seen"


def put_signed(connection: Connection, record: Record) -> None:
    """Project what was signed over a session. What somebody who has left would be known by is not taken in again."""
    body = record.read()
    if is_forgotten(connection, body.get("owner")):
        connection.execute(delete(PERSON).where(PERSON.c.digest == body["personal"]))
    connection.execute(insert_into(connection, SIGNED_VALUE).on_conflict_do_nothing(), signed_row(record))


def signed_row(record: Record) -> Json:
    """Return what the tables show of a signed value."""
    body = record.read()
    return {
        "site": record.site,
        "epoch": record.epoch,
        "sequence": record.sequence,
        "session": record.subject,
        "meter": body["meter"],
        "at": record.at,
        "digest": body["personal"],
        "text_hash": body["text_hash"],
    }


def put_meter_keys(connection: Connection, record: Record) -> None:
    """Project what is known of a meter's keys, from all that was told: a record may come late."""
    mine = (RECORD.c.site == record.site) & (RECORD.c.subject == record.subject) & (RECORD.c.kind == Kind.METER_KEY)
    rows = select(RECORD).where(mine).order_by(RECORD.c.epoch, RECORD.c.sequence)
    told = [Record(**row) for row in connection.execute(rows).mappings()]
    here = (METER_KEY.c.site == record.site) & (METER_KEY.c.meter == record.subject)
    connection.execute(delete(METER_KEY).where(here))
    connection.execute(insert(METER_KEY), key_rows(told))


def key_rows(records: Iterable[Record]) -> list[Json]:
    """Return what the tables show of one meter's keys. That a key came along once more takes back no word on it."""
    rows = dict[str, Json]()
    for record in records:
        body = record.read()
        key, state = body["key"], body["state"]
        before = rows.get(key)
        if before is None or state != SEEN:
            number = len(rows) if before is None else before["number"]
            place = {"site": record.site, "meter": record.subject, "number": number}
            rows[key] = place | {"key": key, "state": state, "at": record.at}
    return list(rows.values())


def differing_values(connection: Connection, site: str) -> Iterator[Record]:
    """Yield records of signed values and of keys that the tables do not show."""
    for record in _told(connection, site, Kind.SIGNED):
        here = (SIGNED_VALUE.c.site == site) & (SIGNED_VALUE.c.epoch == record.epoch)
        row = connection.execute(
            select(SIGNED_VALUE).where(here, SIGNED_VALUE.c.sequence == record.sequence)
        ).mappings()
        if dict(row.first() or {}) != signed_row(record):
            yield record
    for meter, told in groupby(_told(connection, site, Kind.METER_KEY), key=lambda record: record.subject):
        records = list(told)
        here = (METER_KEY.c.site == site) & (METER_KEY.c.meter == meter)
        rows = connection.execute(select(METER_KEY).where(here).order_by(METER_KEY.c.number)).mappings()
        if [dict(row) for row in rows] != key_rows(records):
            yield records[-1]


def rebuild_values(connection: Connection, site: str) -> None:
    """Make the tables of signed values and of keys anew."""
    for table in (SIGNED_VALUE, METER_KEY):
        connection.execute(delete(table).where(table.c.site == site))
    for record in _told(connection, site, Kind.SIGNED):
        connection.execute(insert(SIGNED_VALUE), signed_row(record))
    for _, told in groupby(_told(connection, site, Kind.METER_KEY), key=lambda record: record.subject):
        connection.execute(insert(METER_KEY), key_rows(told))


def _told(connection: Connection, site: str, kind: Kind) -> list[Record]:
    mine = (RECORD.c.site == site) & (RECORD.c.kind == kind)
    rows = select(RECORD).where(mine).order_by(RECORD.c.subject, RECORD.c.epoch, RECORD.c.sequence)
    return [Record(**row) for row in connection.execute(rows).mappings()]
