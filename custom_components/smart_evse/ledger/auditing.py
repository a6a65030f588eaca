"""Verifies a ledger throughout: the file, the records, the tables made of them."""

from dataclasses import replace
from itertools import islice

from sqlalchemy import Connection

from .database import Database
from .errors import Unreadable
from .rebuilding import differing_tables
from .verification import MOST_FINDINGS, Finding, Flaw, Verification, verify_records


def verify(database: Database, site: str, *, tables: bool) -> Verification:
    """Look at the records of a site and, with `tables`, at what was made of them.

    A file so damaged that it cannot be read throughout is a finding, too.
    """
    try:
        with database.read() as connection:
            found = verify_records(connection, site)
            findings = [*found.findings, *_damage(connection, site, throughout=tables)]
            if tables:
                findings += islice(differing_tables(connection, site), MOST_FINDINGS)
    except Unreadable, ValueError, KeyError, TypeError:
        # A line that no longer is JSON or of its type stops whoever reads on.
        findings = [*_quickly(database, site), Finding(flaw=Flaw.FILE, site=site)]
        return Verification(records=0, findings=tuple(findings[:MOST_FINDINGS]))
    return replace(found, findings=tuple(findings[:MOST_FINDINGS]))


def _quickly(database: Database, site: str) -> list[Finding]:
    """Return what the records alone show, where the tables cannot be read."""
    try:
        with database.read() as connection:
            return list(verify_records(connection, site).findings)
    except Unreadable, ValueError, KeyError, TypeError:
        return []


def _damage(connection: Connection, site: str, *, throughout: bool) -> list[Finding]:
    """Return what the database says of its own file, of its indexes too if `throughout`."""
    if connection.dialect.name != "sqlite":
        return []
    told = connection.exec_driver_sql(f"PRAGMA {'integrity' if throughout else 'quick'}_check(1)").scalar()
    return [] if told == "ok" else [Finding(flaw=Flaw.FILE, site=site, subject=str(told))]
