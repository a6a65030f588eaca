"""Who appears in the ledger: the latest word on each driver, card and guest."""

from sqlalchemy import Connection, delete, or_, tuple_, update

from .chain import Kind, Record
from .database import insert_into
from .schema import PARTY, PERSON


def put_party(connection: Connection, record: Record) -> None:
    """Project a record of a driver, a card or a guest. Of two sites that speak of the same one, the later holds."""
    body = record.read()
    row = {
        "kind": record.kind,
        "id": record.subject,
        "driver": body.get("driver"),
        "digest": body.get("personal"),
        "gone": None,
        "at": record.at,
        "site": record.site,
        "epoch": record.epoch,
        "sequence": record.sequence,
    }
    statement = insert_into(connection, PARTY).values(row)
    order = ("at", "site", "epoch", "sequence")
    later = tuple_(*(PARTY.c[name] for name in order)) < tuple_(*(statement.excluded[name] for name in order))
    # A driver who has left comes back as somebody new.
    stays = or_(PARTY.c.gone.is_(None), PARTY.c.gone != Kind.FORGOTTEN)
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "id"],
        set_={name: statement.excluded[name] for name in row if name not in ("kind", "id")},
        where=later & stays,
    )
    connection.execute(statement)


def remove_party(connection: Connection, record: Record) -> None:
    """Project that a card or a guest is no more."""
    here = (PARTY.c.kind == record.read()["kind"]) & (PARTY.c.id == record.subject)
    connection.execute(update(PARTY).where(here, PARTY.c.at <= record.at).values(gone=record.kind))
    connection.execute(delete(PERSON).where(PERSON.c.subject == record.subject))


def forget_party(connection: Connection, record: Record) -> None:
    """Project that a driver has left: what is personal goes, the sums stay under an id that says nothing."""
    driver = record.subject
    mine = (PARTY.c.driver == driver) | ((PARTY.c.kind == Kind.DRIVER) & (PARTY.c.id == driver))
    connection.execute(update(PARTY).where(mine).values(gone=record.kind))
    connection.execute(delete(PERSON).where((PERSON.c.owner == driver) | (PERSON.c.subject == driver)))
