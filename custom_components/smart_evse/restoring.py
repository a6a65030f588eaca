"""What a journal from an older backup may not tell once more: the copy has told it, and it is on record again."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace

from .engine.model import ConnectorId
from .engine.sessions.imported import Imported
from .engine.sessions.model import Interval, SessionRecord
from .engine.sessions.retelling import untold, untold_record
from .journal import Journal, Page
from .ledger.running import joined

type Kept = Mapping[str, tuple[Interval, ...]]
"""The finished intervals of sessions that run, as the ledger has them, by session."""


def reconcile(journal: Journal, told: Iterable[SessionRecord], kept: Kept) -> tuple[Page, ...]:
    """Let each connector go on where its sessions on record ended; return what is to be written for that.

    `told` are sessions that have ended. What waits to be written is left with what none of them has told.
    """
    ended = [record for record in told if record.ended is not None]
    pages = []
    for key in tuple(journal.states):
        mine = [record for record in ended if record.connector == key]
        pages += _reconciled(journal, key, mine, kept) if mine else []
    return tuple(pages)


def _reconciled(journal: Journal, key: ConnectorId, told: list[SessionRecord], kept: Kept) -> list[Page]:
    before = journal.states[key]
    waiting = [page for page in journal.waiting if page.state.connector == key]
    flowed = dict(kept)
    for page in waiting:
        if page.session is not None:
            flowed[page.session] = joined(flowed.get(page.session, ()), page.intervals)
    after, own = untold(before, flowed.get(before.id, ()), told)
    instead = dict(_instead(waiting, flowed, told))
    if after == before and not instead:
        return []
    gone = set(instead)
    if (before.active or before.left is not None) and after != before:
        gone.add(before.id)
    journal.states[key] = after
    journal.waiting = [_without(page, gone, instead) for page in journal.waiting]
    session = after.id if after.active or after.left is not None else None
    number = journal.next_number()
    return [Page(number=number, state=after, session=session, intervals=own, forget=tuple(sorted(gone)))]


def _instead(pages: Iterable[Page], flowed: Kept, told: list[SessionRecord]) -> Iterator[tuple[str, Imported | None]]:
    """Yield the sessions that wait to be put on record and have told something again, and what is left of each."""
    for page in pages:
        if (closed := page.closed) is not None:
            rest = untold_record(closed, flowed.get(closed.id, ()), told)
            if rest is None or rest.record is not closed:
                yield closed.id, rest


def _without(page: Page, gone: Container[str], instead: Mapping[str, Imported | None]) -> Page:
    """Return a page without what others have told."""
    if page.session not in gone:
        return page
    rest = None if page.closed is None else instead.get(page.closed.id)
    if rest is None:
        return replace(page, session=None, intervals=(), closed=None)
    return replace(page, session=rest.record.id, intervals=rest.intervals, closed=rest.record)
