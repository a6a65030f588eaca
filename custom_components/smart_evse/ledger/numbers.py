"""Numbers of documents: one after the other for each issuer and year, none missing and none twice.

A number is taken in the transaction of the record that uses it: what is not kept has not taken any.
"""

from sqlalchemy import Connection, func, select

from .chain import Json, Numbering, Record
from .database import insert_into, lock
from .schema import NUMBER


def next_number(connection: Connection, numbering: Numbering) -> int:
    """Return the number after the last of this issuer and year, from the first on."""
    # On a server two sites of one issuer may ask at once.
    lock(connection, f"numbers {numbering.year} {numbering.issuer}")
    mine = (NUMBER.c.issuer == numbering.issuer) & (NUMBER.c.year == numbering.year)
    last: int | None = connection.execute(select(func.max(NUMBER.c.number)).where(mine)).scalar()
    return max((last or 0) + 1, numbering.first)


def put_number(connection: Connection, record: Record) -> None:
    """Project the number that a record has taken."""
    row = number_row(record)
    if row is not None:
        # Two ledgers that went on from one backup may both have given it: verifying shows both records.
        connection.execute(insert_into(connection, NUMBER).on_conflict_do_nothing(), row)


def number_row(record: Record) -> Json | None:
    """Return what the tables show of the number that a record has taken; `None` if it has none."""
    if '"number":' not in record.body:
        return None
    body = record.read()
    if not {"issuer", "year", "number"} <= body.keys():
        return None
    place = {"site": record.site, "epoch": record.epoch, "sequence": record.sequence}
    return {name: body[name] for name in ("issuer", "year", "number")} | place


def numbers(connection: Connection, numbering: Numbering) -> tuple[int, ...]:
    """Return all numbers that were given, in order."""
    mine = (NUMBER.c.issuer == numbering.issuer) & (NUMBER.c.year == numbering.year)
    return tuple(connection.execute(select(NUMBER.c.number).where(mine).order_by(NUMBER.c.number)).scalars())
