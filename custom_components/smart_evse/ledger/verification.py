"""Reads a ledger as an auditor does: every seal, every link, every number."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from .chain import Record, digest_of
from .schema import RECORD

MOST_FINDINGS = 100
"""A ledger that is broken throughout is told by its first hundred places."""


class Flaw(StrEnum):
    """What may be wrong with a record."""

    CHANGED = "changed"
    """It is not what was sealed."""
    UNLINKED = "unlinked"
    """It does not hold the record before."""
    MISSING = "missing"
    """One or more are missing before it."""
    PERSONAL_CHANGED = "personal_changed"
    """What is personal is not what the record is committed to."""
    PERSONAL_MISSING = "personal_missing"
    """It is gone, and nobody put on record that it was to go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Where something is wrong."""

    flaw: Flaw
    site: str
    epoch: int
    sequence: int
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was looked at and what was found, at most `MOST_FINDINGS`."""

    records: int
    findings: tuple[Finding, ...] = ()

    @property
    def good(self) -> bool:
        return not self.findings


def verify(connection: Connection, site: str) -> Verification:
    """Look at all records of a site."""
    findings: list[Finding] = []
    count = 0
    for count, (record, flaws) in enumerate(_judged(connection, site), 1):  # noqa: B007 - the last count is the answer
        for flaw in flaws:
            if len(findings) < MOST_FINDINGS:
                findings.append(
                    Finding(flaw=flaw, site=site, epoch=record.epoch, sequence=record.sequence, subject=record.subject)
                )
    return Verification(records=count, findings=tuple(findings))


def records_of(connection: Connection, site: str) -> Iterator[Record]:
    """Yield all records of a site in order."""
    rows = select(RECORD).where(RECORD.c.site == site).order_by(RECORD.c.epoch, RECORD.c.sequence)
    streamed = connection.execution_options(yield_per=1000).execute(rows)
    for row in streamed.mappings():
        yield Record(**row)


def _judged(connection: Connection, site: str) -> Iterator[tuple[Record, list[Flaw]]]:
    before: Record | None = None
    for record in records_of(connection, site):
        yield record, _flaws(record, before)
        before = record


def _flaws(record: Record, before: Record | None) -> list[Flaw]:
    flaws = []
    if digest_of(record) != record.hash:
        flaws.append(Flaw.CHANGED)
    if before and before.epoch == record.epoch:
        if before.sequence + 1 != record.sequence:
            flaws.append(Flaw.MISSING)
        elif before.hash != record.previous:
            flaws.append(Flaw.UNLINKED)
    return flaws
