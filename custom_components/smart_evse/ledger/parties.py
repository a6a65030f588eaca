"""Who appears in the ledger: the latest word on each driver, card and guest, and what is personal of them."""

from sqlalchemy import ColumnElement, Connection, Select, delete, select, tuple_, update

from .chain import Json, Kind, Record
from .database import insert_into
from .schema import PARTY, PERSON, SESSION, SIGNED_VALUE

_ORDER = ("at", "site", "epoch", "sequence")


def put_party(connection: Connection, record: Record) -> None:
    """Project a record of a driver, a card or a guest. Of two sites that speak of the same one, the later holds.

    Only the latest word is kept of what is personal. Who was forgotten stays forgotten, in whatever order it is told.
    """
    body = record.read()
    if is_forgotten(connection, body.get("owner")):
        connection.execute(delete(PERSON).where(PERSON.c.digest == body.get("personal")))
        return
    _upsert(connection, party_row(record))
    # A guest is a driver as well, under one id: what is known of either stays.
    latest = select(PARTY.c.digest).where(PARTY.c.id == record.subject, PARTY.c.digest.is_not(None))
    stale = PERSON.c.digest.not_in(latest)
    connection.execute(delete(PERSON).where(PERSON.c.subject == record.subject, stale))


def remove_party(connection: Connection, record: Record) -> None:
    """Project that a card or a guest is no more."""
    here = (PARTY.c.kind == record.read()["kind"]) & (PARTY.c.id == record.subject) & (PARTY.c.at <= record.at)
    if connection.execute(update(PARTY).where(here).values(gone=record.kind)).rowcount:
        connection.execute(delete(PERSON).where(PERSON.c.subject == record.subject))


def forget_party(connection: Connection, record: Record) -> None:
    """Project that a driver has left: what is personal goes, the sums stay under an id that says nothing."""
    driver = record.subject
    _upsert(connection, party_row(record))
    connection.execute(update(PARTY).where(_of(driver)).values(gone=record.kind))
    connection.execute(delete(PERSON).where((PERSON.c.owner == driver) | (PERSON.c.subject == driver)))
    # What a meter signed names a card, also where the session became theirs only later.
    connection.execute(delete(PERSON).where(PERSON.c.digest.in_(signed_for(driver))))


def is_forgotten(connection: Connection, driver: str | None) -> bool:
    """Whether this driver has left."""
    here = (PARTY.c.kind == Kind.DRIVER) & (PARTY.c.id == driver) & (PARTY.c.gone == Kind.FORGOTTEN)
    return driver is not None and connection.execute(select(PARTY.c.id).where(here)).first() is not None


def signed_for(driver: str) -> Select[tuple[str]]:
    """Return what asks for the commitments of all that was signed over a driver's sessions."""
    same = (SESSION.c.site == SIGNED_VALUE.c.site) & (SESSION.c.id == SIGNED_VALUE.c.session)
    return select(SIGNED_VALUE.c.digest).join(SESSION, same).where(SESSION.c.driver == driver)


def _of(driver: str) -> ColumnElement[bool]:
    """Return who a driver is in the ledger: themselves, their cards, and the guest of the same id."""
    return (PARTY.c.driver == driver) | (PARTY.c.id == driver)


def party_row(record: Record) -> Json:
    """Return what the tables show of a party by this record."""
    forgotten = record.kind == Kind.FORGOTTEN
    body = record.read()
    return {
        "kind": str(Kind.DRIVER) if forgotten else record.kind,
        "id": record.subject,
        "driver": body.get("driver"),
        "digest": body.get("personal"),
        "gone": record.kind if forgotten else None,
        "at": record.at,
        "site": record.site,
        "epoch": record.epoch,
        "sequence": record.sequence,
    }


def _upsert(connection: Connection, row: Json) -> None:
    statement = insert_into(connection, PARTY).values(row)
    earlier = tuple_(*(PARTY.c[name] for name in _ORDER)) < tuple_(*(statement.excluded[name] for name in _ORDER))
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "id"],
        set_={name: statement.excluded[name] for name in row if name not in ("kind", "id")},
        where=earlier,
    )
    connection.execute(statement)
