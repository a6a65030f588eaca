"""Takes in records that were sealed elsewhere: a replica, an import, a ledger that gets back what it lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import batched

from sqlalchemy import Connection, select, tuple_

from .chain import Record, digest_of
from .database import insert_into, lock
from .errors import Broken
from .schema import CONFLICT, PERSON, RECORD
from .writing import project

_MANY = 500

type Person = dict[str, str | None]
"""What is personal of a record, as it is stored: digest, subject, owner, salt, body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two records of one key: two ledgers went on from one backup. `ours` is the hash here, `theirs` the one told."""

    site: str
    epoch: int
    sequence: int
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What came of records that were told: how many are new, and which are here as something else."""

    seen: int = 0
    new: int = 0
    conflicts: tuple[Conflict, ...] = ()

    def __add__(self, other: Received) -> Received:
        return Received(
            seen=self.seen + other.seen, new=self.new + other.new, conflicts=(*self.conflicts, *other.conflicts)
        )


def receive(connection: Connection, records: Iterable[Record], people: Mapping[str, Person]) -> Received:
    """Add records of one site that are not there; `Broken` for one that is not what was sealed.

    `people` is by digest. What is personal comes with a new record only: what was forgotten here does not come back
    because somebody tells an old record once more.
    """
    received = Received()
    for some in batched(records, _MANY, strict=False):
        for record in some:
            if digest_of(record) != record.hash:
                raise Broken(*record.key)
        lock(connection, f"site {some[0].site}")
        known = _hashes(connection, some)
        new = [record for record in some if record.key not in known]
        others = tuple(_conflicts(some, known))
        _add(connection, new, people)
        note(connection, others)
        received += Received(seen=len(some), new=len(new), conflicts=others)
    return received


def people_of(connection: Connection, records: Sequence[Record]) -> dict[str, Person]:
    """Return what is personal of these records and still kept, by digest."""
    digests = [digest for record in records if (digest := personal_of(record)) is not None]
    if not digests:
        return {}
    rows = connection.execute(select(PERSON).where(PERSON.c.digest.in_(digests))).mappings()
    return {row["digest"]: dict(row) for row in rows}


def personal_of(record: Record) -> str | None:
    """Return the commitment that a record holds to something personal."""
    if '"personal":' not in record.body:
        return None
    digest: str | None = record.read().get("personal")
    return digest


def _hashes(connection: Connection, records: Sequence[Record]) -> dict[tuple[str, int, int], str]:
    """Return the hashes that are there under the keys of these records."""
    site, places = records[0].site, [(record.epoch, record.sequence) for record in records]
    rows = select(RECORD.c.epoch, RECORD.c.sequence, RECORD.c.hash).where(
        RECORD.c.site == site, tuple_(RECORD.c.epoch, RECORD.c.sequence).in_(places)
    )
    return {(site, row.epoch, row.sequence): row.hash for row in connection.execute(rows)}


def _conflicts(records: Iterable[Record], known: Mapping[tuple[str, int, int], str]) -> Iterable[Conflict]:
    for record in records:
        ours = known.get(record.key, record.hash)
        if ours != record.hash:
            site, epoch, sequence = record.key
            yield Conflict(site=site, epoch=epoch, sequence=sequence, ours=ours, theirs=record.hash)


def _add(connection: Connection, records: Sequence[Record], people: Mapping[str, Person]) -> None:
    if not records:
        return
    # Whoever else adds the same at the same moment has the same: the hashes of both were looked at.
    connection.execute(insert_into(connection, RECORD).on_conflict_do_nothing(), [asdict(one) for one in records])
    for record in records:
        # One after the other: the latest word on somebody takes away what was said before.
        if (person := people.get(personal_of(record) or "")) is not None:
            connection.execute(insert_into(connection, PERSON).on_conflict_do_nothing(), person)
        project(connection, record)


def note(connection: Connection, conflicts: Iterable[Conflict]) -> None:
    """Keep conflicts until somebody has looked at them."""
    rows = [asdict(one) for one in conflicts]
    if rows:
        connection.execute(insert_into(connection, CONFLICT).on_conflict_do_nothing(), rows)


def noted(connection: Connection, site: str) -> tuple[Conflict, ...]:
    """Return the conflicts of a site that were met so far."""
    rows = connection.execute(select(CONFLICT).where(CONFLICT.c.site == site)).mappings()
    return tuple(Conflict(**row) for row in rows)
