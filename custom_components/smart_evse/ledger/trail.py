"""What was corrected of a session: by whom, when, why, and what was there before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
import json
from typing import Any

from sqlalchemy import select

from .chain import Kind, Record
from .ledger import Ledger
from .schema import PERSON, RECORD

_MANY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One correction. `why` is gone once the driver it speaks of was forgotten; `by` is the id of whoever made it."""

    at: datetime
    by: str | None
    why: str | None
    changes: Mapping[str, Any]
    before: Mapping[str, Any]


def corrections(ledger: Ledger, sessions: Iterable[str]) -> dict[str, tuple[Correction, ...]]:
    """Return what was corrected, by session, in the order in which it was."""
    found: dict[str, tuple[Correction, ...]] = {}
    mine = (RECORD.c.site == ledger.site) & (RECORD.c.kind == Kind.CORRECTION)
    # By subject first, as the key has them: by place alone all records of the site would be read.
    order = (RECORD.c.subject, RECORD.c.epoch, RECORD.c.sequence)
    with ledger.database.read() as connection:
        for some in batched(sessions, _MANY, strict=False):
            rows = connection.execute(select(RECORD).where(mine, RECORD.c.subject.in_(some)).order_by(*order))
            records = [Record(**row) for row in rows.mappings()]
            digests = [record.read().get("personal") for record in records]
            kept = select(PERSON.c.digest, PERSON.c.body).where(PERSON.c.digest.in_(digests))
            personal = {row.digest: json.loads(row.body) for row in connection.execute(kept)}
            for record in records:
                found[record.subject] = (*found.get(record.subject, ()), _made(record, personal))
    return found


def _made(record: Record, personal: Mapping[str, Any]) -> Correction:
    body = record.read()
    return Correction(
        at=datetime.fromisoformat(record.at),
        by=body.get("by"),
        why=personal.get(body.get("personal", ""), {}).get("why"),
        changes=body["changes"],
        before=body["before"],
    )
