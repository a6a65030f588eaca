"""The book of people: drivers, their cards, guests. What is personal can be forgotten, what they took stays."""

from collections.abc import Iterator
from datetime import UTC, datetime
import json
import uuid

from sqlalchemy import select

from ..engine.access.model import Card, Driver, Guest
from ..records import made, plain
from .chain import Entry, Kind
from .ledger import Ledger
from .schema import PARTY, PERSON


def new_id() -> str:
    """Return an id that tells nothing of whom it is for: it stays when everything else is forgotten."""
    return uuid.uuid4().hex


class PeopleBook:
    """Who charges. All sites of a ledger share them; what one of them writes is on record there."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def put_driver(self, driver: Driver, *, at: datetime | None = None) -> None:
        """Put a driver on record, new or changed. The id must tell nothing of the person: `new_id` makes one."""
        self._put(Kind.DRIVER, driver, owner=driver.id, driver=driver.id, at=at)

    def drivers(self) -> tuple[Driver, ...]:
        return tuple(self._all(Kind.DRIVER, Driver))

    def put_card(self, card: Card, *, at: datetime | None = None) -> None:
        """Put a card on record, new or changed."""
        self._put(Kind.CARD, card, owner=card.driver, driver=card.driver, at=at)

    def cards(self) -> tuple[Card, ...]:
        return tuple(self._all(Kind.CARD, Card))

    def put_guest(self, guest: Guest, *, at: datetime | None = None) -> None:
        """Put a guest on record, new or changed."""
        self._put(Kind.GUEST, guest, owner=guest.id, driver=None, at=at)

    def guests(self) -> tuple[Guest, ...]:
        return tuple(self._all(Kind.GUEST, Guest))

    def remove(self, kind: Kind, subject: str, *, at: datetime | None = None) -> None:
        """Put on record that a card or a guest is no more, and forget what is personal of it."""
        body = {"kind": str(kind)}
        self.ledger.append(Entry(kind=Kind.REMOVED, subject=subject, body=body, at=at or datetime.now(UTC)))

    def forget_driver(self, driver: str, *, by: str | None = None, at: datetime | None = None) -> None:
        """Put on record that a driver has left, and erase name, cards and notes. Sessions and sums keep the bare id."""
        entry = Entry(kind=Kind.FORGOTTEN, subject=driver, body={"by": by}, at=at or datetime.now(UTC))
        self.ledger.append(entry)
        # What the log in front of the file still holds of it goes, too.
        self.ledger.flush()

    def _put(
        self, kind: Kind, party: Driver | Card | Guest, *, owner: str | None, driver: str | None, at: datetime | None
    ) -> None:
        entry = Entry(
            kind=kind,
            subject=party.id,
            body={"driver": driver},
            at=at or datetime.now(UTC),
            personal=plain(party),
            owner=owner,
        )
        self.ledger.append(entry)

    def _all[T](self, kind: Kind, noun: type[T]) -> Iterator[T]:
        rows = select(PERSON.c.body).join(PARTY, PARTY.c.digest == PERSON.c.digest)
        rows = rows.where(PARTY.c.kind == kind, PARTY.c.gone.is_(None)).order_by(PARTY.c.id)
        with self.ledger.database.read() as connection:
            for body in connection.execute(rows).scalars():
                yield made(noun, json.loads(body))
