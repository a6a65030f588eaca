"""The sites that one database holds, and what is known there of each by its id alone."""

from dataclasses import dataclass

from sqlalchemy import select

from .database import Database
from .schema import TOTAL
from .totals import scope_of
from .writing import sites_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOnRecord:
    """A site by its id, with the ids of the connectors and vehicles that have sessions there."""

    id: str
    connectors: frozenset[str] = frozenset()
    vehicles: frozenset[str] = frozenset()


def sites_on_record(database: Database) -> tuple[SiteOnRecord, ...]:
    """Return the sites that have records. What has sessions is in the sums: those are few, and sessions are many."""
    found = []
    with database.read() as connection:
        for site in sites_of(connection):
            ids = {}
            for name in ("connector", "vehicle"):
                rows = select(TOTAL.c[name]).where(TOTAL.c.site == site, TOTAL.c.scope == scope_of({name}))
                ids[name] = frozenset(filter(None, connection.execute(rows.distinct()).scalars()))
            found.append(SiteOnRecord(id=site, connectors=ids["connector"], vehicles=ids["vehicle"]))
    return tuple(found)
