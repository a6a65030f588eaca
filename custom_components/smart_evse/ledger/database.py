"""The engine under a ledger: a SQLite file, or a PostgreSQL server, with the same tables and the same code."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from .errors import DriverMissing, LedgerError, Refused, Unreadable

POSTGRESQL = ("psycopg>=3.2,<4", "psycopg-binary>=3.2,<4")
"""What has to be installed before a server can be spoken to."""

BUSY_SECONDS = 30

# A document that was sent out and a session that has ended must be there after a power cut: in WAL mode only FULL
# waits for the disk at each commit. A ledger commits a few times a minute, so that costs next to nothing.
# What is forgotten is overwritten, not only unlinked.
PRAGMAS = (
    "synchronous=FULL",
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "secure_delete=ON",
    "temp_store=MEMORY",
)

_AGAIN = 0.02
"""How soon a file that others are about to open too is tried again, in s."""

_WRITES = {"smart_evse_writes": True}


class Database:
    """Connections to one ledger, for reading and for writing."""

    def __init__(self, where: str | Path) -> None:
        """Take a path of a file or the URL of a server; `DriverMissing` without the server's library."""
        self.url = _url_of(where)
        try:
            self.engine = _engine_of(self.url)
        except ImportError as error:
            raise DriverMissing("PostgreSQL needs psycopg, which is not installed") from error

    @property
    def is_file(self) -> bool:
        """Whether it is a file of our own rather than a server."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of everything, however long it looks."""
        with _readable(), self.engine.connect() as connection:
            yield connection if self.is_file else connection.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection that alone may write; all of it is kept, or nothing."""
        with _readable(), self.engine.connect().execution_options(**_WRITES) as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        self.engine.dispose()


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except LedgerError:
        raise
    except (IntegrityError, DataError) as error:
        raise Refused(f"the ledger does not take it: {error.orig}") from error
    except DBAPIError as error:
        raise Unreadable(f"the ledger cannot be reached or read: {error.orig}") from error
    except SQLAlchemyError as error:
        raise Unreadable(f"the ledger cannot be read: {error}") from error


def _url_of(where: str | Path) -> URL:
    """Return the URL, of PostgreSQL by way of psycopg whatever it says of its driver."""
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    url = make_url(where)
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name().startswith("postgres") else url


def _engine_of(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        # A server that went away in the night is noticed before it is asked.
        return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": 10})
    # What is personal is in no log, whatever goes wrong.
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_file)
    event.listen(engine, "begin", _begin_on_file)
    return engine


def _prepare_file(connection: Any, _: object) -> None:  # noqa: ANN401 - sqlite3's own, which SQLAlchemy does not type
    # Transactions are begun below, by what they are for.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    _into_wal(connection)


def _into_wal(connection: sqlite3.Connection) -> None:
    """Have a write-ahead log. Whoever changes a new file's mode is not made to wait for others but sent away."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_AGAIN)
        else:
            return


def _begin_on_file(connection: Connection) -> None:
    """Writers queue up at the beginning: one that finds out later that another was faster would have to start again."""
    writes = connection.get_execution_options().get("smart_evse_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert_into(connection: Connection, table: Table) -> Any:  # noqa: ANN401 - one class for each dialect, with the same methods
    """Return an insert that knows `ON CONFLICT`, in the words of this engine."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def lock(connection: Connection, name: str) -> None:
    """Let nobody else do this until the transaction has ended. A file has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"smart_evse {name}"})
