"""The life of a session: plug-in to plug-out, over restarts, silences and registers that break.

Pauses do not end it, nor does a fault or a charger that says nothing. What its register shows is never lost; where nobody
saw when it flowed the interval says so.
"""

from dataclasses import dataclass

from .model import Interval, SessionRecord
from .moment import Moment
from .opened import OpenSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A session carried on by one moment.

    `state` is to be saved with `intervals` and `closed` in one transaction: a state that is older than its intervals
    would tell them again. It is kept when no car is there, too: it knows the register that the next one begins
    at. `intervals` are those that this moment finished, all of `session`; `closed` comes once, at the end.
    """

    state: OpenSession | None
    session: str | None = None
    intervals: tuple[Interval, ...] = ()
    closed: SessionRecord | None = None


def follow(state: OpenSession | None, moment: Moment) -> Followed:
    """Carry a session on to a new moment; one that is not newer than the last changes nothing."""
    raise NotImplementedError
