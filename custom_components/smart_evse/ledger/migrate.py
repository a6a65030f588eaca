"""Brings the tables of a ledger to what this version knows."""

from pathlib import Path

from sqlalchemy import Connection, inspect, select
from sqlalchemy.sql import column, table

from .database import Database, lock
from .errors import NewerSchema

HEAD = "0005"
"""The last step of `migrations/versions`, so that a ledger that has it opens without looking at them."""

SCRIPTS = Path(__file__).parent / "migrations"

_VERSION = table("alembic_version", column("version_num"))


def migrate(database: Database) -> None:
    """Take the steps that are missing, all or none; `NewerSchema` for a ledger that is ahead of us."""
    with database.read() as connection:
        if version_of(connection) == HEAD:
            return
    with database.write() as connection:
        # Twenty sites may meet a new server in the same minute.
        lock(connection, "schema")
        if version_of(connection) != HEAD:
            _upgrade(connection)


def version_of(connection: Connection) -> str | None:
    """Return the last step that was taken, `None` where there are no tables of ours."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    version: str | None = connection.execute(select(_VERSION.c.version_num)).scalar()
    return version


def _upgrade(connection: Connection) -> None:
    # Seldom needed and slow to import.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    version = version_of(connection)
    if version is not None and version not in known:
        raise NewerSchema(f"the ledger is of version {version}; this one knows {HEAD}")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
