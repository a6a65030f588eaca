"""Tries a server before records are to be brought to it, and says what is in the way."""

from enum import StrEnum
import re
import socket

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from .database import Database
from .migrate import HEAD, version_of

_PATIENCE = 10.0
"""A server says hello within this, in s."""

_HELLO = (8).to_bytes(4) + (80877103).to_bytes(4)
"""PostgreSQL's own question whether a connection is to be encrypted (SSLRequest): a byte is the answer."""

_ANSWERS = b"SNE"
_PORT = 5432
_NOT_ALLOWED = "42501"
"""The SQLSTATE of somebody who may not."""

_WORD = re.compile(r"FAT\w*")
"""How a server begins that knows us and will not have us, in every language that it speaks."""


class Trouble(StrEnum):
    """What is in the way."""

    UNREACHABLE = "database_unreachable"
    OTHER = "database_is_another"
    """Something else answers."""
    LOGIN = "database_login"
    MISSING = "database_missing"
    """There is no database of this name."""
    RIGHTS = "database_rights"
    NEWER = "database_newer"
    """A later version of us keeps its records there."""


def trouble_with(where: str) -> Trouble | None:
    """Return what is in the way of bringing records to a server, `None` if nothing is; `DriverMissing` without psycopg.

    Nothing is changed there.
    """
    database = Database(where)
    try:
        return _trouble(database)
    finally:
        database.dispose()


def _trouble(database: Database) -> Trouble | None:
    if (answer := _knocked(database.url)) is not None:
        return answer
    try:
        with database.engine.connect() as connection:
            return _rights(connection)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED:
            return Trouble.RIGHTS
        return _refused(str(error.orig), database.url)


def _knocked(url: URL) -> Trouble | None:
    """Ask who is there, as PostgreSQL's own clients do before they say who they are."""
    try:
        with socket.create_connection((url.host or "", url.port or _PORT), timeout=_PATIENCE) as line:
            line.sendall(_HELLO)
            answer = line.recv(1)
    except TimeoutError, OSError:
        return Trouble.UNREACHABLE
    return None if answer and answer in _ANSWERS else Trouble.OTHER


def _refused(said: str, url: URL) -> Trouble:
    """Return why a server that is there lets nobody in: its words may be of any language, its names are ours."""
    if not _WORD.search(said):
        return Trouble.UNREACHABLE
    names_database, names_user = (f'"{name}"' in said for name in (url.database, url.username))
    return Trouble.MISSING if names_database and not names_user else Trouble.LOGIN


def _rights(connection: Connection) -> Trouble | None:
    """Say whether tables may be made, or, where they are, be written."""
    version = version_of(connection)
    if version is not None and version > HEAD:
        return Trouble.NEWER
    questions = []
    if version is not None:
        questions.append("has_table_privilege('record', 'SELECT, INSERT')")
    if version != HEAD:
        questions.append("COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false)")
    return None if connection.execute(text(f"SELECT {' AND '.join(questions)}")).scalar() else Trouble.RIGHTS
