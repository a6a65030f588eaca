"""The ledger of one site: what was put on record, in order, each line holding the one before.

Everything here is synchronous and may wait for a disk or a server.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert

from .auditing import verify
from .chain import Entry, Record
from .database import Database
from .epochs import Opening, Tip
from .migrate import migrate
from .opening import open_epoch
from .schema import MARKER
from .verification import Verification
from .writing import append, sites_of, tip_of

COPIED = "copied "
"""How the markers begin that only a copy made by a backup has: nobody took them away again. Each site has its own."""


class Ledger:
    """One site's records in a file or on a server, open for writing."""

    def __init__(self, database: Database, site: str, zone: ZoneInfo, opened: Opening | None = None) -> None:
        """Take a database that is ready. `opened` is the epoch that was opened with it, `None` if it goes on."""
        self.database = database
        self.site = site
        self.zone = zone
        self.opened = opened

    @classmethod
    def open(
        cls,
        where: str | Path,
        site: str,
        *,
        zone: str = "UTC",
        known: Iterable[Tip] = (),
        now: datetime | None = None,
    ) -> Self:
        """Open a ledger, made if there is none; in a new epoch if this turns out to be an old state of it.

        `zone` says where days and months begin. `known` are tips that were kept outside of the file: what `tip` told
        last, what a replica has. `now` is only for who has a clock of their own. What was found is in `opened`: if it
        names something lost, or goes on from a record that is there (`restored`), somebody should know.
        """
        database = Database(where)
        migrate(database)
        with database.write() as connection:
            copied = connection.execute(delete(MARKER).where(MARKER.c.name == COPIED + site)).rowcount > 0
            opened = open_epoch(connection, site, known, copied=copied, now=now or datetime.now(UTC))
        return cls(database, site, ZoneInfo(zone), opened)

    def append(self, *entries: Entry) -> tuple[Record, ...]:
        """Put entries on record, all of them or none."""
        with self.database.write() as connection:
            return append(connection, self.site, entries)

    @property
    def tip(self) -> Tip:
        """The last record. Kept outside of the file it shows whether an older state of it came back."""
        with self.database.read() as connection:
            return tip_of(connection, self.site)

    def verify(self, *, tables: bool = True) -> Verification:
        """Look at every record of the site: is it what was sealed, and does it hold the one before.

        With `tables` also whether what is made of the records is what they say; that takes longer.
        """
        return verify(self.database, self.site, tables=tables)

    def checkpoint(self, *, copying: bool = False) -> None:
        """Bring everything into the one file. With `copying` a backup begins: what it copies knows that it is a copy.

        Nobody may write before the backup has ended and this is called again without it.
        """
        with self.database.write() as connection:
            connection.execute(delete(MARKER).where(MARKER.c.name.startswith(COPIED)))
            if copying:
                sites = {self.site, *sites_of(connection)}
                connection.execute(insert(MARKER), [{"name": COPIED + site, "value": site} for site in sorted(sites)])
        self.flush()

    def flush(self) -> None:
        """Bring everything into the one file, so that nothing is left in the log in front of it."""
        if self.database.is_file:
            with self.database.engine.connect() as connection:
                raw = connection.connection.driver_connection
                if raw is not None:
                    connection.rollback()
                    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self.database.dispose()
