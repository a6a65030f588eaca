"""What the meters' signatures over sessions are worth, as the keys stand now. It waits for a disk."""

from collections.abc import Iterable

from .engine.sessions.model import SessionRecord
from .ledger import EvidenceBook
from .signed.judging import SessionEvidence, judge, keys_by_meter


def evidence_of(book: EvidenceBook, records: Iterable[SessionRecord]) -> dict[str, SessionEvidence]:
    """Return what was signed over whole sessions, judged; nothing for those over which nothing was.

    Of a session that runs its own register is not held beside it: it has not ended anywhere.
    """
    known = {record.id: record for record in records}
    kept = book.of(known)
    keys = keys_by_meter(book.keys()) if kept else {}
    found: dict[str, SessionEvidence] = {}
    for session, values in kept.items():
        record = known[session]
        own = (None, None) if record.ended is None else (record.energy_in, record.energy_out)
        evidence = judge([value.signed for value in values], keys, *own)
        if evidence is not None:
            found[session] = evidence
    return found
