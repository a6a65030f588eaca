"""What the engine itself refuses: changing or deleting what is on record."""

from alembic import op

SEALED = ("record", "period", "document_number")

_ON_SQLITE = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""

_FUNCTION = """
CREATE FUNCTION smart_evse_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""

_ON_POSTGRESQL = """
CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION smart_evse_append_only()
"""


def protect() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in SEALED:
            for verb in ("UPDATE", "DELETE"):
                op.execute(_ON_SQLITE.format(table=table, verb=verb))
        return
    op.execute(_FUNCTION)
    for table in SEALED:
        op.execute(_ON_POSTGRESQL.format(table=table))
