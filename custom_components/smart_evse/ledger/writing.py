"""How something gets on record: sealed onto the last record, numbered, and projected, in one transaction."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace

from sqlalchemy import ColumnElement, Connection, func, insert, select, tuple_

from .booking import put_told
from .chain import Entry, Kind, Record, canonical, commitment, digest_of, new_salt, stamp
from .database import lock
from .epochs import Tip
from .numbers import next_number, put_number
from .parties import forget_party, put_party, remove_party
from .periods import put_period
from .schema import PERSON, RECORD
from .signed_values import put_meter_keys, put_signed
from .statement_rows import forget_personal, put_statement

PROJECTIONS: Mapping[str, Callable[[Connection, Record], None]] = {
    Kind.SESSION: put_told,
    Kind.CORRECTION: put_told,
    Kind.DRIVER: put_party,
    Kind.CARD: put_party,
    Kind.GUEST: put_party,
    Kind.REMOVED: remove_party,
    Kind.FORGOTTEN: forget_party,
    Kind.PERIOD: put_period,
    Kind.SIGNED: put_signed,
    Kind.METER_KEY: put_meter_keys,
    Kind.STATEMENT: put_statement,
    Kind.STATEMENT_PERSON: forget_personal,
    Kind.STATEMENT_EVENT: put_statement,
}


def tip_of(connection: Connection, site: str) -> Tip:
    """Return the last record of a site, `EMPTY` where there is none."""
    columns = (RECORD.c.epoch, RECORD.c.sequence, RECORD.c.hash)
    last = select(*columns).where(RECORD.c.site == site).order_by(RECORD.c.epoch.desc(), RECORD.c.sequence.desc())
    row = connection.execute(last.limit(1)).first()
    return Tip(epoch=row.epoch, sequence=row.sequence, hash=row.hash) if row else Tip()


def later_than(place: Tip) -> ColumnElement[bool]:
    """Return the condition that a record comes after a place: as a pair, in which form a key serves it."""
    return tuple_(RECORD.c.epoch, RECORD.c.sequence) > (place.epoch, place.sequence)


def sites_of(connection: Connection) -> tuple[str, ...]:
    """Return the sites that have records, by a look at the key for each: there may be millions of lines."""
    found: list[str] = []
    after = select(func.min(RECORD.c.site))
    site: str | None = connection.execute(after).scalar()
    while site is not None:
        found.append(site)
        site = connection.execute(after.where(RECORD.c.site > site)).scalar()
    return tuple(found)


def append(
    connection: Connection, site: str, entries: Iterable[Entry], *, place: Tip | None = None
) -> tuple[Record, ...]:
    """Put entries on record after the last one of the site or at a `place`, in the connection's transaction."""
    lock(connection, f"site {site}")
    place = place or tip_of(connection, site).after()
    written = []
    for entry in entries:
        record = sealed(connection, site, place, entry)
        connection.execute(insert(RECORD), asdict(record))
        project(connection, record)
        place = Tip(epoch=record.epoch, sequence=record.sequence, hash=record.hash).after()
        written.append(record)
    return tuple(written)


def sealed(connection: Connection, site: str, place: Tip, entry: Entry) -> Record:
    """Return an entry as the record at a place; `place.hash` is that of the record before."""
    body = dict(entry.body)
    if entry.personal is not None:
        body |= {"personal": _keep_personal(connection, entry), "owner": entry.owner}
    if entry.numbering is not None:
        body |= {"issuer": entry.numbering.issuer, "year": entry.numbering.year}
        body["number"] = next_number(connection, entry.numbering)
    record = Record(
        site=site,
        epoch=place.epoch,
        sequence=place.sequence,
        kind=entry.kind,
        at=stamp(entry.at),
        subject=entry.subject,
        body=canonical(body),
        previous=place.hash,
        hash="",
    )
    return replace(record, hash=digest_of(record))


def project(connection: Connection, record: Record) -> None:
    """Make of a record what the tables show."""
    put_number(connection, record)
    known = PROJECTIONS.get(record.kind)
    if known is not None:
        known(connection, record)


def _keep_personal(connection: Connection, entry: Entry) -> str:
    salt, text = new_salt(), canonical(entry.personal)
    digest = commitment(salt, text)
    row = {"digest": digest, "subject": entry.subject, "owner": entry.owner, "salt": salt, "body": text}
    connection.execute(insert(PERSON), row)
    return digest
