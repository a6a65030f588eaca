"""What a journal from an older backup may not tell once more: the copy has told it, and it is on record again."""

from collections.abc import Iterable
from dataclasses import replace

from .engine.sessions.counter import Counter
from .engine.sessions.model import Mark, SessionRecord
from .engine.sessions.opened import OpenSession
from .journal import Journal, Page

_UNSEEN = frozenset({Mark.RECONSTRUCTED, Mark.PROVISIONAL})
"""The marks of a stay that nobody saw: only the register told of it."""


def reconcile(journal: Journal, told: Iterable[SessionRecord]) -> None:
    """Let each connector go on where its last session on record ended.

    `told` are all sessions that have ended. What waits to be written of a time that one of them covers is dropped.
    """
    ended = [record for record in told if record.ended is not None]
    for key, state in list(journal.states.items()):
        mine = [record for record in ended if record.connector == key]
        journal.states[key] = _from_there(state, mine)
        journal.waiting = [_without(page, mine) if page.state.connector == key else page for page in journal.waiting]


def _from_there(state: OpenSession, ended: list[SessionRecord]) -> OpenSession:
    """Return how a connector stands whose running session has ended, or whose register has gone on, meanwhile."""
    if state.active and any(record.id == state.id for record in ended):
        state = replace(state, active=False, left=None, power=0.0)
    if state.active:
        return state
    taken, given = _top(state.taken, ended, "taken"), _top(state.given, ended, "given")
    return replace(state, taken=taken, given=given)


def _top(counter: Counter, ended: list[SessionRecord], direction: str) -> Counter:
    last = [getattr(record, direction).stop for record in ended]
    highest = max((round(value) for value in last if value is not None), default=None)
    if counter.last is None or highest is None or highest <= counter.last:
        return counter
    return replace(counter, last=highest, doubted=None)


def _without(page: Page, ended: list[SessionRecord]) -> Page:
    """Return a page without a stay that nobody saw, where a session on record covers its register."""
    closed = page.closed
    if closed is None or not closed.marks <= _UNSEEN or closed.taken.stop is None:
        return page
    highest = max((record.taken.stop for record in ended if record.taken.stop is not None), default=None)
    if highest is None or closed.taken.stop > highest:
        return page
    return replace(page, session=None, intervals=(), closed=None)
