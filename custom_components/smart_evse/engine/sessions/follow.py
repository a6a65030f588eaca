"""The life of a session: plug-in to plug-out, over restarts, silences and registers that break.

Pauses do not end it, nor does a fault or a charger that says nothing. What its register shows is never lost; where
nobody saw when it flowed, the interval says so.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from .arriving import begun_unseen, empty, fresh, passed_unseen, unseen, waiting
from .counter import WATCHED
from .ending import ended
from .metering import Metered, is_behind, meter, meter_at
from .model import Interval, SessionRecord
from .moment import Moment, sound
from .opened import OpenSession
from .passing import passed


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A session carried on by one moment.

    `state` is to be saved with `intervals` and `closed` in one transaction: a state that is older than its intervals
    would tell them again. It is kept when no car is there, too, and if none ever was: it knows the register that the
    next session begins at. `intervals` are those that this moment finished, all of `session`; `closed` comes once, at
    the end.
    """

    state: OpenSession
    session: str | None = None
    intervals: tuple[Interval, ...] = ()
    closed: SessionRecord | None = None


def follow(state: OpenSession | None, moment: Moment) -> Followed:
    """Carry a session on to a new moment; one that is not newer than the last changes nothing."""
    if state is not None and moment.run == state.heard_run and moment.now <= state.heard:
        return Followed(state=state)
    moment = sound(moment)
    told = moment.state is not None and not moment.state.faulty
    plugged = moment.state is not None and moment.state.plugged
    if state is None:
        return Followed(state=fresh(moment) if plugged else empty(moment))
    if state.left is not None:
        return _leaving(state, state.left, moment)
    if state.active:
        return _running(state, moment, stays=plugged or not told)
    if not told:
        return Followed(state=state)
    return _arrived(state, moment) if plugged else _empty(state, moment)


def _running(state: OpenSession, moment: Moment, *, stays: bool) -> Followed:
    if stays and _is_another(state, moment):
        end = ended(state, state.until)
        left = replace(end.state, stray=True, heard=moment.now, heard_run=moment.run)
        return Followed(state=left, session=state.id, intervals=end.intervals, closed=end.record)
    metered = meter(state, moment)
    if stays:
        return Followed(state=metered.state, session=state.id, intervals=metered.intervals)
    if is_behind(metered) and passed(state, moment).watched:
        left = replace(metered.state, active=False, power=0.0, left=max(moment.at, state.until))
        return Followed(state=left, session=state.id, intervals=metered.intervals)
    end = ended(metered.state, moment.at)
    left = replace(end.state, at=moment.at, now=moment.now, run=moment.run)
    return Followed(state=left, session=state.id, intervals=metered.intervals + end.intervals, closed=end.record)


def _leaving(state: OpenSession, left: datetime, moment: Moment) -> Followed:
    """Wait for the last word of a register that is behind, but no longer than a minute and not for the next car's."""
    waited = (moment.at - left).total_seconds()
    last = Metered(state=state)
    if moment.run == state.heard_run:
        last = meter_at(state, left, moment)
        plugged = moment.state is not None and moment.state.plugged
        if is_behind(last) and not plugged and 0 <= waited < WATCHED:
            return Followed(state=last.state, session=state.id, intervals=last.intervals)
    end = ended(last.state, left)
    gone = replace(end.state, left=None)
    if moment.run == state.heard_run and last.certain:
        gone = replace(gone, at=moment.at, now=moment.now)
    return Followed(state=gone, session=state.id, intervals=last.intervals + end.intervals, closed=end.record)


def _is_another(state: OpenSession, moment: Moment) -> bool:
    """Whether the charger has begun another session while nobody looked; one that we see begin is the same stay."""
    if state.charger_session is None or moment.charger_session is None:
        return False
    return state.charger_session != moment.charger_session and not passed(state, moment).watched


def _empty(state: OpenSession, moment: Moment) -> Followed:
    """No car, and none before: what the register shows more was taken by one that nobody saw."""
    left = waiting(state, moment)
    energy = unseen(state, moment)
    if not any(energy) or passed(state, moment).watched:
        return Followed(state=left)
    told, interval = passed_unseen(state, moment, energy)
    return Followed(state=left, session=told.id, intervals=(interval,), closed=told)


def _arrived(state: OpenSession, moment: Moment) -> Followed:
    """Begin a session; energy since the last look is this car's, unless another has left meanwhile."""
    energy = unseen(state, moment)
    if state.stray and any(energy):
        told, interval = passed_unseen(state, moment, energy)
        return Followed(state=fresh(moment), session=told.id, intervals=(interval,), closed=told)
    begun = begun_unseen(state, moment)
    if begun.now == moment.now and begun.run == moment.run:
        return Followed(state=begun)
    metered = meter(begun, moment)
    return Followed(state=metered.state, session=begun.id, intervals=metered.intervals)
