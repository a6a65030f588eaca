"""Brings every record to a replica: at least once, in order, and never over another.

A replica is a database of the same tables. Twenty sites may write to one; each only ever adds its own records.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
import secrets

from sqlalchemy import func, select

from .chain import Record
from .database import Database, insert_into
from .epochs import Tip
from .ledger import Ledger
from .migrate import migrate
from .receiving import Received, note, people_of, receive
from .schema import MARKER, OUTBOX, RECORD
from .verification import records_of
from .writing import later_than, tip_of

BATCH = 500

_INSTANCE = "instance"


class Replica:
    """A database that keeps the records of many sites."""

    def __init__(self, url: str) -> None:
        """Connect and bring its tables to what we know; `Unreadable`, `DriverMissing` or `NewerSchema` if not."""
        self.database = Database(url)
        migrate(self.database)
        with self.database.write() as connection:
            new = {"name": _INSTANCE, "value": secrets.token_hex(16)}
            connection.execute(insert_into(connection, MARKER).on_conflict_do_nothing(), new)
            named = select(MARKER.c.value).where(MARKER.c.name == _INSTANCE)
            self.id: str = connection.execute(named).scalar_one()

    def tip(self, site: str) -> Tip:
        """Return the last record that it has of a site; tell it when the site's ledger is opened."""
        with self.database.read() as connection:
            return tip_of(connection, site)

    def close(self) -> None:
        self.database.dispose()


class Outbox:
    """What one site's ledger still has to bring to one replica."""

    def __init__(self, ledger: Ledger, replica: Replica) -> None:
        self.ledger = ledger
        self.replica = replica

    def upload(self, *, most: int | None = None) -> Received:
        """Bring what is waiting, at most so many records; what was brought stays so if it is cut off in between.

        `Unreadable` while the replica cannot be reached, `Broken` for a record that is not what was sealed.
        A conflict stops nothing: it is returned, and kept in the table `conflict` of both.
        """
        done = Received()
        for batch in self._batches(most):
            with self.ledger.database.read() as connection:
                people = people_of(connection, batch)
            with self.replica.database.write() as connection:
                done += receive(connection, batch, people)
            self._remember(batch[-1], done)
        return done

    def waiting(self) -> int:
        """Return how many records the replica may not have yet."""
        after = self.position()
        with self.ledger.database.read() as connection:
            mine = (RECORD.c.site == self.ledger.site) & later_than(after)
            return connection.execute(select(func.count()).select_from(RECORD).where(mine)).scalar_one()

    def position(self) -> Tip:
        """Return the last record that was brought."""
        mine = (OUTBOX.c.replica == self.replica.id) & (OUTBOX.c.site == self.ledger.site)
        with self.ledger.database.read() as connection:
            row = connection.execute(select(OUTBOX).where(mine)).first()
        return Tip(epoch=row.epoch, sequence=row.sequence) if row else Tip()

    def missing_epochs(self) -> tuple[int, ...]:
        """Return the epochs of which the replica has something else than we have."""
        here, there = self._epochs(self.ledger.database), self._epochs(self.replica.database)
        return tuple(sorted(epoch for epoch, told in there.items() if here.get(epoch) != told))

    def recover(self) -> Received:
        """Take back what the replica has of this site and a restored backup has not."""
        received = Received()
        for epoch in self.missing_epochs():
            with self.replica.database.read() as source, self.ledger.database.write() as connection:
                whole = records_of(source, self.ledger.site, Tip(epoch=epoch))
                records = (record for record in whole if record.epoch == epoch)
                while batch := tuple(islice(records, BATCH)):
                    received += receive(connection, batch, people_of(source, batch))
        return received

    def _batches(self, most: int | None) -> Iterator[list[Record]]:
        after, left = self._confirmed(), most
        while left is None or left > 0:
            with self.ledger.database.read() as connection:
                size = BATCH if left is None else min(BATCH, left)
                batch = list(islice(records_of(connection, self.ledger.site, after), size))
            if not batch:
                return
            yield batch
            after = Tip(epoch=batch[-1].epoch, sequence=batch[-1].sequence)
            left = None if left is None else left - len(batch)

    def _confirmed(self) -> Tip:
        """Return the position; the beginning if the replica itself came back from an older backup."""
        position = self.position()
        place = (RECORD.c.site == self.ledger.site) & (RECORD.c.epoch == position.epoch)
        found = select(RECORD.c.hash).where(place, RECORD.c.sequence == position.sequence)
        with self.replica.database.read() as connection:
            return position if connection.execute(found).first() else Tip()

    def _remember(self, last: Record, done: Received) -> None:
        row = {
            "replica": self.replica.id,
            "site": self.ledger.site,
            "epoch": last.epoch,
            "sequence": last.sequence,
        }
        with self.ledger.database.write() as connection:
            statement = insert_into(connection, OUTBOX).values(row)
            place = {name: statement.excluded[name] for name in ("epoch", "sequence")}
            connection.execute(statement.on_conflict_do_update(index_elements=["replica", "site"], set_=place))
            # What is ours there is theirs here.
            note(connection, (replace(one, ours=one.theirs, theirs=one.ours) for one in done.conflicts))

    def _epochs(self, database: Database) -> dict[int, tuple[int, int]]:
        """Return how many records there are of each epoch, and the last."""
        counted = select(RECORD.c.epoch, func.count(), func.max(RECORD.c.sequence))
        with database.read() as connection:
            rows = connection.execute(counted.where(RECORD.c.site == self.ledger.site).group_by(RECORD.c.epoch))
            return {epoch: (count, last) for epoch, count, last in rows}
