"""Reads a ledger as an auditor does: every seal, every link, every table beside what the records say."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from sqlalchemy import Connection, select

from .chain import GENESIS, Json, Kind, Record, commitment, digest_of
from .epochs import Tip
from .parties import is_forgotten
from .schema import PARTY, PERSON, RECORD, SESSION
from .writing import later_than

MOST_FINDINGS = 100
"""A ledger that is broken throughout is told by its first hundred places."""

PARTIES = frozenset({Kind.DRIVER, Kind.CARD, Kind.GUEST})


class Flaw(StrEnum):
    """What may be wrong."""

    CHANGED = "changed"
    """A record is not what was sealed."""
    UNLINKED = "unlinked"
    """It does not hold the record before."""
    MISSING = "missing"
    """One or more are missing before it."""
    PERSONAL_CHANGED = "personal_changed"
    """What is personal is not what the record is committed to."""
    PERSONAL_MISSING = "personal_missing"
    """It is gone, and nobody put on record that it was to go."""
    TABLES = "tables"
    """A table does not say what the records say; `rebuild` makes it anew."""
    FILE = "file"
    """The database itself finds its file damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Where something is wrong; `epoch` and `sequence` are 0 where it is no single record."""

    flaw: Flaw
    site: str
    epoch: int = 0
    sequence: int = 0
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was looked at and what was found, at most `MOST_FINDINGS`.

    `lost` are records that somebody knew before a backup was restored, and that never came back.
    """

    records: int
    findings: tuple[Finding, ...] = ()
    lost: tuple[Tip, ...] = ()

    @property
    def good(self) -> bool:
        return not self.findings


def verify_records(connection: Connection, site: str) -> Verification:
    """Look at all records of a site, each by itself and each beside the one before."""
    audit = _Audit(connection, site)
    findings = tuple(islice(audit.findings(), MOST_FINDINGS))
    return Verification(records=audit.count, findings=findings, lost=audit.lost())


def records_of(connection: Connection, site: str, after: Tip | None = None) -> Iterator[Record]:
    """Yield all records of a site in order, or those after a place."""
    rows = select(RECORD).where(RECORD.c.site == site).order_by(RECORD.c.epoch, RECORD.c.sequence)
    if after is not None:
        rows = rows.where(later_than(after))
    streamed = connection.execute(rows.execution_options(yield_per=1000))
    for row in streamed.mappings():
        yield Record(**row)


class _Audit:
    """One walk along the records of a site."""

    def __init__(self, connection: Connection, site: str) -> None:
        self.count = 0
        self._connection = connection
        self._site = site
        self._openings: list[Json] = []

    def findings(self) -> Iterator[Finding]:
        before: Record | None = None
        for record in records_of(self._connection, self._site):
            self.count += 1
            for flaw in (*self._seal(record), *self._link(record, before), *self._person(record)):
                yield Finding(
                    flaw=flaw, site=self._site, epoch=record.epoch, sequence=record.sequence, subject=record.subject
                )
            before = record

    def lost(self) -> tuple[Tip, ...]:
        known = (Tip(epoch=e, sequence=s, hash=h) for body in self._openings for e, s, h in body["lost"])
        return tuple(tip for tip in known if self._hash_at(tip) != tip.hash)

    def _seal(self, record: Record) -> Iterator[Flaw]:
        if digest_of(record) != record.hash:
            yield Flaw.CHANGED
        elif record.kind == Kind.EPOCH:
            self._openings.append(record.read())

    def _link(self, record: Record, before: Record | None) -> Iterator[Flaw]:
        if before and before.epoch == record.epoch:
            if before.sequence + 1 != record.sequence:
                yield Flaw.MISSING
            elif before.hash != record.previous:
                yield Flaw.UNLINKED
        elif record.kind != Kind.EPOCH:
            yield Flaw.MISSING
        elif record.previous != GENESIS and self._from(record) != record.previous:
            yield Flaw.UNLINKED

    def _person(self, record: Record) -> Iterator[Flaw]:
        if '"personal":' not in record.body or digest_of(record) != record.hash:
            return
        body = record.read()
        digest, owner = body.get("personal"), body.get("owner")
        kept = self._connection.execute(select(PERSON.c.salt, PERSON.c.body).where(PERSON.c.digest == digest)).first()
        if kept is not None:
            if commitment(kept.salt, kept.body) != digest:
                yield Flaw.PERSONAL_CHANGED
        elif not is_forgotten(self._connection, owner) and self._is_latest(record, digest):
            yield Flaw.PERSONAL_MISSING

    def _is_latest(self, record: Record, digest: str | None) -> bool:
        """Whether this is what should still be known: of a driver only the latest word is kept."""
        if record.kind == Kind.SIGNED:
            return not is_forgotten(self._connection, self._driver_of(record.subject))
        if record.kind not in PARTIES:
            return True
        here = (PARTY.c.kind == record.kind) & (PARTY.c.id == record.subject)
        row = self._connection.execute(select(PARTY.c.digest, PARTY.c.gone).where(here)).first()
        return row is None or (row.gone is None and row.digest == digest)

    def _driver_of(self, session: str) -> str | None:
        here = (SESSION.c.site == self._site) & (SESSION.c.id == session)
        found: str | None = self._connection.execute(select(SESSION.c.driver).where(here)).scalar()
        return found

    def _from(self, record: Record) -> str | None:
        """Return the hash of the record that an epoch says it goes on from."""
        if digest_of(record) != record.hash:
            return None
        epoch, sequence, _ = record.read()["from"]
        return self._hash_at(Tip(epoch=epoch, sequence=sequence))

    def _hash_at(self, tip: Tip) -> str | None:
        key = (RECORD.c.site == self._site) & (RECORD.c.epoch == tip.epoch) & (RECORD.c.sequence == tip.sequence)
        found: str | None = self._connection.execute(select(RECORD.c.hash).where(key)).scalar()
        return found
