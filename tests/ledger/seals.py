"""What somebody with the database's password could do, and has to be found out."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from custom_components.smart_evse.ledger.database import Database

SEALED = ("record", "period", "document_number")


@contextmanager
def broken_open(database: Database) -> Iterator[Connection]:
    """Yield a connection that may change what is sealed; the seals are put back afterwards."""
    with database.write() as connection:
        if connection.dialect.name == "sqlite":
            kept = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
            for name, _ in kept:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            yield connection
            for _, statement in kept:
                connection.exec_driver_sql(statement)
        else:
            for table in SEALED:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            yield connection
            for table in SEALED:
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
